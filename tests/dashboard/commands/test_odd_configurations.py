"""A configuration in any container is right in every command, and an odd one takes no command from the others."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.containers import ASKED, CONTAINERS, LAYERS
from tests.dashboard.commands.asking import ask
from tests.dashboard.made_up_containers import HEALTHY, containers


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    containers(tmp_path / "runs.db")
    return tmp_path


def test_the_filter_finds_every_container(folder):
    found = json.loads(ask("runs", "--where", ASKED, "--json").stdout)
    assert {run["name"] for run in found} == set(CONTAINERS)


@pytest.mark.parametrize("container", [name for name in CONTAINERS if name != "dict"])
def test_a_container_is_compared_as_a_dict_is(folder, container):
    assert json.loads(ask("compare", "dict", container, "--json").stdout)["config"] == {}
    differing = json.loads(ask("compare", HEALTHY[0], container, "--json").stdout)["config"]
    assert {key: list(of.values())[1] for key, of in differing.items()} == {
        "lr": 0.002, "model.width": 64, "layers": LAYERS,
    }  # fmt: skip


WORDS = {
    "runs": (),
    "runs --where": ("config_lr > 0",),
    "compare": HEALTHY,
    "compare --where": ("name like 'healthy%'",),
    "compare --where all": ("1",),
    "report --out a.html --where": ("1",),
    "report --out a.csv": HEALTHY,
    "check-run": ("two cases",),
    "export --jsonl a.jsonl": ("a text",),
    "check": (),
}


@pytest.mark.parametrize("words", WORDS)
def test_no_odd_run_ends_a_command(folder, words):
    done = ask(*words.removesuffix(" all").split(), *WORDS[words])
    assert not isinstance(done.exception, Exception) and "Traceback" not in done.stderr
    assert done.exit_code == 0, done.stderr


def test_a_report_of_all_has_them_all(folder):
    assert ask("report", "--out", "a.csv", "--where", "1").exit_code == 0
    assert set(CONTAINERS) | set(HEALTHY) <= set(pd.read_csv("a.csv")["run"])
