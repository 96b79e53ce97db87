"""What an import would make of an upload, and what it makes of it."""

import io

import numpy as np
import pytest

from barograph.dashboard.services.uploads.drafts import commit, corrections, drafts, imported_sentence
from barograph.dashboard.services.uploads.staging import stage
from barograph.db import Store


def csv(n: int, start: float = 5.0) -> bytes:
    rows = "".join(f"{i},{start / (i + 1)},{0.1}\n" for i in range(n))
    return f"step,loss,lr\n{rows}".encode()


@pytest.fixture
def draft(tmp_path):
    """draft(content) -> the only log of an upload `log.csv`."""

    def made(content: bytes):
        folder, _ = stage(tmp_path / "runs.db", [("log.csv", io.BytesIO(content))])
        (found,), refused = drafts(tmp_path / "runs.db", folder)
        assert refused == []
        return found

    return made


def test_nothing_is_imported_until_it_is_committed(tmp_path, draft):
    found = draft(csv(50))
    assert (found.name, found.file, found.rows, found.last_step) == ("log", "log.csv", 50, 49)
    assert found.roles["loss"] == "loss" and found.roles["step"] == "step" and found.roles["val_loss"] is None
    assert not (tmp_path / "runs.db").exists()
    done = commit(tmp_path / "runs.db", found, " mine ", {})
    assert imported_sentence(found, done) == f"log.csv → run mine: {found.points:,} numbers"
    assert len(Store(tmp_path / "runs.db").series(done.run.id, "loss")) == 50


def test_a_grown_log_continues_its_run_and_another_does_not(tmp_path, draft):
    commit(tmp_path / "runs.db", draft(csv(50)), "", {})
    grown = draft(csv(80))
    assert grown.known is not None and grown.known.name == "log"
    other = draft(csv(80, start=9.0))
    assert other.known is None and other.name == "log (2)"


def test_what_is_no_log_and_what_cannot_be_read(tmp_path):
    content = [("words.txt", b"hello"), ("empty.csv", b"step,loss\n")]
    folder, _ = stage(tmp_path / "runs.db", [(name, io.BytesIO(text)) for name, text in content])
    found, refused = drafts(tmp_path / "runs.db", folder)
    assert all(one.problem and set(one.roles.values()) == {None} for one in found)
    assert len(found) + len(refused) == 2 and not any(str(folder) in sentence for sentence in refused)


def test_a_corrected_role_moves_a_column(tmp_path, draft):
    found = draft(b"n,loss,score\n" + b"".join(f"{i},{i},{2 * i}\n".encode() for i in range(30)))
    columns = corrections(found, {**found.roles, "step": "n", "loss": "score"}, [])
    assert columns == {"loss": "loss (column)", "score": "loss", "n": "step"}
    assert corrections(found, found.roles, ["score"]) == {"score": ""}
    done = commit(tmp_path / "runs.db", found, "", columns)
    assert np.array_equal(Store(tmp_path / "runs.db").series(done.run.id, "loss").values, 2.0 * np.arange(30))
