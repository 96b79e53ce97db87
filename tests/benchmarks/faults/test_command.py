"""The attacks in their short form: nothing is lost, and nothing is wrong without a word."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.faults._support.tally import SHOWN, Tally
from benchmarks.faults.command import attacks, main
from tests.source_tree import ROOT


@pytest.fixture(scope="module")
def found():
    """What came of every attack, tried in a process of its own: it forks."""
    command = [sys.executable, "-m", "benchmarks.faults", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", attacks())
def test_nothing_is_lost_and_nothing_is_wrong_without_a_word(found, name):
    came = found[name]
    if "not_tried" in came:
        pytest.skip(came["not_tried"])
    assert came["tried"] and came["held"] == came["tried"], came
    assert (came["lost_values"], came["silent_wrong"]) == (0, 0), came


def test_what_does_not_hold_is_counted_and_named():
    tally = Tally()
    tally.count(True)
    for number in range(5):
        tally.count(number == 0, f"try {number}", lost=number % 2, wrong=2)
    told = tally.figures()
    assert (told["tried"], told["held"], told["lost_values"], told["silent_wrong"]) == (6, 1, 2, 10)
    assert len(told["failed"]) == SHOWN and told["failed"][1] == "try 1 (lost 1, wrong 2)"


def test_an_unknown_attack_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["nuclear"])
    assert "nuclear: expected some of" in capsys.readouterr().err
