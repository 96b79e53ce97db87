"""`python -m barograph.dashboard.analysis.measures`: every measure of a table, for people and as JSON."""

import json
import subprocess
import sys

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import __main__ as command
from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures.trend import TrendShape
from tests.dashboard.analysis.measures.tables import run, write
from tests.source_tree import ROOT


def test_every_measure_is_printed(tmp_path, capsys):
    status, out, err = run([*write(tmp_path), "--json"], capsys)
    found = json.loads(out)
    assert status == 0 and not err
    assert found["measures"].keys() == discover().keys()
    values = {name: one["value"] for name, one in found["measures"].items()}
    assert values["acc"] == pytest.approx(0.85) and values["min_acc"] == 0.3
    assert values["forgetting"] == pytest.approx(0.08) and values["fwt"] == pytest.approx(0.1)
    assert values["knowledge_accumulation"] is None
    assert found["measures"]["min_acc"]["rows"][0]["step"] == 101
    assert "1 evaluation of 'b' before it begins at step 100" in found["notes"][0]


def test_for_people(tmp_path, capsys):
    status, out, _ = run(write(tmp_path), capsys)
    assert status == 0
    assert "min_acc                  0.3 +- " in out and "noise bias" in out
    assert "knowledge_accumulation   not measured; no task has come back yet" in out


def test_as_a_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "barograph.dashboard.analysis.measures", *write(tmp_path), "--json"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and json.loads(done.stdout)["tasks"] == ["a", "b"]


def test_values_that_json_does_not_have_become_null():
    found = command.plain({"a": [np.nan, np.float64(2), np.int64(3)], 1: (np.inf,), "kind": TrendShape.FLAT, "x": None})
    assert found == {"a": [None, 2.0, 3], "1": [None], "kind": "flat", "x": None}
    json.dumps(found, allow_nan=False)


def test_the_same_examples_every_time_have_a_smaller_error(tmp_path, capsys):
    header, rows = "step,task,accuracy,n,n_invalid", [f"{s},a,0.5,1000,0" for s in range(0, 201, 20)]
    table = "\n".join([header, *rows, "200,b,0.5,1000,0"]) + "\n"
    (tmp_path / "m.csv").write_text("# a,0,100\n# b,100,200\n" + table)
    errors = {}
    for flags in ((), ("--fixed",)):
        _, out, _ = run([str(tmp_path / "m.csv"), *flags, "--json"], capsys)
        errors[flags] = json.loads(out)["measures"]["forgetting"]["error"]
    assert errors[()] == pytest.approx((2 * 0.25 / 1000) ** 0.5) and errors[("--fixed",)] == 0
