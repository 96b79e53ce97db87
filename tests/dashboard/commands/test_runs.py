"""`barograph runs`: as a table, as JSON, and of an empty store."""

import json

import pytest

from barograph.db import Store
from tests.dashboard.commands.asking import ask


def test_runs_as_a_table(store):
    told = ask("runs").stdout
    assert "[red]a[/red]" in told and "\x1b" not in told and "id-b" in told
    line = next(line for line in told.splitlines() if "id-a" in line)
    assert "1,499 / 1,500" in line and "1.501" in line and "2 h 1 min" in line and "finished" in line


def test_runs_as_json(store, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_STORE", f"sqlite:///{store}")
    monkeypatch.chdir("/")
    newest, oldest = json.loads(ask("runs", "--json").stdout, parse_constant=lambda name: pytest.fail(name))
    assert newest["loss"] == "nan" and newest["state"] == "diverged"
    assert (oldest["id"], oldest["step"], oldest["seconds"], oldest["loss"]) == ("id-a", 1499, 7300, 1.501)


def test_runs_of_an_empty_store_says_how_to_begin(tmp_path):
    Store(tmp_path / "e.db").close()
    done = ask("runs", "--store", tmp_path / "e.db")
    assert done.exit_code == 0 and "barograph demo" in done.stdout and "--json" not in done.stdout
    assert json.loads(ask("runs", "--json", "--store", tmp_path / "e.db").stdout) == []
