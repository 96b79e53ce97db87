"""From evaluations in the store to what charts and measures are given."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Visit
from barograph.dashboard.services.frames import View
from barograph.dashboard.web.tasks import methods, modules
from barograph.dashboard.web.tasks import view as tasks
from barograph.db import Event, Run, RunWriter, Store
from tests.dashboard import made_up_evaluations as made_up
from tests.dashboard.made_up_evaluations import NAMES, VISIT


@pytest.fixture
def store(tmp_path):
    def made(situation=made_up.learn, **how) -> tuple[Store, str]:
        situation(tmp_path / "runs.db", **how)
        opened = Store(tmp_path / "runs.db")
        return opened, opened.runs()[0].id

    return made


def known(store: Store, run: str) -> tuple[Visit, ...]:
    return tasks.visits(store.events(run), store.lineage(run))


def test_visits_are_read_from_the_timeline(store):
    store, run = store()
    assert known(store, run) == tuple(Visit(name, k * VISIT, (k + 1) * VISIT) for k, name in enumerate(NAMES))
    assert [visit.task for visit in tasks.boundaries(known(store, run))] == list(NAMES[1:])


@pytest.mark.parametrize(("said", "expected"), [
    ([(0, "a", "begin"), (50, "b", "begin")], [Visit("a", 0, 50), Visit("b", 50)]),
    ([(0, "a", "begin"), (30, "a", "begin"), (50, "a", "end")], [Visit("a", 0, 50)]),  # begun again after a restart
    ([(0, "a", "begin"), (9, "a", "end"), (9, "b", "begin"), (12, "b", "end"), (12, "a", "begin")],
     [Visit("a", 0, 9), Visit("b", 9, 12), Visit("a", 12)]),
    ([(5, "a", "end")], []),
    ([(5, "a", "begin"), (5, "a", "end")], []),
])  # fmt: skip
def test_boundaries_that_are_missing_or_come_twice(said, expected):
    events = [Event(step, "task", name, k, 0, {"boundary": side}) for k, (step, name, side) in enumerate(said)]
    whole = [SimpleNamespace(attempt=0, low=-1, high=10**9)]
    assert list(tasks.visits(events, whole)) == expected


def test_an_abandoned_attempt_has_no_visits(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run(id="", name="back"))
    for step, name in ((0, "a"), (50, "b")):
        writer.event(Event(step=step, kind="task", text=name, data={"task": name, "boundary": "begin"}))
    writer.columns(np.arange(80), ("loss",), np.ones((80, 1)))
    writer.attempt(20)
    writer.columns(np.arange(21, 40), ("loss",), np.ones((19, 1)))
    writer.close()
    store = Store(tmp_path / "runs.db")
    assert known(store, store.runs()[0].id) == (Visit("a", 0),)


def test_the_record_holds_every_evaluation_with_its_count_and_loss(store):
    store, run = store()
    record = tasks.record(store, run, "eval_accuracy")
    assert record.names == NAMES and len(record.step) == 3 * (3 * VISIT + 1) and set(record.n) == {1000.0}
    curve = record.curve("letters")
    series = store.series(run, "eval_accuracy", ("letters",))
    assert np.array_equal(curve.step, series.steps) and np.array_equal(curve.value, series.values)
    assert np.allclose(record.curve("letters", "loss").value, 2.3 * (1 - series.values))
    assert tasks.record(store, run, "eval_f1") is None


def test_a_thinned_record_says_so_and_ends_with_the_newest(store):
    store, run = store()
    record = tasks.record(store, run, "eval_accuracy", most=400)
    assert len(record.step) <= 400 and record.step.max() == 3 * VISIT
    assert "every 3rd" in record.notes[0].replace("3th", "3rd") and record.cadence() == 3


def test_what_is_no_share_is_refused_in_a_sentence(store):
    store, run = store(made_up.percent)
    with pytest.raises(ValueError, match="41, expected a share between 0 and 1"):
        tasks.record(store, run, "eval_accuracy")


def test_courses_keep_every_extreme_where_it_was(store, monkeypatch):
    monkeypatch.setattr(tasks, "ROWS", 120)
    store, run = store()
    drawn = tasks.courses(store, View(run), "eval_accuracy", NAMES)
    assert len(drawn) < 3 * 80 and list(dict.fromkeys(drawn["part"])) == list(NAMES)
    for name in NAMES:
        points = store.series(run, "eval_accuracy", (name,))
        mine = drawn[drawn["part"] == name]
        assert {points.values.min(), points.values.max()} <= set(mine["value"])
        assert np.array_equal(points.values[np.searchsorted(points.steps, mine["step"])], mine["value"])
        assert (np.diff(mine["step"]) > 0).all()


def test_the_map_has_each_cell_or_what_was_known_before(store):
    store, run = store()
    drawn = tasks.courses(store, View(run), "eval_accuracy", NAMES)
    kept = drawn[~((drawn["part"] == "signs") & (drawn["step"] < 100)) & ~drawn["step"].between(200, 260)]
    cells = tasks.matrix(store, View(run), kept.reset_index(drop=True), 3 * VISIT).frame
    assert list(dict.fromkeys(cells["part"])) == list(NAMES)
    assert cells[cells["part"] == "signs"]["from_step"].min() >= 98, "blank before its first evaluation"
    hole = cells[(cells["part"] == "digits") & cells["from_step"].between(205, 255)]
    before = kept[(kept["part"] == "digits") & (kept["step"] < 200)]["value"]
    assert len(hole) > 10 and hole["mean"].nunique() == 1 and abs(hole["mean"].iloc[0] - before.iloc[-3:].mean()) < 0.05
    assert ((cells["low"] <= cells["mean"] + 1e-12) & (cells["mean"] <= cells["high"] + 1e-12)).all()


def test_a_gap_is_measured_and_its_close_up_counts_from_the_boundary(store):
    store, run = store()
    visit = tasks.boundaries(known(store, run))[0]
    rows, frames = tasks.gap(tasks.window(store, run, "eval_accuracy", known(store, run), visit), visit)
    assert [row.task for row in rows] == ["digits"] and rows[0].depth == pytest.approx(0.57, abs=0.06)
    assert frames[""]["x"].min() == -tasks.BEFORE and frames[""]["x"].max() == tasks.AROUND
    low = frames[".low"].iloc[0]
    assert low["x"] == rows[0].lowest_at - VISIT and low["value"] == frames[""]["value"].min()
    assert "digits falls by 0.5" in tasks.headline(rows[0]) and "when letters begins, and is back at" in tasks.headline(
        rows[0]
    )
    assert list(tasks.gap_table(rows)["task"]) == ["digits"]


def test_of_many_tasks_the_deepest_gaps_are_kept(store):
    store, run = store(made_up.many)
    visit = tasks.boundaries(known(store, run))[-1]
    near = tasks.window(store, run, "eval_accuracy", known(store, run), visit)
    rows, frames = tasks.gap(near, visit)
    every = sorted(tasks.gaps(near), key=lambda row: -row.depth)
    assert len(rows) == tasks.TABLED and [row.task for row in rows[:5]] == [row.task for row in every[:5]]
    assert frames[""]["part"].nunique() == tasks.LINES == len(tasks.spread([str(k) for k in range(40)]))


def test_the_table_tells_measured_from_not_measured(store):
    store, run = store()
    found = tasks.results(tasks.record(store, run, "eval_accuracy"), discover())
    frame, missing = tasks.table(found, discover())
    assert list(frame["measure"][:2]) == ["ACC", "Forgetting (since learned)"]
    row = frame.set_index("measure").loc["min-ACC"]
    assert row["value"] < frame.set_index("measure").loc["ACC", "value"] and row["noise bias"] < 0
    assert any(sentence.startswith("Knowledge accumulation: ") for sentence in missing)


def test_methods_are_runs_that_differ_in_the_seed_alone(store):
    store, _ = store(made_up.methods)
    groups = methods.grouped(store.runs())
    assert {name: len(runs) for name, runs in groups.items()} == {"replay": 3, "fine-tuning": 3}
    found = {run.id: tasks.results(tasks.record(store, run.id, "eval_accuracy"), discover()) for run in store.runs()}
    means, errors = methods.table(groups, found, discover())
    acc = [found[run.id]["acc"].value for run in groups["replay"]]
    assert means.loc["replay", "ACC"] == pytest.approx(np.mean(acc))
    assert errors.loc["replay", "ACC"] == pytest.approx(np.std(acc, ddof=1) / np.sqrt(3))
    assert means.loc["replay", "ACC"] > means.loc["fine-tuning", "ACC"] and means.loc["replay", "runs"] == 3
    assert "±" in methods.written(means, errors).set_index("method").loc["replay", "ACC"]


@pytest.mark.parametrize(("names", "expected"), [
    (["a seed 1", "a seed 2", "b"], {"a": 2, "b": 1}),
    (["er-s0", "er-s1", "ewc_0", "ewc_1"], {"er": 2, "ewc": 2}),
    (["42"], {"42": 1}),
])  # fmt: skip
def test_runs_without_a_configuration_go_by_their_names(names, expected):
    runs = [SimpleNamespace(id=name, name=name, config={}) for name in names]
    assert {name: len(members) for name, members in methods.grouped(runs).items()} == expected


def test_the_name_tells_runs_apart_that_their_configuration_does_not():
    names = ["40deg-s0", "40deg-s1", "80deg-s0", "brave-fox", "calm-owl"]
    runs = [SimpleNamespace(id=name, name=name, config={"method": "er", "seed": k}) for k, name in enumerate(names)]
    assert {name: len(members) for name, members in methods.grouped(runs).items()} == {
        "40deg": 2,
        "80deg-s0": 1,
        "calm-owl": 2,
    }


def test_modules_are_ranked_by_what_a_boundary_does_to_them(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run(id="", name="m"))
    steps = np.arange(0, 1000, 10)
    after = (steps > 500) & (steps <= 600)
    columns = {("module_change", "body"): np.full(100, 1e-4), ("module_change", "norm"): np.where(after, 4e-4, 1e-4)}
    columns["module_drift", "norm"] = steps / 1000
    writer.columns(steps, tuple(columns), np.stack(list(columns.values()), axis=1))
    writer.close()
    store = Store(tmp_path / "runs.db")
    frame = modules.ranking(store, store.runs()[0].id, [Visit("a", 0, 500), Visit("b", 500, 990)])
    assert list(frame["module"]) == ["norm", "body"] and frame["across / within"].tolist() == pytest.approx([4, 1])
    assert frame["drift"][0] == pytest.approx((0.5 + 0.99) / 2) and np.isnan(frame["drift"][1])


def test_alignment_is_a_square_table():
    latest = {
        "loss": (5, 1.0),
        ("grad_alignment", "web", "code"): (4, -0.2),
        ("grad_alignment", "code", "math"): (4, 0.5),
    }
    frame = modules.alignment(latest)
    assert frame.loc["code", "web"] == frame.loc["web", "code"] == -0.2 and frame.loc["math", "math"] == 1.0
    assert modules.alignment({"loss": (5, 1.0)}) is None
