"""Every script of `examples/` runs as it is and records a finished run with a loss."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from barograph.db import Store

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py"))
FRAMEWORKS = {"hf_trainer.py": "transformers", "lightning_trainer.py": "lightning", "accelerate_loop.py": "accelerate"}
RANKS = ("many_ranks.py",)
STORES = {"finished_runs.py": "finished.db"}


def test_there_are_at_least_eight_and_all_are_listed():
    listed = re.findall(r"\]\((\w+\.py)\)", (EXAMPLES / "README.md").read_text())
    assert sorted(listed) == SCRIPTS and len(SCRIPTS) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_example_records_a_run(script, tmp_path):
    if script in FRAMEWORKS:
        pytest.importorskip(FRAMEWORKS[script])
    start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"] if script in RANKS else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BAROGRAPH_")}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, *start, str(EXAMPLES / script)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    store = Store(tmp_path / STORES.get(script, "runs.db"), create=False)
    runs = store.runs()
    assert runs and all(run.state == "finished" for run in runs)
    assert all(len(store.series(run.id, "loss")) >= 20 for run in runs)
    store.close()
