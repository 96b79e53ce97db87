"""`barograph check-run`: a verdict for people, JSON and an exit status for scripts."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from barograph.dashboard.analysis.detectors import scan
from barograph.dashboard.analysis.detectors.detector import Detector
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.commands._app import app
from barograph.dashboard.services.health import HealthChecks
from barograph.db import Run, Store
from barograph.db.records import Finding


class Says:
    """The loss is 1, 2 or 3 times ten: a finding of that severity; it goes on to the next loss of 0."""

    def __init__(self, facts):
        self.open = None

    def see(self, news):
        out = []
        for step, value in zip(*(column.tolist() for column in news.of("loss")), strict=True):
            if value >= 10:
                evidence = {"value": value, "none": float("nan")}
                severity = Severity(int(value / 10) - 1)
                self.open = Finding("odd", "", step, step, step, severity, f"odd at {step}", "look", evidence)
                out.append(self.open)
            elif self.open is not None:
                out.append(replace(self.open, last=step, open=False))
                self.open = None
        return out


@pytest.fixture
def check(tmp_path, monkeypatch):
    """check(losses, *options) -> the finished command."""
    monkeypatch.setattr(scan, "discover", lambda: {"odd": Detector("odd", "odd", ("loss",), Says)})
    monkeypatch.chdir(tmp_path)

    def ask(losses, *options):
        steps = np.arange(len(losses))
        Store("runs.db").append(Run("a", "[red]a[/red]", state="finished"), {"loss": (steps, losses)})
        return CliRunner().invoke(app, ["check-run", "a", *options])

    return ask


@pytest.mark.parametrize(
    "losses, options, status",
    [
        ([1] * 7, [], 0),
        ([1] * 6 + [10], [], 0),
        ([1] * 6, [], 5),
        ([1, 1, 10], [], 5),
        ([1, 1, 20], [], 3),
        ([1, 1, 30], [], 4),
        ([1, 30, 1], [], 0),
        ([1, 30, 1], ["--ever"], 4),
        ([1, 20, 1] + [1] * 200 + [10], ["--ever"], 3),
    ],
)
def test_the_exit_status_is_the_severity(check, losses, options, status):
    done = check(losses, *options)
    assert done.exit_code == status
    told = check(losses, *options, "--json")
    assert told.exit_code == status and json.loads(told.stdout)["status"] == status


def test_a_finding_called_wrong_does_not_count(check):
    losses = [1] * 7 + [30]
    assert check(losses).exit_code == 4
    store = Store("runs.db")
    HealthChecks(store).save("a")
    store.findings.judge("a", "odd", "", 7, "wrong")
    assert check(losses).exit_code == 0


def test_as_json(check):
    said = json.loads(check([1, 20, 1], "--json").stdout)
    assert (said["run"], said["name"], said["state"], said["until"]) == ("a", "[red]a[/red]", "finished", 2)
    assert said["severity"] == "note" and "odd at 1" in said["verdict"]
    assert said["episodes"] == [
        {
            "first": 1,
            "last": 2,
            "severity": "watch",
            "open": False,
            "kind": "odd",
            "sentence": "odd at 1",
            "findings": 1,
        }
    ]
    (finding,) = said["findings"]
    assert finding["evidence"] == {"value": 20.0, "none": None} and finding["advice"] == "look"


def test_too_few_losses_are_no_clean_bill(check):
    done = check([1, 1, 1], "--json")
    said = json.loads(done.stdout)
    assert said["severity"] == "blind" and said["verdict"] == "Too few losses to judge: 3 of the 7 that this needs."
    assert {"detector": "loss_spike", "reports": 3, "needs": 7} in said["blind"]
    assert "Plateau: not judged, 3 of the 1,024 reports that this needs." in check([1, 1, 1]).stderr


def test_in_words(check):
    told = check([1, 1, 30]).stdout
    assert told.splitlines()[0] == "[red]a[/red] (finished, checked up to step 2)"
    assert "act    steps 2 to 2: odd at 2" in told and "look" in told


def test_no_such_run_and_a_wrong_usage_are_told_apart(check):
    assert check([1] * 7).exit_code == 0
    missing = CliRunner().invoke(app, ["check-run", "b"])
    assert missing.exit_code == 1 and "no run 'b'" in missing.stderr
    assert CliRunner().invoke(app, ["check-run"]).exit_code == 2
