"""What starts with the server and ends with it."""

import asyncio

from barograph.dashboard.services.background.lifespan import lifespan
from barograph.dashboard.services.background.log_follower import followed


def test_the_watcher_and_the_follower_live_as_long_as_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    monkeypatch.setenv("BAROGRAPH_WATCH", str(tmp_path))

    async def live() -> None:
        async with lifespan(None) as state:
            worker = state["watcher"].worker
            assert worker.alive and [one.folder for one in followed(tmp_path / "runs.db")] == [str(tmp_path)]
        assert not worker.alive and followed(tmp_path / "runs.db") == []

    asyncio.run(live())


def test_an_address_that_is_no_store_is_one_sentence_and_the_server_lives(monkeypatch, caplog):
    monkeypatch.setenv("BAROGRAPH_STORE", "postgres://host/runs")

    async def live() -> None:
        async with lifespan(None) as state:
            assert state == {}

    asyncio.run(live())
    (record,) = caplog.records
    assert "postgres://host/runs" in record.getMessage()
