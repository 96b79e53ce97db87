"""The scaling benchmark's contract: tables and folders of curves in, JSON out; refusals as one sentence."""

import csv
import json
import sys

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws as curve_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule
from benchmarks.scaling import main
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, table


@pytest.fixture
def scaling(monkeypatch, capsys):
    """Runs the benchmark in this process: what it printed, or the sentence it ended with."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["scaling", *arguments])
        try:
            main()
        except SystemExit as ended:
            return str(ended.code)
        return capsys.readouterr().out

    return run


@pytest.fixture
def written(tmp_path):
    def write(group=lambda i: "c4") -> str:
        rows, path = table(count=50, noise=0.004), tmp_path / "runs.csv"
        with open(path, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["params", "tokens", "loss", "unique_tokens", "group"])
            for i, (n, d, loss) in enumerate(
                zip(rows.columns["params"], rows.columns["tokens"], rows.loss, strict=True)
            ):
                out.writerow([n, d, 1.3 * loss if i == 7 else loss, d, group(i)])
        return str(path)

    return write


def test_a_table_gives_constants_intervals_outliers_and_a_hold_out_check(written, scaling):
    compute = table(count=50, noise=0.004).compute
    above = str(np.quantile(compute, 0.8))
    found = json.loads(scaling("--table", written(), "--law", "chinchilla", "--json", "--holdout-above", above))
    assert set(found["parameters"]) == set(found["intervals"]) == set(CHINCHILLA)
    for name, (low, high) in found["intervals"].items():
        assert low < found["parameters"][name] < high
    assert found["huber"] > 0 and found["seconds"] > 0
    assert [row["row"] for row in found["outliers"]] == ["row 8"]
    assert {"params", "tokens", "truth", "mid", "low", "high"} <= set(found["holdout"][0])
    assert found["mean_abs_pct"] < 3 and 0.7 <= found["coverage90"] <= 1


def test_mixed_setups_and_mistakes_are_one_sentence(written, scaling):
    mixed = written(lambda i: "c4" if i % 2 else "pile")
    assert "2 setups (c4, pile)" in scaling("--table", mixed, "--law", "chinchilla", "--json")
    assert "25 runs" in scaling("--table", mixed, "--law", "chinchilla", "--group", "c4")
    assert "missing: width" in scaling("--table", mixed, "--law", "width", "--mix")
    assert "goes with --curves" in scaling("--table", mixed, "--law", "joint")


def test_whole_curves_predict_another_setup(tmp_path, scaling):
    (tmp_path / "runs").mkdir()
    index = [["run", "file", "params", "peak_lr", "schedule", "warmup", "total_steps", "setup"]]
    for size in (2.5e7, 1e8, 4e8):
        for name, end in (("constant", 1.0), ("wsd", 0.0)):
            schedule = Schedule([0, 200, 2400, 3000], [0, 1e-3, 1e-3, 1e-3 * end])
            steps, log_n = np.arange(300, 3001, 50), np.log(size / 1e8)
            own = np.log([1.75 + 0.95 * np.exp(-0.3 * log_n), 0.4, 0.45, 0.16, 400.0])
            loss = curve_laws()["mtl"].at(LRHistory.of(schedule, steps), own)[0]
            rate = np.interp(steps, schedule.steps, schedule.lr)
            run = f"{size / 1e6:g}M_{name}"
            index.append([run, f"runs/{run}.csv", size, 1e-3, name, 200, 3000, f"{size / 1e6:g}M"])
            rows = [("step", "lr", "loss"), (0, 0, ""), (200, 1e-3, ""), *zip(steps, rate, loss, strict=True)]
            (tmp_path / "runs" / f"{run}.csv").write_text("\n".join(",".join(map(str, row)) for row in rows))
    (tmp_path / "index.csv").write_text("\n".join(",".join(map(str, row)) for row in index))
    asked = ("--curves", str(tmp_path), "--law", "joint", "--predict-setup")
    found = json.loads(scaling(*asked, "400M", "--json"))
    assert found["fitted_on"] == 4 and [row["run"] for row in found["runs"]] == ["400M_constant", "400M_wsd"]
    assert found["mean_abs_pct"] < 1.5 and found["coverage90"] > 0.9
    assert set(found["runs"][0]["final"]) == {"truth", "mid", "low", "high", "finals_only"}
    assert "must be one of 25M, 100M, 400M" in scaling(*asked, "7B")
