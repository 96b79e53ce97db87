"""Names come from users: quotes, markup, emoji, ten kilobytes, half characters and NUL are names like any other."""

import math

import numpy as np
import pytest

from barograph.db import Description, Evaluation, Event, Plan, Run, RunWriter, Store

NAMES = [
    "'; DROP TABLE runs; --", '"; x', "<script>alert(1)</script>", "loss 🔥 损失 \u202e", "x" * 10_000, "a\0b",
    "%s %d {}", "../../etc/hosts", " ", "a/b", '["a"]', "null", "\n\t\r",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("how", ["journal", "folded", "append"])
def test_any_name_comes_back_as_it_was(tmp_path, name, how):
    path = tmp_path / "runs.db"
    run = Run("", name, project=name, config={name: name, "nan": math.nan}, tags=(name,), note=name)
    described = Description(name, unit=name, sentence=name, axes=(name,))
    event = Event(1, name, name, 5.0, 0, {name: [name]})
    evaluation = Evaluation(1, name, name, math.nan, subset=name, weights=name, time=5.0)
    plan = Plan(np.array([0, 5]), np.array([1.0, 0.0]), name, name)
    if how == "append":
        store, run_id = Store(path), "r"
        keys = {name: ([0], [1.0]), (name, name, name): ([0], [2.0])}
        for _ in range(2):  # twice is once
            store.append(Run(**{**vars(run), "id": "r"}), keys, descriptions=[described], events=[event],
                         evaluations=[evaluation], plans=[plan])  # fmt: skip
    else:
        writer = RunWriter.open(path, run)
        writer.points(0, (name, (name, name, name)), [1.0, 2.0])
        for say, what in (("describe", described), ("event", event), ("evaluation", evaluation), ("plan", plan)):
            getattr(writer, say)(what)
        if how == "folded":
            writer.close()
        store, run_id = Store(path), writer.run.id
    found = store.run(run_id)
    assert (found.name, found.project, found.tags, found.note) == (name, name, (name,), name)
    assert found.config[name] == name and math.isnan(found.config["nan"])
    assert store.run(name).id == run_id
    assert store.latest(run_id) == {name: (0, 1.0), (name, name, name): (0, 2.0)}
    assert store.series(run_id, name, (name, name)).values.tolist() == [2.0]
    (signal,) = store.signals(run_id).values()
    assert (signal.name, signal.unit, signal.axes, signal.parts) == (name, name, (name,), ((), (name, name)))
    assert store.events(run_id) == [event]
    (scored,) = store.evaluations(run_id)
    assert scored.task == scored.subset == scored.weights == name and math.isnan(scored.value)
    (planned,) = store.plans(run_id)
    assert planned.group == planned.origin == name and planned.values.tolist() == [1.0, 0.0]
    if how != "journal":
        store.edit(run_id, name="n" + name, note=name, tags=[name, name])
        assert store.run(run_id).name == "n" + name and store.run(run_id).tags == (name, name)
        store.delete(run_id)
        assert store.runs() == []
    assert store.check() == []


def test_half_a_character_becomes_a_question_mark_everywhere(tmp_path):
    half = "a\ud800"
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", half, config={half: half}))
    writer.points(0, (half, (half, half)), [1.0, 2.0])
    writer.event(Event(0, "note", half))
    writer.close()
    store = Store(tmp_path / "runs.db")
    store.append(Run("i", half), {half: ([0], [1.0]), "a\udfff": ([1], [2.0])}, events=[Event(0, "note", half)])
    store.edit("i", note=half)
    assert {run.name for run in store.runs()} == {"a?"} and store.run("i").note == "a?"
    assert store.latest("r") == {"a?": (0, 1.0), ("a?", "a?"): (0, 2.0)} and store.events("i")[0].text == "a?"
    assert store.series("r", half).values.tolist() == [1.0]
    assert store.series("i", "a?").values.tolist() == [1.0, 2.0]


def test_extreme_steps_and_values_come_back(tmp_path):
    values = [math.inf, -math.inf, math.nan, 5e-324, -0.0, 1.7976931348623157e308]
    steps = [-(2**60), -1, 0, 1, 2**40, 2**60]
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    for step, value in zip(steps, values, strict=True):
        writer.points(step, ("loss",), [value])
    for folded in (False, True):
        if folded:
            writer.close()
        store = Store(tmp_path / "runs.db")
        found = store.series("r", "loss")
        assert found.steps.tolist() == steps and list(map(repr, found.values.tolist())) == list(map(repr, values))
        assert store.buckets("r", "loss").bad.sum() == 3
        assert store.series("r", "loss", after=2**40).values.tolist() == values[-1:]
        assert store.frame("r", "loss").value.isna().sum() == 1
