"""Who may read a new store: its owner; the group where the folder says so."""

from __future__ import annotations

import os
import stat

import pytest

from barograph.db import Run, RunWriter, Store


def modes(folder) -> dict[str, str]:
    """The mode of each file and folder that a store is made of, by the end of its name."""
    return {path.name.split(".")[-1]: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize(
    ("folder", "file", "inside"),
    [
        (0o755, "0o600", "0o700"),
        (0o1777, "0o600", "0o700"),
        (0o770, "0o660", "0o770"),
        (0o2750, "0o640", "0o2750"),
        (0o2770, "0o660", "0o2770"),
        (0o777, "0o666", "0o777"),
    ],
)
def test_a_new_store_is_for_its_owner_unless_the_folder_is_shared(tmp_path, mask, folder, file, inside):
    place = tmp_path / "shared"
    place.mkdir()
    place.chmod(folder)
    before = os.umask(mask)
    try:
        writer = RunWriter.open(place / "runs.db", Run("", "a"))
        writer.points(1, ("loss",), (1.0,))
        writer._fold()
        reader = Store(place / "runs.db")
        reader.runs()
        found = modes(place)
        reader.close()
        writer.close()
    finally:
        os.umask(before)
    assert found["db"] == found["db-wal"] == found["db-shm"] == found["journal"] == file
    assert found["journals"] == inside


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_journals_are_shared_as_the_folder_that_is_there(tmp_path):
    (tmp_path / "runs.db.journals").mkdir()
    (tmp_path / "runs.db.journals").chmod(0o755)
    writer = RunWriter.open(tmp_path / "runs.db", Run("", "a"))
    assert modes(tmp_path)["journal"] == "0o644"
    writer.close()
