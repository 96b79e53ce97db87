"""JSON lines: keys at different cadences, nested objects, values that are no numbers, broken lines."""

from __future__ import annotations

import json
import math

import pytest

from barograph.db import Store
from tests.db.importers.written import bring, points


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def imported(store, tmp_path, rows: list, name: str = "a.jsonl"):
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = bring(store, tmp_path / name)
    found = points(store, done.run.id)
    return done, {key: (steps, [float(v) for v in values]) for key, (steps, values) in found.items()}


def test_each_key_at_its_own_cadence(store, tmp_path):
    rows = [{"step": s, "loss": s / 4} for s in range(6)]
    rows += [{"step": 5, "eval_loss": 1.5, "eval_accuracy": 0.75}, {"step": 6, "loss": 0.5, "extra": 7}]
    _, found = imported(store, tmp_path, rows)
    assert found["loss"] == ([0, 1, 2, 3, 4, 5, 6], [0, 0.25, 0.5, 0.75, 1, 1.25, 0.5])
    assert found["val_loss"] == ([5], [1.5]) and found["eval_accuracy"] == ([5], [0.75])
    assert found["extra"] == ([6], [7])


def test_nested_objects_and_roles_in_rooms(store, tmp_path):
    row = {"step": 3, "train": {"loss": 2.5, "grad_norm": 1.0}, "val": {"loss": 3.0}, "optim": {"lr": 0.1}}
    row["a"] = {"b": {"c": 1}}
    _, found = imported(store, tmp_path, [row])
    assert {key: values for key, (_, values) in found.items()} == {
        "loss": [2.5], "grad_norm": [1.0], "val_loss": [3.0], ("lr", "0"): [0.1], "a/b/c": [1.0],
    }  # fmt: skip


def test_values_that_are_no_plain_numbers(store, tmp_path):
    rows = [
        '{"step": 1, "loss": NaN, "x": null, "flag": true}',
        '{"step": 2, "loss": Infinity, "x": "0.5", "words": "hello", "list": [1, 2]}',
        '{"step": 3, "loss": -Infinity, "x": "", "words": {"mixed": 1}}',
        '{"step": 4, "loss": "nan", "x": ' + "9" * 400 + "}",
    ]
    done, found = imported(store, tmp_path, rows)
    assert [repr(v) for v in found["loss"][1]] == ["nan", "inf", "-inf", "nan"]
    assert found["x"] == ([2, 4], [0.5, math.inf]) and found["flag"] == ([1], [1.0])
    assert found["words/mixed"] == ([3], [1.0])
    assert done.complete and "words" not in found and "list" not in found


@pytest.mark.parametrize(
    "bad", ['{"step": 5, "loss":', "not json", "[1, 2]", "3", "null", '{"step": 5}, {"step": 6}', "[" * 100_000,
            '{"step": "x", "loss": 1}', '{"step": 1e300, "loss": 1}', '{"step": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_a_corrupt_line_costs_itself(store, tmp_path, bad):
    rows = [{"step": s, "loss": s / 4} for s in range(10)]
    done, found = imported(store, tmp_path, [*rows[:5], bad, *rows[5:]])
    assert found == {"loss": (list(range(10)), [s / 4 for s in range(10)])}
    assert "line 6 could not be read" in done.sentence and "stopped" not in done.sentence


def test_hyper_parameters(store, tmp_path):
    head = {"model": "gpt", "lr": 0.1, "nested": {"a": [1]}, "odd": "\udfff"}
    rows = [head, {"step": 0, "loss": 1, "config": {"seed": 3}}, {"step": 1, "loss": 2}]
    done, found = imported(store, tmp_path, rows)
    assert found == {"loss": ([0, 1], [1, 2])}
    assert store.run(done.run.id).config == {"model": "gpt", "lr": 0.1, "nested": {"a": [1]}, "odd": "?", "seed": 3}


def test_rows_without_a_step_belong_to_the_one_before(store, tmp_path):
    _, found = imported(store, tmp_path, [{"step": 4, "loss": 1}, {"grad_norm": 2}, {"step": 5, "loss": 3}])
    assert found == {"loss": ([4, 5], [1, 3]), "grad_norm": ([4], [2])}


def test_names_with_lone_surrogates_and_no_name(store, tmp_path):
    _, found = imported(store, tmp_path, ['{"step": 1, "loss": 2, "a\\ud800": 3, "": 4, "\\u0000": 5}'])
    assert {"loss", "a?", "unnamed", "unnamed (2)"} == set(found)
    assert store.check() == []


def test_keys_of_one_name_in_another_order(store, tmp_path):
    rows = ['{"loss": 1, "step": 1}', '{"step": 2, "loss": 2}', '{"step": 3, "loss": 3, "step": 4}']
    assert imported(store, tmp_path, rows)[1] == {"loss": ([1, 2, 4], [1, 2, 3])}
