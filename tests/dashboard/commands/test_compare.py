"""`barograph compare`: a table for people, JSON for scripts, a sentence for what cannot be compared."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from barograph.dashboard.commands._app import app
from tests.dashboard.made_up_seeds import seeds


def test_the_command(tmp_path):
    seeds(tmp_path / "runs.db")
    say = lambda *words: CliRunner().invoke(app, ["compare", *words, "--store", str(tmp_path / "runs.db")])  # noqa: E731
    answer = json.loads(say("base 1", "better", "--json").stdout)
    assert answer["runs"][1]["difference"]["said"] == "lower" and answer["config"]["lr"] == {
        "base-1": 1e-3,
        "better": 3e-3,
    }
    told = say("--where", "config_lr >= 1e-3 and final_loss < 3", "--reference", "better")
    assert told.exit_code == 0 and "no difference" not in told.stdout and "reference" in told.stdout
    for wrong, said in (
        (["base 1"], "at least two"),
        (["base 1", "better", "--axis", "epochs"], "axis"),
        (["--where", "final_los < 3"], "final_loss"),
        ([], "which runs"),
        (["base 1", "nobody"], "nobody"),
    ):
        found = say(*wrong)
        assert found.exit_code != 0 and said in found.stderr + found.stdout + str(found.exception)


def test_the_keys_of_the_json_stay(tmp_path):
    seeds(tmp_path / "runs.db")
    words = ["compare", "base 1", "better", "--json", "--store", str(tmp_path / "runs.db")]
    answer = json.loads(CliRunner().invoke(app, words).stdout)
    assert list(answer) == [
        "signal", "unit", "better", "axis", "reference", "target", "runs", "seed_noise", "config", "told",
    ]  # fmt: skip
    assert list(answer["runs"][1]) == [
        "run", "name", "state", "steps", "final", "final_error", "best", "difference", "to_target", "speedup",
        "lr_left", "not_finite", "said",
    ]  # fmt: skip
    assert list(answer["runs"][1]["difference"]) == ["value", "low", "high", "said"]
