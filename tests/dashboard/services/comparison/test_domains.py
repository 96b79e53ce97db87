"""Excess loss by domain."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.services.comparison.compare import compare
from barograph.dashboard.services.comparison.domains import excess
from barograph.db import Description, Run, Store

STEPS = np.arange(1, 201)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "runs.db")
    for name, ends in (
        ("base", {"web": 2.0, "code": 1.0}),
        ("mixed", {"web": 2.3, "code": 0.9, "law": 3.0}),
        ("none", {}),
    ):
        points = {("domain_loss", domain): (STEPS, end + 0 * STEPS) for domain, end in ends.items()}
        described = [Description("domain_loss", axes=("domain",))]
        store.append(Run(name, name), {"loss": (STEPS, 2 + 1 / STEPS), **points}, descriptions=described)
    return store


def test_what_ended_above_the_reference_is_excess_and_what_ended_below_is_none(store):
    runs = [store.run(name) for name in ("base", "mixed", "none")]
    rows = excess(store, compare(store, runs)).set_index("domain")
    assert rows["reference"].to_dict() == pytest.approx({"web": 2.0, "code": 1.0})
    assert rows["mixed"].to_dict() == pytest.approx({"web": 0.3, "code": 0.0}) and "none" not in rows


def test_without_losses_by_domain_there_is_nothing(store):
    runs = [store.run(name) for name in ("none", "mixed")]
    assert excess(store, compare(store, runs)).empty
    assert excess(store, compare(store, [store.run("base"), store.run("none")])).empty
