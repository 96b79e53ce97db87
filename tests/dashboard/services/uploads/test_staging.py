"""Uploaded files lie in a folder of their own, whatever they are called and whatever archives hold."""

import io
import os
import zipfile

import pytest

from barograph.dashboard.services.uploads import staging
from barograph.dashboard.services.uploads.staging import drop, place, stage
from barograph.errors import StoreError


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_are_put_beside_the_store_under_safe_names(tmp_path):
    store = tmp_path / "runs.db"
    given = ["a.csv", "a.csv", "../../etc/passwd", ".hidden", "x\\y\\z.csv", "n" * 300 + ".csv"]
    folder, notes = stage(store, [(name, io.BytesIO(b"1")) for name in given])
    assert folder.parent == place(store) == tmp_path / "runs.db.uploads" and notes == []
    found = names(folder)
    assert len(found) == 6 and {"a.csv", "a (2).csv", "passwd", "hidden", "z.csv"} < set(found)
    assert max(map(len, found)) <= staging.LONGEST
    drop(folder)
    assert not folder.exists()
    drop(folder)


def test_an_archive_becomes_a_folder_and_what_is_broken_is_a_sentence(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("in/log.csv", "step,loss\n1,2\n" * 50)
    damaged = bytearray(held.getvalue())
    damaged[60] ^= 255
    archives = [("logs.zip", io.BytesIO(held.getvalue())), ("damaged.zip", io.BytesIO(damaged))]
    folder, notes = stage(tmp_path / "runs.db", archives)
    assert names(folder) == ["logs/in/log.csv"]
    (note,) = notes
    assert note.startswith("damaged.zip: the archive cannot be read")


def test_an_old_upload_nobody_decided_upon_is_removed(tmp_path):
    old, _ = stage(tmp_path / "runs.db", [("a.csv", io.BytesIO(b"1"))])
    os.utime(old, (0, 0))
    new, _ = stage(tmp_path / "runs.db", [("b.csv", io.BytesIO(b"1"))])
    assert not old.exists() and new.exists()


def test_where_there_is_no_room_it_is_a_sentence(tmp_path):
    (tmp_path / "runs.db.uploads").write_text("a file")
    with pytest.raises(StoreError, match="the upload cannot be put into"):
        stage(tmp_path / "runs.db", [("a.csv", io.BytesIO(b"1"))])
