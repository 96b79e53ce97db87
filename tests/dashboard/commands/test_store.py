"""What every command does with its store."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dashboard.commands.asking import ask

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("words", [["runs"], ["check"], ["export", "x", "--csv", "x.csv"], ["delete", "x", "--yes"]])
def test_no_store_is_one_sentence(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = ask(*words)
    assert done.exit_code == 1 and done.stdout == "" and "no store at" in done.stderr and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["runs"], ["check"], ["serve"], ["demo"], ["import", "log.csv"]])
def test_a_file_that_is_no_store_is_one_sentence_and_stays(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs.db").write_text("not a database, but long enough to look like one" * 100)
    (tmp_path / "log.csv").write_text("step,loss\n1,2\n")
    before = (tmp_path / "runs.db").read_bytes()
    done = ask(*words)
    assert done.exit_code == 1 and "is not an SQLite database" in done.stderr and done.stderr.count("\n") == 1
    assert (tmp_path / "runs.db").read_bytes() == before


def test_what_a_dead_writer_left_is_taken_in(store):
    code = f"""if True:
        import os
        from barograph.db import Run, RunWriter
        writer = RunWriter.open({str(store)!r}, Run("dead", "dead"))
        for step in range(100):
            writer.points(step, ("loss",), [1.0])
        os._exit(9)"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert "killed" in next(line for line in ask("runs").stdout.splitlines() if "dead" in line)
    assert "3,102 points" in ask("check").stdout


def test_one_damaged_run_takes_no_command_down(store):
    with sqlite3.connect(store) as file:
        file.execute("UPDATE tiles SET data = x'00' WHERE series IN (SELECT id FROM series WHERE run = 'id-a')")
        file.execute("UPDATE runs SET config = '[' WHERE id = 'id-a'")
    odd, good = sorted(json.loads(ask("runs", "--json").stdout), key=lambda row: row["problem"], reverse=True)
    assert odd["id"] == "id-a" and odd["problem"] and good["id"] == "id-b" and good["problem"] == ""
    assert "id-b" in ask("runs", "--where", "state = 'diverged'").stdout
    done = ask("check")
    assert done.exit_code == 1 and "2 runs" in done.stdout and "Traceback" not in done.stderr and done.stderr
    assert ask("check-run", "id-b").exit_code in (0, 3, 4)
    assert ask("export", "id-b", "--csv", "b.csv").exit_code == 0
    assert ask("delete", "id-a", "--yes").exit_code == 0 and ask("check").exit_code == 0
