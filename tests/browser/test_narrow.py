"""In a real browser: on a phone and on a small laptop every page's charts have a plot, as wide as the screen allows."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import served, wait_until
from tests.dashboard import made_up

pytestmark = pytest.mark.browser
BLUE = (0x03, 0x3D, 0x78)  # the colour of the first line of each chart
PAGES = {
    "Run?run=run-1-finished": ".st-key-charts",
    "Health?run=run-1-finished": ".st-key-story",
    "Compare?runs=run-1-finished,run-2-finished&close=false": ".st-key-curves",
    "Forecast?run=run-1-finished": "[data-testid=stVegaLiteChart]",
}


def drawn(page, chart: str) -> float:
    """Which share of the screen's width a line of the chart spans."""
    picture = page.locator(f"{chart} canvas").first.screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    columns = np.flatnonzero((np.abs(pixels - BLUE).sum(axis=2) < 60).any(axis=0))
    return float(np.ptp(columns)) / page.viewport_size["width"] if len(columns) else 0.0


@pytest.mark.parametrize("width", [390, 1024])
def test_every_chart_has_a_plot(browser, tmp_path, width):
    for seed in (1, 2):
        made_up.finished(tmp_path / "runs.db", 300, f"a run with quite a long name, number {seed}", seed)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(60_000)
    with served(tmp_path / "runs.db") as address:
        for path, chart in PAGES.items():
            page.goto(f"{address}/{path}")
            page.locator(f"{chart} canvas").first.wait_for()
            wait_until(page, lambda chart=chart: drawn(page, chart) > 0.55)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is beyond the edge"
    context.close()
