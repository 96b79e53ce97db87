"""What a reader must know before believing a comparison: one sentence for each reason to doubt."""

from dataclasses import replace

from barograph.dashboard.analysis.statistics.difference import Seeds
from barograph.dashboard.services.comparison.comparability import Unranked
from barograph.dashboard.services.comparison.notes import notes
from barograph.dashboard.services.comparison.result import Comparison, Result
from barograph.db import Run


def compared(*results: Result, config: dict | None = None, seeds: Seeds | None = None) -> Comparison:
    return Comparison("loss", "", "step", "a", None, results, config or {}, seeds, "lower")


def a_run(name: str, steps: int = 100, **more) -> Result:
    return Result(Run(name, name, last_step=steps), **more)


def test_equal_runs_only_lack_the_seed_noise():
    assert len(notes(compared(a_run("a"), a_run("b")))) == 1
    (known,) = notes(compared(a_run("a"), a_run("b"), seeds=Seeds(0.0123, 4)))
    assert known == "Seed noise: a standard deviation of 0.012, from 4 degrees of freedom."


def test_each_doubt_is_a_sentence():
    results = [a_run(str(i), unranked=Unranked.UNDECAYED) for i in range(6)] + [a_run("z", 50, not_finite=1200)]
    found = notes(compared(*results, a_run("d", unranked=Unranked.DATA), config={"lr": [], "width": []}))
    assert found[0].startswith("Not ranked: 0, 1, 2, 3, ...: their learning rate has not decayed as far")
    assert found[1].startswith("Not ranked: d: their loss is of other data")
    assert "1,200 values are not finite; they count in no mean." in found
    assert "The runs ended at different steps." in found and "differ in 2 keys" in found[-1]


def test_a_signal_whose_better_way_is_not_known_is_asked_for():
    (told,) = (sentence for sentence in notes(replace(compared(a_run("a")), better="neither")) if "better" in sentence)
    assert told.endswith("of loss: choose lower or higher, to rank the runs.")
