"""In a real browser: a cell is clicked, episodes are judged, a zoom is shared, and the verdict comes by itself."""

import subprocess
import sys

import pytest

from barograph.db import Store
from tests.browser.conftest import ROOT, served, wait_until
from tests.dashboard import made_up_health

pytestmark = pytest.mark.browser


def opened(page, address: str) -> None:
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1400, "height": 2400})  # so that nothing needs scrolling
    page.goto(address)
    page.locator(".st-key-where canvas").first.wait_for()
    page.wait_for_timeout(1500)


def canvas(page, name: str) -> dict:
    """Where a chart is now; one that is drawn anew is nowhere for a moment."""
    found = []

    def seen() -> bool:
        found[:] = [page.locator(f".st-key-{name} canvas").first.bounding_box()]
        return found[0] is not None

    wait_until(page, seen)
    return found[0]


def picture(page, name: str) -> bytes:
    """A chart as it is seen, without its right edge, where the tool bar appears."""
    box = canvas(page, name)
    return page.screenshot(clip={**box, "width": box["width"] - 250})


def test_a_click_opens_the_series_of_a_row_and_the_link_keeps_it(page, tmp_path):
    made_up_health.growing(tmp_path / "runs.db")
    with served(tmp_path / "runs.db") as address:
        opened(page, f"{address}/Health")
        before = canvas(page, "where")
        page.mouse.click(before["x"] + 500, before["y"] + 130)
        page.wait_for_url("**map=attn_logit_max**row=blocks**")
        page.get_by_role("button", name="Close").wait_for()
        wait_until(page, lambda: canvas(page, "where")["height"] > before["height"] + 100)

        again = page.context.new_page()
        opened(again, page.url)
        assert canvas(again, "where")["height"] > before["height"] + 100, "the link shows the same series"
        again.close()

        page.get_by_role("button", name="Close").click()
        wait_until(page, lambda: "row=" not in page.url and canvas(page, "where")["height"] == before["height"])


def test_a_zoom_is_shared_by_all_charts(page, tmp_path):
    made_up_health.growing(tmp_path / "runs.db")
    with served(tmp_path / "runs.db") as address:
        opened(page, f"{address}/Health")
        before = picture(page, "where")
        box = canvas(page, "story")
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        page.mouse.down()
        page.mouse.move(box["x"] + 400, box["y"] + 200, steps=8)
        page.mouse.up()
        page.wait_for_url("**from=**to=**")
        wait_until(page, lambda: picture(page, "where") != before)
        page.get_by_role("button", name="Whole run").click()
        wait_until(page, lambda: "from=" not in page.url)
        wait_until(page, lambda: picture(page, "where") == before)


def test_an_episode_is_called_wrong_and_the_verdict_changes(page, tmp_path):
    run = made_up_health.growing(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    with served(tmp_path / "runs.db") as address:
        opened(page, f"{address}/Health")
        page.get_by_text("It stopped with a fault").wait_for()
        page.get_by_role("button", name="False alarm").first.click()
        page.get_by_text("It stopped with a fault").wait_for(state="detached")
        assert "wrong" in {finding.judgement for finding in store.findings(run)}
        page.get_by_text("Silenced and false alarms (1)").click()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("It stopped with a fault").wait_for()
        assert {finding.judgement for finding in store.findings(run)} == {""}


def test_a_running_run_gets_its_verdict_by_itself(page, tmp_path):
    command = [sys.executable, "-m", "tests.browser.writer", str(tmp_path / "runs.db"), "4000", "500", "0.05", "1100"]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    writer.stdout.readline()
    try:
        with served(tmp_path / "runs.db") as address:
            page.set_default_timeout(60_000)
            page.goto(f"{address}/Health")
            page.get_by_text("Nothing wrong so far").wait_for()
            chart, seen = page.locator(".st-key-story canvas").first, page.get_by_text("Checked to step")
            chart.evaluate("element => element.dataset.marked = 'yes'")
            before = seen.inner_text()
            wait_until(page, lambda: seen.inner_text() != before)
            assert chart.evaluate("element => element.dataset.marked") == "yes", "a tick does not build the chart anew"
            page.get_by_text("Loss not a number").first.wait_for()
    finally:
        writer.kill()
        writer.wait()
