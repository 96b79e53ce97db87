"""In a real browser: runs are renamed, annotated and deleted from the table, and opened from it."""

import pytest

from barograph.db import Store
from tests.browser.conftest import served, wait_until
from tests.dashboard import made_up

pytestmark = pytest.mark.browser


def test_rename_note_delete_and_open(page, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed)
    store = Store(tmp_path / "runs.db")
    page.set_default_timeout(60_000)
    with served(tmp_path / "runs.db") as address:
        page.goto(f"{address}/?runs=run-2-finished")
        page.get_by_role("button", name="Rename, note").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("second")
        dialog.get_by_label("Note").fill("the good one")
        dialog.get_by_label("Note").press("Control+Enter")
        dialog.get_by_role("button", name="Save").click()
        dialog.wait_for(state="hidden")
        wait_until(page, lambda: store.run("run-2-finished").name == "second")
        assert store.run("run-2-finished").note == "the good one"

        page.get_by_role("button", name="Open").click()
        page.locator(".st-key-charts canvas").first.wait_for()
        assert "/Run?run=run-2-finished" in page.url

        page.goto(f"{address}/?runs=run-1-finished,run-3-finished")
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete 2 runs").click()
        wait_until(page, lambda: [run.name for run in store.runs()] == ["second"])
