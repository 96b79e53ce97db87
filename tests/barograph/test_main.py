"""`python -m barograph` is the command `barograph`; without the libraries of the command line it is one sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

import barograph
from barograph.__main__ import main


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120)


def test_it_says_its_version():
    done = run("-m", "barograph", "--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"barograph {barograph.__version__}")


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_a_missing_library_is_named_with_its_remedy(missing):
    code = f"import sys; sys.modules[{missing!r}] = None\nfrom barograph.__main__ import main\nmain()"
    done = run("-c", code)
    assert done.returncode == 1
    assert done.stderr.strip() == f"the command line needs {missing}: pip install 'barograph[dashboard]'"


def test_another_missing_module_is_a_bug_and_not_hidden(monkeypatch):
    monkeypatch.setitem(sys.modules, "barograph.dashboard.commands._app", None)
    with pytest.raises(ModuleNotFoundError):
        main()
