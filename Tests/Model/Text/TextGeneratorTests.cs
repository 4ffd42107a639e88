using SpikeEngine.Model;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

/// <summary>A model that has learnt nothing says something all the same, and the same for a seed.</summary>
[Collection(Lanes.Name)]
public sealed class TextGeneratorTests
{
    private const string Prompt = "The stream ";

    private static readonly Tokenizer s_tokenizer = Tokenizer.Load(Path.Combine(TokenizerVectors.Folder, "tiny_tokenizer.json"));
    private static readonly Mamba2Decoder s_decoder = new(TinyModels.Dense(TinyModels.Config with { VocabSize = s_tokenizer.VocabSize + 3 }));
    private static readonly GenerationOptions s_options = new() { MaxTokens = 40, Sampling = new SamplingOptions { Seed = 2 } };

    [Fact]
    public async Task It_says_what_session_and_sampler_say_by_hand()
    {
        DecoderSession session = s_decoder.NewSession();
        Sampler sampler = new(s_options.Sampling);
        List<int> expected = [];
        session.Prefill(s_tokenizer.Encode(Prompt));
        for (int i = 0; i < s_options.MaxTokens; i++)
        {
            expected.Add(sampler.Next(session.Logits));
            session.Step(expected[^1]);
        }

        TextGenerator generator = New();
        (string text, GeneratedToken[] tokens) = await All(generator.StreamPiecesAsync(Prompt, s_options));
        Assert.Equal(expected, tokens.Select(t => t.Id));
        Assert.Equal(s_tokenizer.Decode(expected.ToArray(), skipSpecialTokens: true), text);
        Assert.Equal(text, string.Concat(await New().StreamAsync(Prompt, s_options).ToArrayAsync()));

        GenerationStatistics statistics = generator.Statistics;
        Assert.Equal((FinishReason.MaxTokens, expected.Count), (statistics.FinishReason, statistics.Tokens));
        Assert.Equal(s_tokenizer.Encode(Prompt).Length, statistics.PromptTokens);
        Assert.True(statistics.PrefillTokensPerSecond > 0 && statistics.TokensPerSecond > 0);
        Assert.Equal((expected.Count - 1) / statistics.DecodeTime.TotalSeconds, statistics.TokensPerSecond, 1e-9);
    }

    [Fact]
    public async Task A_piece_is_whole_characters()
    {
        foreach (string piece in await New().StreamAsync(Prompt, s_options with { MaxTokens = 400 }).ToArrayAsync())
        {
            Assert.False(char.IsLowSurrogate(piece[0]));
            Assert.False(char.IsHighSurrogate(piece[^1]));
        }
    }

    [Fact]
    public async Task A_stop_string_ends_the_text_before_it_wherever_the_tokens_end()
    {
        string all = string.Concat(await New().StreamAsync(Prompt, s_options).ToArrayAsync());
        for (int start = 0; start < all.Length - 3; start++)
        {
            string stop = all.Substring(start, 3);
            if (char.IsLowSurrogate(stop[0]) || char.IsHighSurrogate(stop[^1]))
                continue;
            TextGenerator generator = New();
            (string text, GeneratedToken[] tokens) = await All(
                generator.StreamPiecesAsync(Prompt, s_options with { StopStrings = ["never said", stop] }));
            Assert.Equal(all[..all.IndexOf(stop, StringComparison.Ordinal)], text);
            Assert.Equal(FinishReason.StopString, generator.Statistics.FinishReason);
            Assert.Equal(generator.Statistics.Tokens, tokens.Length);
        }
    }

    [Fact]
    public async Task What_only_looked_like_a_stop_string_comes_at_the_end()
    {
        string all = string.Concat(await New().StreamAsync(Prompt, s_options).ToArrayAsync());
        TextGenerator generator = New();
        Assert.Equal(all, string.Concat(await generator.StreamAsync(Prompt, s_options with { StopStrings = [all[^2..] + "…"] }).ToArrayAsync()));
        Assert.Equal(FinishReason.MaxTokens, generator.Statistics.FinishReason);
    }

    [Fact]
    public async Task A_stop_token_ends_the_text_before_it()
    {
        (_, GeneratedToken[] tokens) = await All(New().StreamPiecesAsync(Prompt, s_options));
        int stop = tokens[7].Id;
        TextGenerator generator = New();
        (_, GeneratedToken[] stopped) = await All(generator.StreamPiecesAsync(Prompt, s_options with { StopTokens = [stop] }));
        Assert.Equal(tokens.Select(t => t.Id).TakeWhile(id => id != stop), stopped.Select(t => t.Id));
        Assert.Equal(FinishReason.StopToken, generator.Statistics.FinishReason);
    }

    [Fact]
    public async Task The_end_of_the_text_ends_it()
    {
        // A head of zeros gives equal logits, and the end of the text is the first token.
        Assert.Equal(0, s_tokenizer.EndOfTextId);
        Mamba2LanguageModel model = TinyModels.Dense(TinyModels.Config with { VocabSize = s_tokenizer.VocabSize, TieEmbeddings = false });
        model.LmHead.Values.Clear();

        TextGenerator generator = new(new Mamba2Decoder(model), s_tokenizer);
        Assert.Empty(await generator.StreamPiecesAsync(Prompt, s_options with { Sampling = new SamplingOptions { Temperature = 0f } }).ToArrayAsync());
        Assert.Equal((FinishReason.EndOfText, 0), (generator.Statistics.FinishReason, generator.Statistics.Tokens));
    }

    [Fact]
    public async Task No_tokens_are_no_text_but_the_prompt_is_read()
    {
        TextGenerator generator = New();
        Assert.Empty(await generator.StreamPiecesAsync(Prompt, s_options with { MaxTokens = 0 }).ToArrayAsync());
        Assert.Equal(FinishReason.MaxTokens, generator.Statistics.FinishReason);
        Assert.Equal(
            await New().StreamAsync(Prompt, s_options).ToArrayAsync(),
            await generator.StreamAsync("", s_options).ToArrayAsync());
    }

    [Fact]
    public async Task Log_probabilities_are_those_of_the_model_itself()
    {
        GenerationOptions options = s_options with { LogProbabilities = 3, Sampling = new() { Temperature = 2f, RepetitionPenalty = 1.5f } };
        (_, GeneratedToken[] tokens) = await All(New().StreamPiecesAsync(Prompt, options));
        DecoderSession session = s_decoder.NewSession();
        session.Prefill(s_tokenizer.Encode(Prompt));
        foreach (GeneratedToken token in tokens)
        {
            LogProbabilities expected = new(session.Logits);
            Assert.Equal(expected[token.Id], token.LogProbability!.Value, 1e-9);
            Assert.Equal(expected.Top(3), token.Alternatives);
            session.Step(token.Id);
        }

        (_, GeneratedToken[] without) = await All(New().StreamPiecesAsync(Prompt, options with { LogProbabilities = null }));
        Assert.Equal(tokens.Select(t => t.Id), without.Select(t => t.Id));
        Assert.All(without, token => Assert.True(token.LogProbability is null && token.Alternatives.Count == 0));
    }

    [Fact]
    public async Task The_next_prompt_continues_the_text_until_it_is_reset()
    {
        GenerationOptions greedy = s_options with { MaxTokens = 6, Sampling = new SamplingOptions { Temperature = 0f } };
        TextGenerator generator = New();
        (_, GeneratedToken[] first) = await All(generator.StreamPiecesAsync(Prompt, greedy));
        (_, GeneratedToken[] second) = await All(generator.StreamPiecesAsync("reads", greedy));

        DecoderSession session = s_decoder.NewSession();
        session.Prefill((int[])[.. s_tokenizer.Encode(Prompt), .. first.Select(t => t.Id), .. s_tokenizer.Encode("reads")]);
        foreach (GeneratedToken token in second)
        {
            Assert.Equal(Sampler.ArgMax(session.Logits), token.Id);
            session.Step(token.Id);
        }

        generator.Reset();
        Assert.Equal(first, (await All(generator.StreamPiecesAsync(Prompt, greedy))).Tokens);
    }

    [Fact]
    public async Task The_penalty_knows_the_prompt()
    {
        SamplingOptions greedy = new() { Temperature = 0f };
        int likeliest = (await All(New().StreamPiecesAsync(Prompt, new() { MaxTokens = 1, Sampling = greedy }))).Tokens[0].Id;
        string prompt = s_tokenizer.Decode([likeliest]);
        GenerationOptions options = new() { MaxTokens = 1, Sampling = greedy with { RepetitionPenalty = 1e6f } };
        int chosen = (await All(New().StreamPiecesAsync(prompt, options))).Tokens[0].Id;
        Assert.DoesNotContain(chosen, s_tokenizer.Encode(prompt));
    }

    [Fact]
    public async Task Cancelling_stops_between_two_tokens_and_keeps_the_text()
    {
        TextGenerator generator = New();
        using CancellationTokenSource stop = new();
        List<int> ids = [];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GeneratedPiece piece in generator.StreamPiecesAsync(Prompt, s_options).WithCancellation(stop.Token))
            {
                ids.AddRange(piece.Tokens.Select(t => t.Id));
                if (ids.Count > 4)
                    await stop.CancelAsync();
            }
        });
        Assert.Equal((FinishReason.Cancelled, ids.Count), (generator.Statistics.FinishReason, generator.Statistics.Tokens));

        GenerationOptions greedy = new() { MaxTokens = 1, Sampling = new SamplingOptions { Temperature = 0f } };
        int next = (await All(generator.StreamPiecesAsync("", greedy))).Tokens[0].Id;
        DecoderSession session = s_decoder.NewSession();
        Assert.Equal(Sampler.ArgMax(session.Prefill((int[])[.. s_tokenizer.Encode(Prompt), .. ids])), next);
    }

    [Fact]
    public async Task Cancelling_stops_within_a_long_prompt_off_the_callers_thread()
    {
        string prompt = string.Concat(Enumerable.Repeat(Prompt, 30_000));
        TextGenerator generator = New();
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<string> stream = generator.StreamAsync(prompt, s_options, stop.Token).GetAsyncEnumerator();
        ValueTask<bool> first = stream.MoveNextAsync();
        Assert.False(first.IsCompleted);
        Assert.Throws<InvalidOperationException>(generator.Reset);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first);
        Assert.Equal((FinishReason.Cancelled, 0), (generator.Statistics.FinishReason, generator.Statistics.Tokens));
        generator.Reset();
    }

    [Fact]
    public async Task A_caller_that_stops_listening_stops_the_work()
    {
        TextGenerator generator = New();
        await foreach (string piece in generator.StreamAsync(Prompt, s_options))
            break;
        Assert.Null(generator.Statistics.FinishReason);
        Assert.InRange(generator.Statistics.Tokens, 1, 8);
        generator.Reset();
    }

    [Fact]
    public async Task One_generation_at_a_time()
    {
        TextGenerator generator = New();
        await using IAsyncEnumerator<string> running = generator.StreamAsync(Prompt, s_options).GetAsyncEnumerator();
        await running.MoveNextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await generator.StreamAsync(Prompt, s_options).ToArrayAsync());
    }

    [Fact]
    public async Task Several_generators_write_at_once_from_one_decoder()
    {
        string[] alone = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(Text))];
        Assert.Equal(4, alone.Distinct().Count());
        Assert.Equal(await Text(2), alone[2]);

        static async Task<string> Text(int seed) => string.Concat(await New()
            .StreamAsync(Prompt, s_options with { Sampling = new SamplingOptions { Seed = (ulong)seed } }).ToArrayAsync());
    }

    [Fact]
    public void Options_are_refused_by_name_when_the_stream_is_asked_for()
    {
        Refused("MaxTokens is -1", s_options with { MaxTokens = -1 });
        Refused("TopP is 0", s_options with { Sampling = new SamplingOptions { TopP = 0f } });
        Refused("StopStrings[1] is empty", s_options with { StopStrings = ["a", ""] });
        Refused("StopStrings[0] has half a surrogate pair", s_options with { StopStrings = ["\uDE00"] });
        Refused("StopTokens[0] is -2", s_options with { StopTokens = [-2] });
        Refused("LogProbabilities is -1", s_options with { LogProbabilities = -1 });
        Refused("Sampling is null", s_options with { Sampling = null! });
        new GenerationOptions().Validate();

        static void Refused(string offence, GenerationOptions options) =>
            Assert.StartsWith(offence, Assert.Throws<ArgumentException>(() => New().StreamAsync(Prompt, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_refused()
    {
        Mamba2Decoder small = new(TinyModels.Dense(TinyModels.Config with { VocabSize = s_tokenizer.VocabSize - 1 }));
        Assert.Throws<InvalidDataException>(() => new TextGenerator(small, s_tokenizer));
    }

    private static TextGenerator New() => new(s_decoder, s_tokenizer);

    private static async Task<(string Text, GeneratedToken[] Tokens)> All(IAsyncEnumerable<GeneratedPiece> stream)
    {
        GeneratedPiece[] pieces = await stream.ToArrayAsync();
        return (string.Concat(pieces.Select(p => p.Text)), [.. pieces.SelectMany(p => p.Tokens)]);
    }
}
