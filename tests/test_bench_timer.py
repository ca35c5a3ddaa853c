"""The paired timer: ratios, their spread, blocks, places, and when it has enough."""

import gc

import pytest

from conformance import timer


class Clock:
    """Time that passes only where a test says so, so that no other process has a say in what is measured."""

    now = 0.0

    def perf_counter(self):
        return self.now

    def busy(self, seconds):
        """A call that takes so long."""

        def call():
            self.now += seconds

        return call


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(timer, "time", made)
    return made


def paired(first, second, wait=lambda: None, **options):
    return timer.paired(timer.Calls(torch=first, numpy=second, wait=wait), **options)


def test_the_ratio_is_first_over_second(clock):
    timed = paired(clock.busy(300e-6), clock.busy(100e-6), longest=0.1)
    assert (timed.ratio, timed.low, timed.high) == pytest.approx((3, 3, 3))
    assert (timed.torch.seconds, timed.numpy.seconds) == pytest.approx((300e-6, 100e-6))
    assert timed.blocks >= 7


def test_the_quartiles_tell_the_spread(clock):
    slow = iter(range(100))

    def unsteady():
        clock.now += 0.01 * (1 + next(slow) % 5)

    timed = paired(unsteady, clock.busy(0.01), longest=3)
    assert timed.low < timed.ratio < timed.high
    assert timed.ratio == pytest.approx(3, abs=0.5)


def test_no_more_pairs_are_taken_than_the_median_needs(clock):
    steady = paired(clock.busy(300e-6), clock.busy(100e-6), longest=1)
    assert steady.blocks == 15
    turns = iter(range(10_000))

    def unsteady():
        clock.now += 0.0015 * (1 + 0.05 * (next(turns) % 3))

    busier = paired(unsteady, clock.busy(0.0015), longest=1)
    assert 15 < busier.blocks < 100
    assert busier.ratio == pytest.approx(1.05, rel=0.03)


def test_long_calls_are_paired_three_times(clock):
    assert paired(clock.busy(1.0), clock.busy(0.5)).blocks == 3


@pytest.mark.parametrize(("seconds", "calls"), [(0.5, 4), (0.001, 34)])
def test_a_call_before_the_first_block_of_a_place_is_made_of_short_ones_only(clock, seconds, calls):
    made = []

    def placed():
        return timer.Calls(
            torch=lambda: (made.append(1), clock.busy(seconds)()), numpy=clock.busy(seconds), elsewhere=placed
        )

    timer.paired(placed(), block=0.0015)
    assert len(made) == calls


def test_a_place_that_takes_more_pairs_counts_no_more_than_another(clock):
    turns = iter(range(10_000))

    def unsteady():
        clock.now += 0.002 * (3 + next(turns) % 3)

    def placed(first):
        steady = clock.busy(0.002)
        return timer.Calls(torch=first, numpy=steady, elsewhere=lambda: placed(steady))

    timed = timer.paired(placed(unsteady), longest=1)
    assert timed.blocks > 15
    assert timed.ratio == pytest.approx(1)


def test_the_inputs_are_timed_in_several_places(clock):
    speeds = iter((1.0, 2.0, 4.0))

    def placed():
        return timer.Calls(torch=clock.busy(0.001 * next(speeds)), numpy=clock.busy(0.001), elsewhere=placed)

    timed = timer.paired(placed(), longest=0.15)
    assert (timed.ratio, timed.blocks) == (pytest.approx(2), 15)
    assert timed.low < 2 < timed.high


def test_one_interrupted_block_does_not_move_the_ratio(clock):
    calls = iter(range(10_000))

    def interrupted():
        clock.now += 100e-6 + (1.0 if next(calls) == 400 else 0)

    timed = paired(interrupted, clock.busy(50e-6), longest=0.1)
    assert timed.ratio == pytest.approx(2)


def test_a_block_is_neither_one_call_nor_long(clock):
    assert timer.calibrated(clock.busy(100e-6), lambda: None, 0.0015) == 15
    assert timer.calibrated(clock.busy(0.005), lambda: None, 0.0015) == 1


def test_an_interruption_does_not_shorten_the_blocks(clock):
    calls = iter(range(10_000))

    def interrupted():
        clock.now += 100e-6 + (0.012 if next(calls) == 0 else 0)

    assert timer.calibrated(interrupted, lambda: None, 0.0015) == 15


def test_a_long_call_is_made_once_to_learn_that_it_is_long(clock):
    calls = []

    def long():
        calls.append(1)
        clock.now += 0.3

    assert timer.calibrated(long, lambda: None, 0.0015) == 1
    assert len(calls) == 1


def test_each_side_goes_first_every_other_time():
    seen = []
    paired(lambda: seen.append("a"), lambda: seen.append("b"), block=0, longest=0)
    order = "".join(seen[-6:])
    assert order in ("abbaab", "baabba")


def test_no_garbage_is_collected_during_a_block():
    seen = []
    paired(lambda: seen.append(gc.isenabled()), lambda: seen.append(gc.isenabled()), block=0, longest=0)
    assert not any(seen)
    assert gc.isenabled()


def test_the_device_is_waited_for_within_the_block(clock):
    pending = []

    def wait():
        clock.now += 0.0005 * len(pending)
        pending.clear()

    timed = paired(lambda: pending.append(1), clock.busy(0.0001), wait, longest=0.1)
    assert timed.torch.seconds == pytest.approx(0.0005)
    assert timed.numpy.seconds == pytest.approx(0.0001)
