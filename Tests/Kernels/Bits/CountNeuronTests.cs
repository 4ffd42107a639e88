using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels.Bits;

/// <summary>The automaton spikes as the neuron does, count by count.</summary>
public class CountNeuronTests
{
    public static TheoryData<float, float, bool, int> Neurons
    {
        get
        {
            TheoryData<float, float, bool, int> data = [];
            foreach (int steps in (int[])[1, 2, 3, 4])
            {
                foreach (bool hard in (bool[])[false, true])
                {
                    foreach ((float keep, float threshold) in ((float, float)[])[(0.9f, 0.7f), (0.5f, 1f), (0.25f, 2.6f), (0f, 0.7f), (1f, 5f)])
                        data.Add(keep, threshold, hard, steps);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Neurons))]
    public void EverySequenceOfCountsSpikesAlike(float keep, float threshold, bool hard, int steps)
    {
        const int Most = 8;
        LifDynamics neuron = new(keep, Input: 1f, Shift: 0f, threshold, hard ? 0f : threshold, hard, Detached: false, Levels: 0f);
        CountNeuron automaton = CountNeuron.Of(neuron, steps, Most);
        for (int sequence = 0; sequence < Math.Pow(Most + 1, steps); sequence++)
        {
            int state = 0, rest = sequence;
            Lanes1 v = Lanes1.Zero;
            for (int step = 0; step < steps; step++, rest /= Most + 1)
            {
                int count = rest % (Most + 1);
                Lanes1 h = neuron.Charge(v, Lanes1.Splat(count)), s = neuron.Fire(h);
                v = neuron.After(h, s);
                CountNeuron.Arc arc = automaton.Steps[step].States[state].Last(a => a.From <= count);
                Assert.Equal(Lanes1.Sum(s) != 0f, arc.Fires);
                state = arc.Next;
            }
        }
    }

    /// <summary>With a threshold below 1 any count spikes, and two leave enough for the next step.</summary>
    [Fact]
    public void ThePapersNeuronHasTwoStatesThatMatter()
    {
        CountNeuron neuron = CountNeuron.Of(new LifOptions { Tau = 10f, Threshold = 0.7f }.Dynamics(), steps: 2, mostCount: 64);
        Assert.Equal([2, 1], neuron.Steps.Select(step => step.MostLimit));
        Assert.Equal(2, neuron.Steps[1].States.Count);
        Assert.Equal(2, neuron.Short);
        Assert.Equal(0, CountNeuron.Of(new LifOptions { Tau = 10f, Threshold = 2.6f }.Dynamics(), steps: 2, mostCount: 64).Short);
        Assert.Equal(3, CountNeuron.Of(new LifOptions { Tau = 2f, Threshold = 1f }.Dynamics(), steps: 2, mostCount: 64).Short);
    }

    [Fact]
    public void WhatHasNoAutomatonIsRefused()
    {
        LifDynamics neuron = new LifOptions().Dynamics();
        Assert.Throws<ArgumentException>(() => CountNeuron.Of(neuron, steps: 5, mostCount: 8));
        Assert.Throws<ArgumentException>(() => CountNeuron.Of(new LifOptions { Tau = 10f, Threshold = 40f }.Dynamics(), steps: 4, mostCount: 128));
        Assert.Throws<ArgumentException>(() => CountNeuron.Of(neuron with { Levels = 4f }, steps: 2, mostCount: 8));
    }
}
