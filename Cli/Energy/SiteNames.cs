using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Cli.Energy;

/// <summary>What places of spikes are called in tables and files.</summary>
internal static class SiteNames
{
    public static string Of(SpikeSite site) => site switch
    {
        SpikeSite.InProj => "in_proj",
        SpikeSite.OutProj => "out_proj",
        SpikeSite.AttentionOut => "attention_out",
        SpikeSite.FeedForwardOut => "ffn_out",
        SpikeSite.Map => "attention_map",
        SpikeSite.Mixed => "attention_values",
        _ => site.ToString().ToLowerInvariant(),
    };
}
