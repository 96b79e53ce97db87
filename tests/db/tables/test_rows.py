"""The rows of a query written as text."""

from barograph.db import Store
from barograph.db.tables.rows import rows


def test_each_row_is_a_tuple_and_values_are_bound_not_pasted(tmp_path):
    store = Store(tmp_path / "runs.db")
    with store._database.reading() as connection:
        found = list(rows(connection, "SELECT :name AS name, 2 AS two UNION ALL SELECT 'b', 3", {"name": "it's"}))
        assert [tuple(row) for row in found] == [("it's", 2), ("b", 3)]
        assert list(rows(connection, "SELECT 1 WHERE 0")) == []
    store.close()
