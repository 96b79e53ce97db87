"""How the file is opened: with a write-ahead log where that is safe."""

import numpy as np
import pytest

from barograph.db import Run, Store


@pytest.fixture(autouse=True)
def network(monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")


def test_no_write_ahead_log_on_a_network_and_one_again_on_a_local_disk(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    for said, mode in (("1", "delete"), ("0", "wal"), ("1", "delete")):
        monkeypatch.setenv("BAROGRAPH_NETWORK", said)
        store = Store(path)
        with store._database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == mode
        store.append(Run("r", "r"), {"loss": (np.arange(9), np.ones(9))})
        store.close()
        assert not path.with_name("runs.db-wal").exists()
