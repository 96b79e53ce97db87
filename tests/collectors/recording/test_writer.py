"""Keys of a journal; and that the store's writer has all that the collectors need."""

from __future__ import annotations

from barograph.collectors.recording.writer import Writer, part_key
from barograph.db import Run, RunWriter


def test_keys_of_parts():
    assert part_key("x", "a") == ("x", "a") and part_key("x", ("layer", "head")) == ("x", "layer", "head")


def test_the_stores_writer_has_what_the_collectors_need(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    wanted = {name for name in {**vars(Writer), **Writer.__annotations__} if not name.startswith("_")}
    assert wanted <= set(dir(writer)) and "points" in wanted
    writer.close()
