"""In a real browser: runs are opened, compared, grouped, tagged, archived, renamed and deleted from the table."""

import pytest

from barograph.db import Store
from tests.browser.conftest import served, wait_until
from tests.dashboard import made_up

pytestmark = pytest.mark.browser


def click(page, row: int, column: int) -> None:
    """Clicks into the table: column 15 is that of the ticks, 80 that of the names."""
    page.wait_for_timeout(1000)
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    page.mouse.click(box["x"] + column, box["y"] + 35 * (row + 1) + 17)


def test_ticked_runs_are_grouped_archived_and_compared_and_a_click_opens_one(page, tmp_path):
    for seed in (1, 2, 3):
        made_up.finished(tmp_path / "runs.db", 50, f"number {seed}", seed, config={"lr": 0.1 * seed})
    store = Store(tmp_path / "runs.db")
    page.set_default_timeout(60_000)
    with served(tmp_path / "runs.db") as address:
        page.goto(address)
        page.get_by_text("3 of 3 runs").wait_for()
        click(page, 0, 15)
        page.get_by_role("button", name="Open").wait_for()
        click(page, 1, 15)
        compare = page.get_by_role("button", name="Compare")
        compare.wait_for()
        table = page.locator("[data-testid=stDataFrame]").bounding_box()
        assert compare.bounding_box()["y"] < table["y"], "in sight, above the table"

        page.get_by_role("button", name="Group").click()
        page.get_by_role("dialog").get_by_label("Name").fill("wide")
        page.get_by_role("dialog").get_by_label("Name").press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Group", exact=True).click()
        wait_until(page, lambda: [run.group for run in store.runs()] == ["wide", "wide", ""])
        page.get_by_role("button", name="Archive").click()
        page.get_by_text("1 of 3 runs").wait_for()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("3 of 3 runs").or_(compare).first.wait_for()
        wait_until(page, lambda: not any(run.archived for run in store.runs()))

        page.goto(f"{address}/?runs=run-1-finished,run-3-finished")
        page.get_by_text("2 ticked").wait_for()
        page.wait_for_timeout(1000)  # a click before the table has its ticks is lost
        compare.click()
        page.locator(".st-key-curves canvas").first.wait_for()
        assert "runs=run-3-finished%2Crun-1-finished" in page.url and page.title().endswith("Compare")

        page.get_by_role("link", name="Runs", exact=True).first.click()
        page.get_by_text("2 ticked").wait_for()
        click(page, 2, 80)
        page.locator(".st-key-charts canvas").first.wait_for()
        assert "/Run?run=run-1-finished" in page.url and page.title() == "number 1 · Run"
        page.go_back()
        page.get_by_text("ticked").or_(page.get_by_text("3 of 3 runs")).first.wait_for()


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
