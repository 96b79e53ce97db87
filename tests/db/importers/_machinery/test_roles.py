"""Which column is what."""

import numpy as np
import pytest

from barograph.db.importers._machinery.roles import Names, key_of, ranked, role_of, telling

RISING, FLAT = np.arange(5.0), np.ones(5)


@pytest.mark.parametrize(
    "name, role",
    [
        ("Step", "step"), ("train/global_step", "step"), ("train/loss", "loss"), ("eval_loss", "val_loss"),
        ("lr-AdamW", "lr"), ("Grad Norm", "grad_norm"), ("_timestamp", "time"), ("accuracy", None),
    ],
)  # fmt: skip
def test_a_role_by_name(name, role):
    assert role_of(name) == role


def test_the_likeliest_name_comes_first():
    assert ranked(["epoch", "_step", "global_step"], "step") == ["global_step", "_step", "epoch"]
    assert telling(["x", "loss"]) and not telling(["x", "lr"])


def test_one_column_takes_a_role_and_the_others_keep_their_names():
    names = Names()
    names.meet({"loss": FLAT, "train/loss": FLAT, "lr": FLAT, "lr/group_1": FLAT, "tokens": RISING, "x": FLAT})
    assert names.keys == {
        "loss": "loss", "train/loss": "train/loss", "lr": ("lr", "0"), "lr/group_1": ("lr", "1"),
        "tokens": "tokens", "x": "x",
    }  # fmt: skip
    assert names.descriptions["loss"].better == "lower"


def test_tokens_of_one_step_are_not_the_tokens_seen():
    names = Names()
    names.meet({"tokens": np.array([5.0, 4.0, 6.0, 5.0])})
    assert names["tokens"] == "tokens (per row)"


def test_what_a_user_has_decided_stays():
    names = Names({"my_loss": "loss"})
    names.settle({"my_loss": "other", "y": ("norm", "a")})
    names.meet({"loss": FLAT, "my_loss": FLAT, "y": FLAT})
    assert names.keys == {"my_loss": "loss", "y": ("norm", "a"), "loss": "loss (2)"}


@pytest.mark.parametrize(
    "name, key", [("lr", ("lr", "0")), ("lr/2", ("lr", "2")), ("loss", "loss"), ("lr-pg1", ("lr", "0"))]
)
def test_a_key_from_a_users_word(name, key):
    assert key_of(name) == key
