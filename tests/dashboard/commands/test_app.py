"""The command `barograph`: its help, its errors, and where it can be run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import barograph
from barograph.db import Store
from tests.dashboard.commands.asking import ask

ROOT = Path(__file__).resolve().parents[3]


def test_every_command_explains_itself():
    listed = ask("--help").stdout
    for name in ("serve", "demo", "runs", "import", "export", "check", "delete"):
        told = ask(name, "--help")
        assert name in listed and told.exit_code == 0 and "--store" in told.stdout


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["export", "x"], ["import"], ["serve", "--port", "0"], ["demo", "--steps", "0"]]
)
def test_wrong_usage_is_status_2(store, words):
    assert ask(*words).exit_code == 2


def test_an_error_of_ours_is_not_hidden(store, monkeypatch):
    monkeypatch.setattr(Store, "runs", lambda self: int("no number"))
    assert isinstance(ask("runs").exception, ValueError)


def test_from_any_folder_without_torch(tmp_path):
    """The installed command, in a folder whose own `db`, `dashboard` and `collectors` must not be taken for ours."""
    for name in ("db", "dashboard", "collectors"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "log.csv").write_text("step,loss\n1,2\n")
    command = [str(Path(sys.executable).with_name("barograph"))]
    done = subprocess.run([*command, "import", "log.csv"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "1 points" in done.stdout and done.stderr == ""
    code = "import sys\nfrom barograph.dashboard.commands._app import app\n"
    code += "try: app(['runs', '--store', sys.argv[1]])\nfinally: print(*sys.modules)"
    words = [sys.executable, "-c", code, str(tmp_path / "runs.db")]
    loaded = subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout
    assert "log" in loaded and not {"torch", "streamlit", "pandas", "scipy", "altair"} & set(loaded.split())


def test_the_version_and_python_dash_m(tmp_path):
    assert ask("--version").stdout == f"barograph {barograph.__version__}\n"
    command = [sys.executable, "-m", "barograph", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"barograph {barograph.__version__}\n")
