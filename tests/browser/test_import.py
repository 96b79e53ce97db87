"""In a real browser: a hostile log is uploaded, looked at, imported and opened, inert everywhere; a folder is live."""

import json

import pytest

from barograph.db import Store
from tests.browser.conftest import served, wait_until

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=window.hit=1>'; DROP TABLE runs; --[x](javascript:window.hit=1)"
PAGES = ("", "Run", "Forecast", "Health", "Compare", "Import")


def rows(first: int, end: int) -> str:
    return "".join(
        json.dumps({"step": s, "loss": 5 / (s + 1), "lr": 0.1, "tokens": s * 10, HOSTILE: s}) + "\n"
        for s in range(first, end)
    )


def inert(page) -> bool:
    """Whether nothing of the log has become markup or was run."""
    hit, images = page.evaluate("[window.hit, document.querySelectorAll('img[src=x], a[href^=javascript]').length]")
    return hit is None and images == 0


def test_a_hostile_log_is_uploaded_and_inert_on_every_page(page, tmp_path):
    log = tmp_path / f"{HOSTILE.replace('/', '')}.jsonl"
    log.write_text(json.dumps({"config": {HOSTILE: HOSTILE}, "name": HOSTILE}) + "\n" + rows(0, 300))
    page.set_default_timeout(60_000)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    with served(tmp_path / "runs.db") as address:
        page.goto(f"{address}/Import")
        page.locator("input[type=file]").set_input_files(log)
        page.get_by_text("300 rows").wait_for()
        assert not (tmp_path / "runs.db").exists() or not Store(tmp_path / "runs.db").runs()
        assert inert(page)
        page.get_by_role("button", name="Import 1 run").click()
        page.get_by_role("link", name="Open").wait_for()
        (run,) = Store(tmp_path / "runs.db").runs()
        assert run.last_step == 299 and "<img" in run.name
        page.get_by_role("link", name="Open").click()
        page.wait_for_url(f"**/Run?run={run.id}")
        page.locator(".st-key-charts canvas").first.wait_for()
        for name in PAGES:
            page.goto(f"{address}/{name}?run={run.id}&runs={run.id}")
            page.locator("[data-testid=stMain]").wait_for()
            page.wait_for_timeout(1500)
            assert inert(page), name
            assert page.locator("[data-testid=stException]").count() == 0, name
    assert not asked and Store(tmp_path / "runs.db").check() == []


def test_a_log_that_grows_in_a_followed_folder_is_a_live_run(page, tmp_path, monkeypatch):
    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.setenv("BAROGRAPH_WATCH", str(logs))
    page.set_default_timeout(60_000)
    with served(tmp_path / "runs.db") as address:
        page.goto(f"{address}/Import")
        page.get_by_text("0 logs, 0 growing").wait_for()
        (logs / "my-run.jsonl").write_text(rows(0, 100))
        page.get_by_text("1 logs, 1 growing").wait_for()
        run = Store(tmp_path / "runs.db").run("my-run")
        assert run.state == "running" and run.last_step == 99
        page.goto(f"{address}/Run?run={run.id}")
        page.locator(".st-key-charts canvas").first.wait_for()
        page.get_by_text("running").first.wait_for()
        with open(logs / "my-run.jsonl", "a") as file:
            file.write(rows(100, 150))
        wait_until(page, lambda: Store(tmp_path / "runs.db").run("my-run").last_step == 149, 30)
        page.get_by_text("149").first.wait_for()
        assert inert(page)
