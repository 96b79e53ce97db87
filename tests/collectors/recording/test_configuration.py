"""A configuration of any kind becomes plain objects, and none is odd enough to raise."""

from __future__ import annotations

import enum
import json
import logging
import threading

import ml_collections
import numpy as np
import omegaconf
import pytest
import torch
from torch import nn

from barograph.collectors.recording.configuration import ALL, configuration
from tests.containers import CONTAINERS, Node, nested


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_every_container_is_read_by_its_names(container):
    assert configuration(container()) == nested()


def test_a_container_inside_another():
    inside = {name: container() for name, container in CONTAINERS.items() if name != "class"}
    assert configuration({"all": [inside]}) == {"all": [{name: nested() for name in inside}]}


def test_what_has_no_names_is_kept_as_one_value():
    assert configuration("lr: 1") == {"config": "lr: 1"} and configuration([1, [2, 3]]) == {"config": [1, [2, 3]]}
    assert configuration(None) == {} and configuration(Node()) == {"config": ""}


def test_a_setting_that_cannot_be_read_costs_itself_alone():
    found = configuration(omegaconf.OmegaConf.create({"lr": 1, "root": "???", "same": "${lr}", "lost": "${nowhere}"}))
    assert found == {"lr": 1, "root": "<MissingMandatoryValue>", "same": 1, "lost": "<InterpolationKeyError>"}
    odd = ml_collections.ConfigDict({"lr": 0.5})
    odd.same, odd.needed = odd.get_ref("lr"), ml_collections.config_dict.required_placeholder(int)
    assert configuration(odd) == {"lr": 0.5, "same": 0.5, "needed": "<RequiredValueError>"}


class Unspeakable:
    def keys(self):
        raise RuntimeError("no keys")

    def __getitem__(self, key):
        raise RuntimeError("no items")

    def __str__(self):
        raise RuntimeError("no words")


class Kind(enum.Enum):
    ADAM = "adam"
    PAIR = (1, 2)


def odd_values():
    around: dict = {"lr": 0.1}
    around["me"] = around
    deep: dict = {}
    for _ in range(3000):
        deep = {"a": deep}
    return {
        "itself": around, "deep": deep, "unspeakable": Unspeakable(), "huge": 10**400, "longer": 10**5000,
        "nan": float("nan"), "text": "x" * 5_000_000, "bytes": b"\xff", "range": range(10**9), "kinds": list(Kind),
        "function": lambda: 0, "class": nn.ReLU, "dtype": torch.bfloat16, "lock": threading.Lock(),
        "logger": logging.getLogger("a"), "layer": nn.Linear(2, 2), "set": {3, 1}, "scalar": np.float32(0.5),
        "one": torch.tensor(2.0), "few": np.arange(3), "many": torch.zeros(5000), "meta": torch.ones(2, device="meta"),
        "sparse": torch.ones(1).to_sparse(), "half": "a\ud800", 1: None, None: True, (1, 2): 1 + 2j,
        "optimizer": torch.optim.SGD([torch.zeros(1)], lr=0.1), "wide": {str(i): 0 for i in range(100_000)},
    }  # fmt: skip


def test_odd_values_are_kept_as_text_and_break_nothing():
    found = configuration(odd_values())
    assert len(json.dumps(found)) < 100_000
    assert found["itself"]["lr"] == 0.1 and "inside itself" in found["itself"]["me"]
    assert found["unspeakable"] == "<Unspeakable: RuntimeError>" and found["huge"] == f"{10**400}"
    assert found["kinds"] == ["adam", "PAIR"] and found["set"] == [1, 3] and found["nan"] == "nan"
    assert (found["scalar"], found["one"], found["few"]) == (0.5, 2.0, [0, 1, 2])
    assert found["many"] == "Tensor of shape (5000,), torch.float32" and found["dtype"] == "torch.bfloat16"
    assert found["class"] == "torch.nn.modules.activation.ReLU" and found["layer"].startswith("Linear(")
    assert found["text"].endswith("… (5,000,000 characters)") and found["wide"] == "left out: 100,000 entries"
    assert (found["1"], found["None"], found["(1, 2)"]) == (None, True, "(1+2j)")
    assert configuration(Unspeakable()) == {"config": "<Unspeakable: RuntimeError>"}


def test_the_same_settings_are_the_same_text_in_every_process():
    assert "0x" not in json.dumps(configuration({"f": lambda: 0, "o": object(), "lock": threading.Lock()}))


def test_there_is_an_end_to_it():
    found = configuration({f"group{i}": {str(j): j for j in range(900)} for i in range(20)})
    kept = [value for group in found.values() if isinstance(group, dict) for value in group.values()]
    assert 0 < sum(isinstance(value, int) for value in kept) < ALL and "over 5,000" in found["group19"]
