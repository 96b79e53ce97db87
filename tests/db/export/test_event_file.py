"""A run as a TensorBoard event file."""

from __future__ import annotations

import pytest

from barograph.db import Run, Store
from barograph.db.export.event_file import to_tensorboard
from barograph.db.export.table import Table
from barograph.db.importers._machinery import tfrecord
from barograph.errors import StoreError


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_event_files_have_dates_and_go_over_their_own_elder_but_not_beside_others(store, tmp_path):
    store.append(Run("a", "a", started=1.7e9), {"loss": (range(-2, 3), range(5)), "time": (range(-2, 3), range(5))})
    table = Table(store, store.run("a"))
    for _ in range(2):
        to_tensorboard(table, tmp_path / "logs")
    (path,) = (tmp_path / "logs").iterdir()
    found = [one for records in tfrecord.read(path, lambda size: None) for one in [tensors(records)]][0]
    assert found.values.tolist() == [*range(5)] * 2 and found.wall.tolist() == [1.7e9 + s for s in range(5)] * 2
    store.append(Run("b", "b"), {"loss": ([1], [1.0])})
    with pytest.raises(StoreError, match="holds event files already"):
        to_tensorboard(Table(store, store.run("b")), tmp_path / "logs")


def tensors(records):
    from barograph.db.importers._machinery.events import scalars

    return scalars(records)
