"""`barograph report`: a comparison as a file of each kind."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.dashboard.commands.asking import ask
from tests.dashboard.made_up_sweep import sweep


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep(tmp_path / "runs.db")
    return tmp_path


KINDS = {"a.html": b"<!doctype html>", "a.PNG": b"\x89PNG", "a.svg": b"<svg"}


@pytest.mark.parametrize(("name", "begins"), KINDS.items())
def test_a_page_or_a_picture(folder, name, begins):
    done = ask("report", "--where", "1", "--group", "lr", "--out", name)
    assert done.exit_code == 0 and done.stdout == f"{name}: 4 runs\n"
    assert (folder / name).read_bytes().startswith(begins)


def test_a_table(folder):
    assert ask("report", "a", "b", "--reference", "b", "--out", "a.csv").exit_code == 0
    found = pd.read_csv(folder / "a.csv").set_index("run")
    assert found["verdict"].to_dict() == {"b": "reference", "a": "worse"}
    assert ask("report", "a", "b", "--reference", "b", "--out", "a.parquet").exit_code == 0
    assert pd.read_parquet(folder / "a.parquet")["run"].tolist() == ["b", "a"]


def test_another_ending_is_a_wrong_usage(folder):
    done = ask("report", "a", "b", "--out", "a.docx")
    assert done.exit_code == 2 and ".html" in done.stderr and not (folder / "a.docx").exists()
