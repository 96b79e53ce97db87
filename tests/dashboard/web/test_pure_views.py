"""A view is frames and sentences: it can be used, and tested, without Streamlit."""

import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[3] / "dashboard" / "web"
VIEWS = sorted(path.parent.name for path in WEB.glob("*/view.py"))


def loaded(*modules: str) -> set[str]:
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules!r}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_no_view_loads_streamlit():
    assert {"forecast", "health", "imports", "run", "runs", "scaling", "tasks"} <= set(VIEWS)
    assert "streamlit" not in loaded(*(f"barograph.dashboard.web.{feature}.view" for feature in VIEWS))


def test_a_panel_does():
    assert "streamlit" in loaded("barograph.dashboard.web.runs.panel")
