"""The score of a folder of logs, on a folder whose right answers are known."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks.instability.command import clean
from benchmarks.instability.curves import RULES, Log, read, score


@pytest.fixture
def folder(tmp_path):
    """Four logs: one jumps, one blows up to NaN, two are calm, one of them without most of its gradients."""
    rng = np.random.default_rng(0)
    steps = np.arange(0, 60_000, 100)
    rows = []
    for run, flag in enumerate(["top_loss_jump", "top_loss_jump", "random_control", "random_control"]):
        loss = 2 + 3 * (1 + steps / 500) ** -0.5 + 0.03 * rng.standard_normal(600)
        norm = rng.lognormal(0, 0.2, 600)
        if run == 0:
            loss[300] = 40
            norm[298:301] = 30
        if run == 1:
            loss[400:] = np.nan
        written = [f"{x:.5g}" for x in norm]
        if run == 2:
            written[5:] = [""] * 595
        table = pd.DataFrame({"step": steps, "loss": [f"{x:.5g}" for x in loss], "grad_norm": written})
        table.to_csv(tmp_path / f"{run}.csv", index=False)
        rows.append({"run": run, "file": f"{run}.csv", "top_loss_jump": False, "random_control": False} | {flag: True})
    pd.DataFrame(rows).to_csv(tmp_path / "index.csv", index=False)
    return tmp_path


def test_an_empty_cell_was_not_measured_and_nan_was(folder):
    logs = read(folder)
    assert [len(log.columns["grad_norm"][0]) for log in logs] == [600, 600, 5, 600]
    assert np.isnan(logs[1].columns["loss"][1]).sum() == 200
    assert [sorted(log.flags) for log in logs[1:3]] == [["top_loss_jump"], ["random_control"]]


def test_the_figures(folder):
    found = score(folder)
    assert (found["runs"], found["diverged"], found["controls"]) == (4, 2, 2)
    assert found["recall"] == 1 and found["precision"] == 1 and found["false_alarm_runs_pct"] == 0
    assert found["failed_detectors"] == {}
    assert found["median_lead_steps"] == 100  # 200 before the jump, none before the NaN
    first, second, *calm = found["per_run"]
    assert first["largest_jump"]["step"] == 30_000 and {f["kind"] for f in first["findings"]} >= {"loss_spike"}
    assert [f["gravest"] for f in second["findings"] if f["kind"] == "non_finite"] == ["act"]
    assert all(f["severity"] == "note" for one in calm for f in one["findings"])
    assert {"Barograph", *RULES} <= {row["rule"] for row in found["rules"]}


def test_thinned_logs_are_judged_by_what_is_left_of_them(folder):
    found = score(folder, every=10)
    assert found["every"] == 10 and found["recall"] == 1 and found["showing"] == 2 and found["blind_runs"] == []
    assert found["false_alarm_runs_pct"] == 0 and found["per_run"][0]["largest_jump"]["step"] == 30_000
    blind = score(folder, every=120)["blind_runs"]  # five rows are left
    assert [one["run"] for one in blind] == ["0", "2", "3"]  # the other one ends in NaN, which needs no past
    assert all(one["why"] == "Too few losses to judge: 5 of the 7 that this needs." for one in blind)


def test_a_jump_elsewhere_is_not_found():
    losses = 2 + 0.01 * np.random.default_rng(1).standard_normal(500)
    losses[400] = 5
    log = Log("", frozenset(["top_loss_jump"]), {"loss": (np.arange(500), losses)})
    assert log.jump[0] == 400 and not log.found


def test_the_command_prints_strict_json(folder):
    command = [sys.executable, "-m", "benchmarks.instability", "--curves", str(folder), "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(said, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    keys = {"runs", "diverged", "recall", "precision", "false_alarm_runs_pct", "median_lead_steps", "by_mechanism"}
    assert keys <= set(found)


def test_what_is_not_finite_is_null():
    assert clean({"a": [float("nan"), 1.0, (float("inf"),)], 2: "x"}) == {"a": [None, 1.0, [None]], "2": "x"}
