"""The README cannot lie: its example runs, and every command, preset and importer is in it."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_examples_run(tmp_path):
    training, reading = blocks("python")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{training}\n{reading}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "loss" in done.stdout and "lr" in done.stdout
    (query,) = blocks("sql")
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        ((name, step, last, low),) = connection.execute(query).fetchall()
    assert (name, step) == ("linear", 100)
    assert 0 < low <= last


def test_every_command_is_documented():
    from typer.main import get_command

    from barograph.dashboard.commands._app import app

    missing = [name for name in get_command(app).commands if f"`barograph {name}" not in README]
    assert not missing


def test_every_preset_is_documented():
    from barograph.collectors.presets import PRESETS

    assert not [name for name in PRESETS if f"`{name}`" not in README]


def test_every_file_named_in_the_readme_exists():
    named = re.findall(r"^([a-z]+(?:\.py|/)) ", README, re.MULTILINE)
    assert len(named) >= 6
    assert not [name for name in named if not (ROOT / name).exists()]
