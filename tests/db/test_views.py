"""Saved views: kept, replaced, forgotten, whatever they are called."""

from __future__ import annotations

import pytest

from barograph.db import SavedView, Store
from barograph.errors import StoreError


def test_views_are_kept_replaced_and_forgotten(tmp_path):
    store = Store(tmp_path / "runs.db")
    hostile = "'; DROP TABLE views; -- <script>🔥\ud800"
    store.views.save(SavedView("b", "Compare", "runs=1,2"))
    store.views.save(SavedView(hostile, "Compare", "where=a<'b'"))
    store.views.save(SavedView(" b ", "Compare", "runs=3"))
    store.views.save(SavedView("c", "Runs", ""))
    again = Store(tmp_path / "runs.db")
    assert [view.address for view in again.views("Compare")] == ["where=a<'b'", "runs=3"]
    assert len(again.views()) == 3
    again.views.delete("b")
    again.views.delete("never there")
    assert [view.name for view in again.views()][1:] == ["c"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_of_no_use_is_refused(tmp_path, name):
    with pytest.raises(StoreError, match="1 to 200"):
        Store(tmp_path / "runs.db").views.save(SavedView(name, "Compare", ""))
