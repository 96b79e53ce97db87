"""A run that left for a file and came back is the same run: every value to the bit, in every format."""

from __future__ import annotations

import json
import math
import string
import struct
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from barograph.db import Attempt, Description, Evaluation, Event, Plan, Run, Store
from barograph.db.export.event_file import to_tensorboard
from barograph.db.export.table import Table, to_csv, to_jsonl, to_parquet
from barograph.db.importers import find, preview, take_in

FORMATS = {"log.csv": to_csv, "log.parquet": to_parquet, "log.jsonl": to_jsonl, "events": to_tensorboard}


NAMES = [
    "loss", "lr", "time", "tokens", "step", "epoch", "wall_time", "barograph", "_step", "config", "val_loss", "a;b|c;d",
    "'; DROP TABLE runs; --", "<script>alert(1)</script>", "loss 🔥 损失 \u202e", "x" * 3000, "a\0b", " ", "a/b",
    '"a",\n', "#", "../../etc/passwd", "\n\t\r", "validation/loss", "loss (2)", "args",
]  # fmt: skip


EDGES = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1 / 3, 16777217.0]


PHASES = (Phase.explicit, Phase.generate)  # to shrink a whole run takes minutes


name = st.one_of(st.sampled_from(NAMES), st.text(string.printable, min_size=1, max_size=12))


value = st.one_of(st.sampled_from(EDGES), st.floats())


keys = st.one_of(name, st.tuples(name, name), st.tuples(name, name, name))


points = st.dictionaries(st.one_of(st.integers(-5, 300), st.integers(-(2**53) + 1, 2**53 - 1)), value, min_size=1)


attempt = st.tuples(st.integers(0, 200), st.dictionaries(keys, points, min_size=1, max_size=5))


facts = st.dictionaries(name, st.one_of(st.none(), st.booleans(), st.integers(-9, 9), value, name), max_size=3)


def contents(store: Store, run: str) -> tuple:
    """All that a run is, so that two of them compare: values as bytes, but every NaN is the same."""
    signals = store.signals(run)
    found = {(s, part): store.series(run, s, part) for s in signals for part in signals[s].parts}
    series = {key: (one.steps.tolist(), bits(one.values)) for key, one in found.items() if len(one)}
    said = {s: replace(described, parts=()) for s, described in signals.items() if any(s == key[0] for key in series)}
    events = [event for event in store.events(run) if event.kind != "import"]
    plans = [(p.group, p.origin, p.made_at, p.steps.tolist(), p.values.tolist()) for p in store.plans(run)]
    told = store.run(run)
    run_facts = {k: v for k, v in vars(told).items() if k not in ("id", "provenance", "last_step")}
    run_facts["facts"] = {k: told.provenance[k] for k in told.provenance if k not in ADDED}
    return tuple(map(repr, (run_facts, sorted(series.items()), sorted(said.items()), store.attempts(run), events,
                            store.evaluations(run), plans)))  # fmt: skip


ADDED = ("imported_from", "format", "exported_from")


def bits(values: np.ndarray) -> list[bytes]:
    return [struct.pack("<d", math.nan if math.isnan(v) else v) for v in values.tolist()]


MEANT = (
    "args",
    "config",
    "hparams",
    "model_config",
    "step",
    "global_step",
    "epoch",
    "run",
    "signal",
    "part",
    "value",
    "barograph",
)


def bring_back(store: Store, path: Path) -> str:
    (source,), refused = find([path])
    assert not refused
    done = take_in(store, source)
    assert done.complete
    again = take_in(store, source)
    assert again.points == 0 and "nothing new" in again.sentence
    return done.run.id


def fill(store: Store, attempts: list, words: str, config: dict) -> Run:
    run = Run("r", words, words, 1.7e9, "diverged", 1.7e9 + 5.5, 1.7e9 + 5.5, 0, 400, config, {"commit": words},
              {"total": 3}, 2.5, 6.0, (words, "b"), words, "parent", 7)  # fmt: skip
    from_step = 0
    for number, (back, series) in enumerate(attempts):
        last = store.run("r").last_step if number else None
        from_step = last - back if last is not None else from_step
        later = {key: {s: v for s, v in at.items() if not number or s > from_step} for key, at in series.items()}
        arrays = {key: (list(at), list(at.values())) for key, at in later.items() if at}
        described = [
            Description(name, words, words, "lower", ("a", words), title=words, remedy=words)
            for name in dict.fromkeys(key if isinstance(key, str) else key[0] for key in series)
        ]
        events = [Event(number, "note", f"{words} {number}", 1.7e9 + number, number, {"at": [words, None, 1.5]})]
        score = math.nan if number else 1 / 3
        scores = [Evaluation(number, words, "accuracy", score, 10, None, "", words, 1.7e9, number)]
        store.append(replace(run, attempt=number), arrays, from_step=from_step, descriptions=described, events=events,
                     evaluations=scores, plans=[Plan(np.array([0, 9]), np.array([1.0, 1 / 3]), words, words, number)],
                     )  # fmt: skip
    return store.run("r")


@pytest.mark.parametrize("file", FORMATS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(st.lists(attempt, min_size=1, max_size=3), name, facts)
@example([(0, {key: {1: v} for key, v in zip(NAMES, EDGES * 3, strict=False)})], "plain", {})
@example([(0, {key: {1: 0.5, 4: math.inf} for key in MEANT})], "words that mean something to an importer", {})
@example([(0, {("time", "a"): {1: 1e300}, "time": {1: 1e300, 2: 1.0}, "lr": {3: 1.0}, ("lr", "0"): {3: 2.0}})], "a", {})
def test_any_run_comes_back_as_it_was(file, attempts, words, config):
    with tempfile.TemporaryDirectory() as folder:
        store, other = Store(Path(folder) / "a.db"), Store(Path(folder) / "b.db")
        run = fill(store, attempts, words, config)
        path = Path(folder) / "train" / file
        path.parent.mkdir()
        FORMATS[file](Table(store, run), path)
        assert contents(other, bring_back(other, path)) == contents(store, run.id)
        assert other.check() == []
        store.close()
        other.close()


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("file", FORMATS)
def test_a_long_run_with_many_series_comes_back(store, tmp_path, monkeypatch, file):
    monkeypatch.setattr("barograph.db.export.table.CELLS", 20_000)
    draw, steps = np.random.default_rng(0), np.arange(3000)
    norms = {("grad_norm", f"layer {i}"): (steps, draw.normal(size=3000)) for i in range(12)}
    series = {"loss": (steps, draw.normal(size=3000)), **norms, "time": (steps[::7], steps[::7] / 3)}
    store.append(Run("a", "a", started=1.7e9, state="finished", ended=1.7e9, last_seen=1.7e9), series)
    store.append(replace(store.run("a"), attempt=3), {"loss": (steps[2000:2500], np.zeros(500))}, from_step=1999)
    FORMATS[file](Table(store, store.run("a")), tmp_path / file)
    back = bring_back(store, tmp_path / file)
    before, after = contents(store, "a"), contents(store, back)
    assert before == after and len(store.series(back, "loss")) == 2500
    assert store.signals(back)["grad_norm"].parts == tuple((f"layer {i}",) for i in range(12))
    assert [piece.attempt for piece in store.lineage(back)] == [0, 3]


@pytest.mark.parametrize("file", FORMATS)
def test_evaluations_are_columns_for_other_tools_and_evaluations_on_return(store, tmp_path, file):
    scores = [Evaluation(s, "arc", "accuracy", s / 3, weights=w, time=1.0) for s in (10, 5) for w in ("raw", "ema")]
    store.append(Run("a", "a"), {"loss": ([7], [1.0])}, evaluations=scores)
    table = Table(store, store.run("a"))
    assert table.names == ["loss", "arc/accuracy/ema", "arc/accuracy"] and table.points == 5
    FORMATS[file](table, tmp_path / file)
    ((source,), _) = find([tmp_path / file])
    assert set(preview(source).keys.values()) == {"loss"} and preview(source).run["name"] == "a"
    back = bring_back(store, tmp_path / file)
    assert store.evaluations(back) == store.evaluations("a") and set(store.signals(back)) == {"loss"}
    plain = tmp_path / "plain.csv"
    plain.write_bytes((tmp_path / file).read_bytes() if file == "log.csv" else b"step,arc/accuracy\n5,1.5\n")
    assert "arc/accuracy" in store.signals(bring_back(store, plain))  # without the notes it is a column


def test_json_lines_are_strict_json(store, tmp_path):
    store.append(Run("a", "a"), {"loss": (range(3), [math.nan, math.inf, -math.inf])})
    to_jsonl(Table(store, store.run("a")), tmp_path / "log.jsonl")
    rows = [json.loads(line, parse_constant=pytest.fail) for line in (tmp_path / "log.jsonl").open()]
    assert rows[-3:] == [{"step": 0, "loss": "NaN"}, {"step": 1, "loss": "Infinity"}, {"step": 2, "loss": "-Infinity"}]


def test_attempts_without_points_come_back(store, tmp_path):
    store.append(Run("a", "a", started=1.0), {"loss": (range(10), range(10))})
    for number, start in ((1, 8), (2, 5)):
        store.append(Run("a", "a", started=1.0, attempt=number), {}, from_step=start)
    to_jsonl(Table(store, store.run("a")), tmp_path / "log.jsonl")
    back = bring_back(store, tmp_path / "log.jsonl")
    assert store.attempts(back) == store.attempts("a") and isinstance(store.attempts(back)[2], Attempt)
    assert store.run(back).last_step == 5 and store.run(back).attempt == 2
