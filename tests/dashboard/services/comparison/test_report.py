"""A comparison as a file of each kind."""

import io

import pandas as pd
import pytest

from barograph.dashboard.services.comparison.compare import compare
from barograph.dashboard.services.comparison.report import KINDS, rendered
from tests.dashboard.made_up_sweep import sweep

BEGINNINGS = {"html": b"<!doctype html>", "png": b"\x89PNG", "svg": b"<svg", "csv": b"run,state", "parquet": b"PAR1"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file(tmp_path, kind):
    store = sweep(tmp_path / "runs.db", names=("a", "b"))
    content = rendered(store, compare(store, store.runs()), kind)
    assert content.startswith(BEGINNINGS[kind])
    if kind == "html":
        assert b"What the configurations differ in" in content and b"Seed noise is unknown" in content
    if kind == "parquet":
        assert set(pd.read_parquet(io.BytesIO(content))["run"]) == {"a", "b"}
