"""Which step a row belongs to: the column that counts, epochs that begin again, set-backs, and no column at all."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.db import Store
from tests.db.importers.written import bring


@pytest.fixture
def steps_of(tmp_path):
    store = Store(tmp_path / "runs.db")

    def steps_of(header: str, rows: list, signal: str = "loss", name: str = "a.csv"):
        """(steps, values of the surviving line, [from_step of each later attempt]) of an imported table."""
        (tmp_path / name).write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
        run = bring(store, tmp_path / name).run.id
        assert store.check() == []
        found = store.series(run, signal)
        return found.steps.tolist(), found.values.tolist(), [a.from_step for a in store.attempts(run)][1:]

    yield steps_of
    store.close()


NAMES = ["step", "_step", "global_step", "iter", "iteration", "trainer/global_step", "Global Step"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_step(steps_of, name):
    assert steps_of(f"{name},loss", [(10, 1), (20, 2)]) == ([10, 20], [1, 2], [])


def test_the_loops_own_step_comes_before_the_loggers(steps_of):
    assert steps_of("_step,global_step,loss", [(0, 100, 1), (1, 200, 2)])[0] == [100, 200]


def test_an_epoch_is_a_step_where_nothing_else_is(steps_of):
    assert steps_of("epoch,loss", [(0, 3), (1, 2), (2, 1)])[0] == [0, 1, 2]
    assert steps_of("epoch,loss", [(s / 10, s) for s in range(5)], name="b.csv")[0] == [0, 1, 2, 3, 4]
    assert steps_of("epoch,loss", [(s // 10, s) for s in range(50)], name="c.csv")[0] == list(range(50))


def test_no_step_at_all_counts_rows(steps_of):
    assert steps_of("loss", [(3,), (2,), (1,)]) == ([0, 1, 2], [3, 2, 1], [])


def test_steps_that_begin_again_each_epoch_count_on(steps_of):
    rows = [(e, i, e * 100 + i) for e in range(3) for i in range(0, 50, 10)]
    steps, values, attempts = steps_of("epoch,batch_idx,loss", rows)
    assert steps == list(range(0, 150, 10)) and values == [row[2] for row in rows] and attempts == []


def test_negative_and_fractional_steps(steps_of):
    assert steps_of("step,epoch,loss", [(-1, 1, 9), (0, 1, 8), (1, 2, 7)])[0] == [-1, 0, 1]
    assert steps_of("step,loss", [(0.25, 1), (0.5, 2)], name="b.csv")[0] == [0, 1]


def test_a_set_back_is_a_new_attempt(steps_of):
    rows = [(s, 1) for s in range(100)] + [(s, 2) for s in range(60, 120)] + [(s, 3) for s in range(80, 130)]
    steps, values, attempts = steps_of("step,loss", rows)
    assert steps == list(range(130)) and attempts == [59, 79]
    assert values == [1] * 60 + [2] * 20 + [3] * 50


def test_an_evaluation_that_comes_late_is_no_set_back(steps_of):
    rows = [(s, s, "") for s in range(20)] + [(15, "", 7)] + [(s, s, "") for s in range(20, 30)]
    assert steps_of("step,loss,val_loss", rows) == (list(range(30)), list(range(30)), [])
    assert steps_of("step,loss,val_loss", rows, "val_loss") == ([15], [7], [])


@pytest.mark.parametrize("order", ["descending", "shuffled"])
def test_rows_out_of_order_are_sorted_not_torn_into_attempts(steps_of, order):
    steps = np.arange(500)[::-1] if order == "descending" else np.random.default_rng(0).permutation(500)
    assert steps_of("step,loss", [(s, s * 2) for s in steps]) == (list(range(500)), [s * 2 for s in range(500)], [])
