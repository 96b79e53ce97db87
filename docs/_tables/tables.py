"""The tables of a store, column by column."""

from __future__ import annotations

from barograph.db.tables.schema import metadata
from docs._tables import table


def render() -> str:
    rows = (
        [f"`{one.name}`", ", ".join(f"`{column.name}`" for column in one.columns)] for one in metadata.sorted_tables
    )
    return table(["table", "columns"], rows)
