using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Quickstart;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Tests.Training.Studies;

/// <summary>Means, errors and gaps of a study.</summary>
public sealed class StudyStatisticsTests
{
    [Fact]
    public void The_error_of_a_mean_is_the_sample_deviation_over_the_root_of_the_count()
    {
        Estimate estimate = Estimate.Of([1, 2, 3, 6]);
        Assert.Equal((3, 4), (estimate.Value, estimate.Count));
        Assert.Equal(Math.Sqrt((4 + 1 + 0 + 9) / 3.0 / 4), estimate.StandardError, 12);
        Assert.True(double.IsNaN(Estimate.Of([1]).StandardError));
    }

    [Fact]
    public void Accuracy_is_the_mean_of_tasks_whatever_their_sizes()
    {
        Estimate accuracy = StudyStatistics.Accuracy([Score("a", "1100"), Score("b", "11111110")])!;
        Assert.Equal(100 * (0.5 + 0.875) / 2, accuracy.Value, 10);
        Assert.Null(StudyStatistics.Accuracy([]));
    }

    [Fact]
    public void A_gap_is_taken_item_by_item()
    {
        // Three items apart in the one, all alike in the other: the difference knows nothing of how hard the items are.
        Estimate gap = StudyStatistics.Gap([Score("a", "1111"), Score("b", "1010")], [Score("a", "0111"), Score("b", "1010")])!;
        Assert.Equal(100 * 0.25 / 2, gap.Value, 10);
        Assert.Equal(100 * 0.25 / 2, gap.StandardError, 10);   // differences 1, 0, 0, 0: deviation 1/2, over the root of 4, and nothing
        Assert.Null(StudyStatistics.Gap([], [Score("a", "1")]));
    }

    [Fact]
    public void Other_items_cannot_be_compared()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => StudyStatistics.Gap([Score("a", "11")], [Score("a", "111")]));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_student_predicts_best_of_those_that_save_as_much_energy_as_the_papers()
    {
        StudySummary study = Study(Student(StudyRows.Natural, 7, 0.84), Student("a", 4.7, 0.80), Student("b", 4.8, 0.82), Student("c", 9, 0.83));
        Assert.Equal("b", study.Best);
        Assert.Equal(StudyRows.Natural, Study(Student(StudyRows.Natural, 4, 0.84), Student("a", 4.7, 0.80)).Best);
        Assert.Null(Study().Best);
    }

    [Fact]
    public void Operations_are_active_inputs_times_the_outputs_behind_them()
    {
        Mamba2Config config = TinyModels.Config;
        SpikeStatistics spikes = new(config.LayerCount);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            spikes.Observe(layer, SpikeSite.InProj, (float[])[1, 0, 0, -2]);
            spikes.Observe(layer, SpikeSite.OutProj, (float[])[0, 0, 3, 0, 0]);
        }

        double expected = (2.0 * config.InProjRows + 1.0 * config.DModel) / (4.0 * config.InProjRows + 5.0 * config.DModel);
        Assert.Equal(expected, StudyMeasurement.Operations(config, spikes), 1e-12);
    }

    private static StudySummary Study(params RowResult[] rows) =>
        new(new StudyPlan(StudySystem.SpikingMamba, null, null, [], [], [], [], [], 1, 1, 1, 1), MachineDescription.Current(), rows.Length, rows);

    private static RowResult Student(string name, double blockX, double bits) => new()
    {
        Name = name, Group = StudyGroup.Activity, Label = name, Seed = 1, Settings = [], BitsPerByte = bits, Spikes = new SpikeFigures(0.3, 0.35, 0.4, blockX, blockX, blockX),
    };

    private static TaskScore Score(string task, string right)
    {
        Estimate value = Estimate.Of([.. right.Select(c => (double)(c - '0'))]);
        return new TaskScore(task, "acc", value.Value, value.StandardError, right);
    }
}
