"""The zoo: its recipes, how it is scored, and a very small one that is trained, labelled and scored."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.dashboard.analysis.detectors.detector import Happening, News
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.db.records import Finding
from benchmarks.instability.zoo import Scored, pieces, score, summary, wilson
from benchmarks.zoo import grid
from benchmarks.zoo.figures import extrapolate
from benchmarks.zoo.recipes import SHAPES, Recipe


@pytest.mark.parametrize("seed_set", grid.SETS)
def test_the_grid_names_each_run_once_and_twins_differ_in_the_cure_alone(seed_set):
    made = {r.name: r for r in grid.recipes(seed_set)}
    assert len(made) == len(grid.recipes(seed_set)) >= 60
    for recipe in made.values():
        assert recipe.lr(1) > 0 and recipe.lr(recipe.steps) <= recipe.peak * 1.0001
        if recipe.twin:
            twin = made[recipe.twin]
            changed = {k for k, v in vars(recipe).items() if v != vars(twin)[k]} - {"name", "twin", "cures"}
            assert len(changed) == 1, (recipe.name, changed)


@pytest.mark.parametrize(("a", "b"), itertools.combinations(grid.SETS, 2))
def test_two_sets_share_no_seed_and_no_moment(a, b):
    one, other = grid.recipes(a), grid.recipes(b)
    assert not {r.seed for r in one} & {r.seed for r in other}
    assert all(a.begin != b.begin for a, b in zip(one, other, strict=True) if a.fault and a.fault == b.fault)
    with pytest.raises(ValueError, match="expected one of calibration, report, fresh"):
        grid.recipes("other")


def test_schedules_begin_at_the_peak_and_wsds_jumps_back_to_it():
    assert all(shape(0.0) == pytest.approx(1.0) for shape in SHAPES.values())
    wsds = np.array([SHAPES["wsds"](x) for x in np.linspace(0, 1, 3001)])
    assert (np.diff(wsds) > 0.5).sum() == 2 and wsds[-1] == pytest.approx(0.1)
    ramp = Recipe("r", 1.0, 0, schedule="ramp", begin=0.5, rise=0.2, floor=0.01, warmup=0, steps=1000)
    assert [ramp.lr(k) for k in (500, 600, 900)] == pytest.approx([0.01, 0.1, 1.0])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(1, 7))
def test_pieces_bring_every_point_once_and_in_order(gaps, every):
    steps = np.cumsum(gaps)
    loss, sparse = (steps, steps * 0.5), (steps[::every], steps[::every] * 2.0)
    news = News(int(steps[-1]), {"loss": {(): loss}, "x": {("a",): sparse}}, (Happening(int(steps[0]), "data"),))
    cut = pieces(news)
    for signal, part, points in (("loss", (), loss), ("x", ("a",), sparse)):
        seen = [piece.of(signal, part) for piece in cut]
        np.testing.assert_array_equal(np.concatenate([s for s, _ in seen]), points[0])
        np.testing.assert_array_equal(np.concatenate([v for _, v in seen]), points[1])
        assert all((s <= piece.until).all() for piece, (s, _) in zip(cut, seen, strict=True))
    assert sum(len(piece.happenings) for piece in cut) == 1 and cut[-1].until == news.until


def said(name, onset, *told, outcome="diverged", **recipe):
    """A run of which (kind, first, last, severity, said by) was told."""
    scored = Scored(
        Recipe(name, 0.1, 0, **recipe), {"outcome": outcome, "onset": onset, "mechanism": "attention_logits"}
    )
    for kind, first, last, severity, by in told:
        scored.said.setdefault((kind, "", first), {})[severity] = by
        scored.findings[kind, "", first] = Finding(kind, "", first, last, by, severity, "")
    return scored


def test_what_counts_as_caught_lead_and_false_alarm():
    watch, act = Severity.WATCH, Severity.ACT
    logits = "attention_logits", 300, 900, watch, 320
    runs = [
        said("in time", 800, logits, (*logits[:3], act, 950)),
        said("too late", 800, logits, ("divergence", 900, 1500, act, 1001)),
        said("over long before", 800, ("gradient_spike", 100, 110, watch, 110), ("divergence", 850, 1500, act, 1000)),
        said("before 200", 150),
        said("well", None, logits, outcome="healthy", schedule="rewarm"),
        said("cried wolf", None, ("divergence", 5, 9, act, 9), outcome="healthy"),
        said("spoiled", None, ("divergence", 5, 9, act, 9), outcome="spoiled"),
    ]
    assert [r.lead for r in runs[:3]] == [480, 480, 0]
    told = summary(runs)
    assert (told["runs"], told["diverged"], told["diverged_before_200"]) == (7, 4, 1)
    assert told["recall"] == pytest.approx(2 / 3) and told["missed"] == ["too late"]
    assert told["precision"] == 3 / 4 and told["false_alarm_runs_pct"] == 50 and told["median_lead_steps"] == 480
    assert told["rises_not_silent"] == ["well"] and told["spoiled_with_act"] == [1, 1]


def test_wilson_and_the_extrapolation():
    assert wilson(0, 20) == [0.0, pytest.approx(0.1611, abs=1e-4)] and math.isnan(wilson(0, 0)[0])
    assert wilson(9, 10) == [pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4)]
    sizes, rng = np.array([1e3, 3e3, 1e4, 3e4, 1e5]), np.random.default_rng(0)
    held = 0
    for _ in range(400):
        logits = 5 * sizes**0.3 * np.exp(0.2 * rng.standard_normal(5))
        _, low, high, _ = extrapolate(sizes, logits, 1e6)
        held += low < 5 * 1e6**0.3 * math.exp(0.2 * rng.standard_normal()) < high
    assert 0.86 < held / 400 < 0.94


@pytest.mark.slow
def test_a_very_small_zoo(tmp_path):
    from barograph.db import Store
    from benchmarks.zoo.labels import write
    from benchmarks.zoo.train import train

    small = {"width": 16, "heads": 2, "layers": 1, "batch": 4, "context": 32, "warmup": 20}
    made = [
        Recipe("fine", 0.01, 1, steps=300, **small),
        Recipe("ramp", 3.0, 1, steps=500, schedule="ramp", begin=0.5, floor=0.01, **small),
        Recipe("rounds", 0.01, 1, steps=450, schedule="wsds", half=True, **small),
    ]
    for recipe in made:
        train(recipe, tmp_path / "zoo.db", seed_set="test")
    store = Store(tmp_path / "zoo.db")
    told = write(store)
    assert told["fine"]["outcome"] == told["rounds"]["outcome"] == "healthy"
    assert told["ramp"]["diverged"] and 200 < told["ramp"]["onset"] < 500
    assert write(store) == told and [len(store.events(r.id)) for r in store.runs()] == [1, 1, 1]
    signals = {run.name: store.signals(run.id) for run in store.runs()}
    assert "attn_logit_peak" in signals["fine"] and "loss_scale" in signals["rounds"]
    assert Recipe(**store.run("ramp").config) == replace(made[1])
    found = score(tmp_path / "zoo.db")
    assert found["runs"] == 3 and found["diverged"] == 1 and found["failed_detectors"] == {}
    store.close()
