"""Every script behind a number starts, is run by `python -m benchmarks`, or is said not to be and why."""

from __future__ import annotations

import ast
import re
import runpy

import pytest

from benchmarks.__main__ import SCRIPTS, Script, main
from tests.source_tree import ROOT


def scripts() -> set[str]:
    """The modules that can be run: those that ask for their own name."""
    found = set()
    for path in (ROOT / "benchmarks").rglob("*.py"):
        tests = [ast.unparse(node.test) for node in ast.parse(path.read_text()).body if isinstance(node, ast.If)]
        if any("__name__" in test for test in tests):
            found.add(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__"))
    return found


MODULES = scripts()


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_script_says_what_it_does(module, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [module, "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module(module, run_name="__main__", alter_sys=False)
    assert end.value.code == 0 and "usage:" in capsys.readouterr().out


def test_all_are_run_together():
    called = {f"benchmarks.{script.call.split()[0]}" for script in SCRIPTS}
    assert called == MODULES - {"benchmarks"}
    assert len({script.name for script in SCRIPTS}) == len(SCRIPTS)


def test_every_call_in_the_docs_is_run():
    measured = (ROOT / "docs" / "explain" / "measured.md").read_text()
    named = set(re.findall(r"python -m (benchmarks\.[a-z_.]+)", measured))
    assert named == MODULES - {"benchmarks"}


def test_what_is_not_run_is_listed_with_its_reason(tmp_path, capsys):
    assert main(["--list", "--quick", "--out", str(tmp_path)]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["store"] == "python -m benchmarks.store --json"
    assert lines["zoo"].startswith("not run: trains for hours")
    assert lines["instability-curves"] == "not run: needs public data: --data DIR with step_logs"
    (tmp_path / "step_logs").mkdir()
    assert not Script("x", "x", data="step_logs").obstacle(tmp_path, quick=True)


def test_a_script_that_fails_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.__main__.SCRIPTS", (Script("broken", "scaling --law nothing"),))
    assert main(["--out", str(tmp_path)]) == 1
    assert "broken" in capsys.readouterr().out
