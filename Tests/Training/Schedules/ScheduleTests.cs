using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Schedules;

public class ScheduleTests
{
    public static TheoryData<string> CosineCases => GoldenFiles.OfOp("C_ops", "cosine");

    [Theory]
    [MemberData(nameof(CosineCases))]
    public void TheCosineMatchesTheReference(string file)
    {
        using var golden = GoldenCase.Open("C_ops", file);
        Schedule schedule = new(
            golden.Config.GetProperty("warmup").GetInt32(), golden.Config.GetProperty("total").GetInt32(),
            golden.Config.GetProperty("min_ratio").GetSingle());

        golden.AssertClose("out.factor", Array.ConvertAll(golden.Ids("in.step"), step => schedule.Factor(step)));
    }

    [Theory]
    [InlineData(ScheduleKind.Cosine, 0.55f)]
    [InlineData(ScheduleKind.Linear, 0.55f)]
    [InlineData(ScheduleKind.Constant, 1f)]
    public void AllRiseAlikeAndFallAsTheyAreCalled(ScheduleKind kind, float halfWay)
    {
        Schedule schedule = new(Warmup: 10, Total: 30, Final: 0.1f, kind);
        float end = kind == ScheduleKind.Constant ? 1f : 0.1f;

        Assert.Equal([0f, 0.1f, 0.9f, 1f], new long[] { 0, 1, 9, 10 }.Select(schedule.Factor));
        Assert.Equal(halfWay, schedule.Factor(20), 1e-6f);
        Assert.Equal(end, schedule.Factor(30), 1e-6f);
        Assert.Equal(end, schedule.Factor(long.MaxValue), 1e-6f);
    }

    [Fact]
    public void TheStraightLineIsStraight()
    {
        Schedule schedule = new(Warmup: 0, Total: 8, Kind: ScheduleKind.Linear);
        Assert.Equal([1f, 0.875f, 0.75f, 0.625f, 0.5f, 0.375f, 0.25f, 0.125f, 0f], Enumerable.Range(0, 9).Select(step => schedule.Factor(step)));
    }

    [Fact]
    public void AStepBeforeTheFirstIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Schedule(1, 2).Factor(-1));
}
