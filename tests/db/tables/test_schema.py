"""The tables as declared are the tables that the migrations make."""

from sqlalchemy import inspect

from barograph.db import Store
from barograph.db.tables import schema


def test_every_declared_column_and_key_is_in_a_new_store(tmp_path):
    store = Store(tmp_path / "runs.db")
    found = inspect(store._database.engine)
    assert set(found.get_table_names()) == {*schema.metadata.tables, "barograph_migrations"}
    for name, table in schema.metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, name
        assert found.get_pk_constraint(name)["constrained_columns"] == [column.name for column in table.primary_key]
    store.close()
