"""In a real browser: pages that are open before there is a run wake up by themselves when one begins."""

import pytest

from tests.browser.conftest import served
from tests.dashboard import made_up

pytestmark = pytest.mark.browser
EMPTY = {
    "": "No run yet",
    "Run": "No run yet",
    "Forecast": "No run yet",
    "Health": "No run yet",
    "Compare": "No run yet",
    "Tasks": "No run yet",
    "Scaling": "No finished run yet",
}
SECONDS = 10_000  # in milliseconds: how soon each page shows the run


def test_every_open_page_shows_the_run_that_begins(browser, tmp_path):
    store = tmp_path / "runs.db"
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(60_000)
    with served(store) as address:
        pages = {name: context.new_page() for name in EMPTY}
        for name, page in pages.items():
            page.goto(f"{address}/{name}")
            page.get_by_text(EMPTY[name]).wait_for()
        ways = pages["Run"].get_by_role("main").get_by_role("link")
        assert ways.count() == 2 and ways.first.get_attribute("href").rstrip("/") in (address, "", "Runs")
        writer = made_up.begin(store, "the first run", steps_planned=4000)
        made_up.write(writer, 1200, total=4000)
        writer.tend()
        for name, page in pages.items():
            if name != "Scaling":
                page.get_by_text(EMPTY[name]).wait_for(state="detached", timeout=SECONDS)
        pages["Health"].locator(".st-key-story canvas").first.wait_for()
        pages["Run"].locator(".st-key-charts canvas").first.wait_for()

        other = made_up.begin(store, "the second run", steps_planned=4000)
        pages["Compare"].get_by_text("The run the second run has begun").wait_for(timeout=SECONDS)
        other.close()
        writer.close()
        pages["Scaling"].get_by_text(EMPTY["Scaling"]).wait_for(state="detached", timeout=SECONDS)
    context.close()
