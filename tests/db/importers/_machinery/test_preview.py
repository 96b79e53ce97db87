"""What is shown of a log before it is imported, and what a user says of its columns."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.db import Store
from barograph.db.importers import find, importers, preview
from barograph.errors import StoreError
from tests.db.importers.test_every_format import NAMES
from tests.db.importers.written import LOSS, WRITERS, bring, points

FORMATS = [module.__name__.rsplit(".", 1)[-1] for module in importers()]


def shown(path):
    (source,), _ = find([path])
    return preview(source)


@pytest.mark.parametrize("name", FORMATS)
def test_shows_what_the_import_makes_of_it(tmp_path, name):
    (tmp_path / "run").mkdir()
    path = WRITERS[name](tmp_path / "run" / NAMES[name])
    found = shown(path)
    store = Store(tmp_path / "runs.db")
    run = bring(store, path).run.id
    assert set(found.keys.values()) == set(points(store, run))
    loss = next(column for column, key in found.keys.items() if key == "loss")
    there = ~np.isnan(found.values[loss])
    assert np.allclose(found.values[loss][there], LOSS[found.steps[there]], rtol=1e-5)
    assert "a loss" not in found.missing and not any("learning rate" in what for what in found.missing)


def test_says_what_is_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("step,score\n1,2\n")
    found = shown(path)
    assert found.step == "step" and found.keys == {"score": "score"}
    assert [what.split(" (")[0] for what in found.missing] == ["a loss", "the learning rate", "tokens", "time"]
    path.write_text("step,score\n")
    with pytest.raises(StoreError, match="no number"):
        shown(path)


def test_columns_are_what_the_user_says(tmp_path):
    store, path = Store(tmp_path / "runs.db"), tmp_path / "a.csv"
    rows = "\n".join(f"{n},{100 + n},{5 - n},{0.1 * n},{n}" for n in range(4))
    path.write_text(f"step,i,objective,eta,loss\n{rows}\n")
    said = {"i": "step", "objective": "loss", "eta": "lr"}
    run = bring(store, path, columns=said).run.id
    found = points(store, run)
    assert found["loss"] == ([100, 101, 102, 103], ["5.0", "4.0", "3.0", "2.0"])
    assert set(found) == {"loss", "loss (2)", ("lr", "0"), "step"}
    assert bring(store, path).points == 0 and points(store, run) == found  # and it stays so
