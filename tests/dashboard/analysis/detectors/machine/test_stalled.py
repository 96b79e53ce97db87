import numpy as np

from barograph.dashboard.analysis.detectors.detector import Facts, News
from barograph.dashboard.analysis.detectors.machine.stalled import detector
from barograph.dashboard.analysis.detectors.severity import Severity

STEPS = np.arange(500)


def run(seconds, signal="step_time"):
    watch = detector.start(Facts(planned=1000))
    values = np.full(500, seconds) if signal == "step_time" else np.cumsum(np.full(500, seconds))
    assert not watch.see(News(499, {signal: {(): (STEPS, values)}}, idle=1.0))
    return watch


def hear(watch, idle, state="running"):
    return watch.see(News(499, state=state, idle=idle))


def test_a_silence_of_many_steps():
    for signal in ("step_time", "time"):
        watch = run(0.5, signal)
        assert not hear(watch, 50)
        (one,) = hear(watch, 70)
        assert (one.first, one.severity, one.open) == (499, Severity.WATCH, True) and "70 s" in one.sentence
        (worse,) = hear(watch, 700)
        assert worse.severity == Severity.ACT and worse.key == one.key and "12 min" in worse.sentence


def test_slow_steps_are_given_time():
    watch = run(20.0)
    assert not hear(watch, 590) and hear(watch, 610)


def test_a_silence_no_longer_than_earlier_evaluations():
    watch = detector.start(Facts())
    clock = np.cumsum(np.where(STEPS % 100 == 99, 300.0, 1.0))
    watch.see(News(499, {"time": {(): (STEPS, clock)}}))
    assert not hear(watch, 400) and hear(watch, 1000)


def test_it_closes_when_the_run_is_heard_of_again():
    watch = run(0.5)
    hear(watch, 100)
    (one,) = watch.see(News(500, {"step_time": {(): (np.array([500]), np.array([0.5]))}}))
    assert not one.open and one.last == 499


def test_a_run_that_stopped_before_its_end_is_a_note():
    (one,) = hear(run(0.5), 0.0, state="stopped")
    assert one.severity == Severity.NOTE and "499 of 1,000" in one.sentence
    assert not hear(run(0.5), 0.0, state="finished")


def test_a_run_without_points_is_not_judged():
    assert not detector.start(Facts()).see(News(-1, idle=1e6))
