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

    private static TaskScore Score(string task, string right)
    {
        Estimate value = Estimate.Of([.. right.Select(c => (double)(c - '0'))]);
        return new TaskScore(task, "acc", value.Value, value.StandardError, right);
    }
}
