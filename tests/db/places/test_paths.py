"""A store's path from what a user gives, and where its journals lie."""

from pathlib import Path

import pytest

from barograph.db.places.paths import journal_folder, store_path
from barograph.errors import StoreError


def test_a_path_and_its_url_are_the_same_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert (
        store_path("runs.db") == store_path("sqlite:///runs.db") == store_path(Path("runs.db")) == tmp_path / "runs.db"
    )
    assert store_path("sqlite:////data/runs.db") == Path("/data/runs.db")
    monkeypatch.setenv("HOME", "/home/me")
    assert store_path("~/runs.db") == Path("/home/me/runs.db")
    assert journal_folder(Path("/data/runs.db")) == Path("/data/runs.db.journals")


@pytest.mark.parametrize("url", ["", "postgresql://host/db", "a\0b"])
def test_what_is_no_path_is_one_sentence(url):
    with pytest.raises(StoreError, match="cannot open .*; (expected|give)|expected"):
        store_path(url)
