"""The example in each integration's docstring runs as it stands."""

from __future__ import annotations

import importlib
import re
import textwrap
from pathlib import Path

import pytest

from barograph.db import Store

FOLDER = Path(__file__).parents[3] / "collectors" / "integrations"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


@pytest.mark.parametrize("driver", NAMES, indirect=True)
def test_the_example_records_a_run(driver, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BAROGRAPH_STORE", raising=False)
    name = Path(driver.__file__).stem
    given, run = driver.example(tmp_path)
    (code,) = re.findall(
        r"\n\n((?:    .*\n|\n)+)", importlib.import_module(f"barograph.collectors.integrations.{name}").__doc__
    )
    exec(compile(textwrap.dedent(code), name, "exec"), dict(given))
    store = Store(tmp_path / "runs.db", create=False)
    (found,) = store.runs()
    assert found.name == (run or found.name) and found.state == "finished"
    assert len(store.series(found.id, "loss").steps) >= 4
    store.close()
