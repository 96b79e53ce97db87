"""A run and its attempts as plain values."""

import json
from dataclasses import asdict

from barograph.db import Attempt, Run
from barograph.db.records import STATES


def test_a_new_run_is_running_and_shares_nothing_with_another():
    one, other = Run("a", "a"), Run("b", "b")
    assert one.state == Attempt(0, 0, 1.0).state == STATES[0] == "running"
    one.config["x"] = 1
    assert other.config == {} and one.last_step is None


def test_a_run_is_json():
    run = Run("a", "a", tags=("x",), config={"b": [1]})
    assert json.loads(json.dumps(asdict(run)))["tags"] == ["x"]


def test_tags_with_a_meaning_are_no_labels():
    run = Run("a", "a", tags=("good", "archived", "group:wide"))
    assert run.archived and run.group == "wide" and run.labels == ("good",)
    assert not Run("b", "b").archived and Run("b", "b").group == ""
