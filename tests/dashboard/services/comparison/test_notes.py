"""What a reader must know before believing a comparison: one sentence for each reason to doubt."""

from barograph.dashboard.analysis.statistics.difference import Seeds
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
    results = [a_run(str(i), lr_fraction=0.9) for i in range(6)] + [a_run("z", 50, lr_fraction=0.0, not_finite=1200)]
    found = notes(compared(*results, config={"lr": [], "width": []}))
    assert found[0].startswith("Not decayed yet: 0, 1, 2, 3, ....")
    assert "1,200 values are not finite; they count in no mean." in found
    assert "The runs ended at different steps." in found and "differ in 2 keys" in found[-1]


def test_where_no_run_has_decayed_none_is_at_a_disadvantage():
    found = notes(compared(a_run("a", lr_fraction=0.9), a_run("b", lr_fraction=0.8)))
    assert not any("decayed" in sentence for sentence in found)
