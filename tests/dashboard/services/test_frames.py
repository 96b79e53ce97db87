"""From the store's answers to what is drawn: places, smoothing, spikes, NaN, abandoned attempts, the plan."""

import numpy as np
import pandas as pd
import pytest

from barograph.dashboard.services import frames
from barograph.dashboard.services.frames import View
from barograph.db import Run, Store
from tests.dashboard import made_up
from tests.db.series.damage import flip


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs.db")


def put(store, values, signal="loss", **fields):
    store.append(Run("r", "r", state="finished", **fields), {signal: (np.arange(len(values)), values)})


def test_smoothing_is_the_weighted_mean_it_says():
    rng = np.random.default_rng(0)
    steps = np.sort(rng.choice(2000, 300, replace=False))
    values = rng.normal(size=300)
    values[[3, 40]] = np.nan
    weight = 0.5 ** (np.abs(steps[:, None] - steps) / 25) * np.isfinite(values)
    expected = np.where(np.isfinite(values), weight @ np.nan_to_num(values) / weight.sum(1), np.nan)
    np.testing.assert_allclose(frames.smoothed(steps, pd.Series(values), 25), expected, rtol=1e-12, atol=1e-13)


def loop(steps, values, half_life):
    """The same mean, summed point by point from both sides."""
    finite = np.isfinite(values)
    points = np.stack([np.where(finite, values, 0.0), finite.astype(float)])
    keep = 0.5 ** (np.diff(steps) / half_life)
    past, future = points.copy(), points.copy()
    for i in range(1, len(steps)):
        past[:, i] += keep[i - 1] * past[:, i - 1]
        future[:, -1 - i] += keep[-i] * future[:, -i]
    total, weight = past + future - points
    return np.divide(total, weight, out=np.full(len(steps), np.nan), where=finite)


@pytest.mark.parametrize("half_life", [1, 7, 1000, 10**7])
@pytest.mark.parametrize("last", [300, 10**6, 10**9])
def test_smoothing_agrees_with_a_sum_point_by_point(half_life, last):
    rng = np.random.default_rng(half_life + last)
    steps = np.unique(rng.integers(0, last, 400))
    values = rng.normal(3, 1, len(steps))
    values[rng.random(len(steps)) < 0.1] = np.nan
    values[[0, 5, -1]] = np.nan, np.inf, np.nan
    found = frames.smoothed(steps, pd.Series(values), half_life)
    np.testing.assert_allclose(found, loop(steps, values, half_life), rtol=1e-6 if last / half_life > 1e6 else 1e-9)


def test_on_a_logarithmic_axis_the_line_stays_near_the_points(store):
    """The mean of a few large values and many small ones lies far from all of them there."""
    losses = np.where(np.arange(400) < 300, 1.0, 1e12)
    losses[50] = 0.0
    put(store, losses)
    drawn = frames.line(store, View("r", log_y=True, half_life=20), "loss")[""].set_index("step")["smooth"]
    assert drawn[150] == pytest.approx(1.0, rel=0.1) and drawn[399] > 1e11
    assert np.isnan(drawn[50]) and drawn[51] == pytest.approx(1.0, rel=0.01)


def test_smoothing_off_and_nothing_finite():
    values = pd.Series(np.arange(10.0))
    assert frames.smoothed(np.arange(10), values, 0) is values
    assert frames.smoothed(np.arange(4), pd.Series([np.nan] * 4), 3).isna().all()


def test_every_spike_of_a_long_run_is_drawn_at_its_height(store):
    values = np.full(200_000, 2.0)
    spikes = np.arange(5_000, 200_000, 10_000)
    values[spikes] = 50 + np.arange(len(spikes))
    put(store, values)
    drawn = frames.line(store, View("r"), "loss")[""]
    assert len(drawn) <= 1200
    assert set(values[spikes]) <= set(drawn["high"])


def test_a_zoom_asks_for_finer_data_and_starts_smooth(store):
    put(store, np.sin(np.arange(100_000) / 500))
    coarse = frames.line(store, View("r", half_life=50), "loss")[""]
    fine = frames.line(store, View("r", lo=40_000, hi=40_400, half_life=50), "loss")[""]
    inside = coarse[(coarse.step >= 40_000) & (coarse.step <= 40_400)]
    assert len(fine) > 50 * max(1, len(inside)) and fine.step.min() >= 39_990 and fine.step.max() <= 40_410
    assert abs(fine.smooth.iloc[0] - np.sin(fine.step.iloc[0] / 500)) < 0.02


def test_what_is_not_finite_becomes_a_mark(store):
    put(store, np.array([1.0, np.nan, 2.0, np.inf, 3.0]))
    found = frames.line(store, View("r"), "loss")
    assert found[".bad"]["bad"].sum() == 2
    assert np.isfinite(found[""][["low", "high", "mean"]].dropna()).all().all()


def test_log_axes_leave_out_what_has_no_place(store):
    put(store, np.array([1.0, -1.0, 0.0, 4.0]))
    found = frames.line(store, View("r", log_x=True, log_y=True), "loss")[""]
    assert (found.x > 0).all() and found["mean"].dropna().tolist() == [4.0]


def test_axes_and_the_way_back(tmp_path):
    run = made_up.finished(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    for axis, factor in (("step", 1), ("tokens", 4096), ("time", 110), ("flops", 4096 * 6 * 28e6)):
        view = View(run, axis)
        x = frames.place(store, view, np.array([500, 900]))
        assert x == pytest.approx(np.array([500 + (axis != "step"), 900 + (axis != "step")]) * factor, rel=1e-3)
        low, high = frames.steps_at(store, view, *x, 1999)
        assert abs(low - 500) <= 2 and abs(high - 900) <= 2


def test_abandoned_attempts_are_drawn_on_request_only(tmp_path):
    run = made_up.rolled_back(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    assert frames.line(store, View(run), "loss")[".old"].empty
    old = frames.line(store, View(run, abandoned=True), "loss")[".old"]
    assert old["old_x"].min() >= 600 and old["old_x"].max() <= 999 and set(old["attempt"]) == {"0"}
    assert frames.line(store, View(run), "loss")[""]["step"].is_monotonic_increasing


def test_the_plan_goes_on_from_the_last_step(tmp_path):
    writer = made_up.running(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    run, last = writer.run.id, 999
    whole = frames.plan(store, View(run), last, ahead=True)
    assert whole["plan_x"].min() == last and whole["plan_x"].max() == 3000
    near = frames.plan(store, View(run), last, ahead=False)
    assert near["plan_x"].max() < 1.1 * last
    assert frames.plan(store, View(run, lo=100, hi=500), last, ahead=True).empty
    writer.close()


def test_events_lie_on_the_axis(tmp_path):
    run = made_up.finished(tmp_path / "runs.db")
    found = frames.events(Store(tmp_path / "runs.db"), View(run, "time"))
    assert found["event"].tolist() == pytest.approx([666.67 * 110, 801 * 110], rel=2e-3)
    assert found["urgent"].tolist() == ["no", "yes"]
    assert frames.events(Store(tmp_path / "runs.db"), View(run, lo=0, hi=700))["kind"].tolist() == ["checkpoint"]


def test_how_often_a_signal_was_recorded(tmp_path):
    run = made_up.finished(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    assert frames.every(store, run, "loss", (), 1999) == 1
    assert frames.every(store, run, "grad_norm_tensor", (made_up.LAYERS[0],), 1999) == 10


def test_a_damaged_stretch_interrupts_the_line_and_is_named(store):
    put(store, np.arange(12_288.0), started=1.0)
    flip(store, 1, 0, 1)
    shown = frames.line(store, View("r", lo=4000, hi=8300, width=2000), "loss")[""]
    assert shown.attrs[frames.HOLES][0].startswith(
        "Of loss, 4,096 points in steps 4,096 to 8,191 are damaged in the store"
    )
    assert (shown["high"] - shown["low"]).max() == 31.0, "as fine as the roll-ups have it"
    assert frames.line(store, View("r", width=40), "loss")[""].attrs[frames.HOLES] == []
    flip(store, 1, 1, 0)
    shown = frames.line(store, View("r", lo=4000, hi=8300, width=2000), "loss")[""]
    assert shown.loc[shown["mean"].isna(), "step"].tolist() == [6143]
    assert (
        len(frames.several(store, View("r", lo=4000, hi=8300, width=2000), "loss", ((),))[""].attrs[frames.HOLES]) == 1
    )
    store.close()
