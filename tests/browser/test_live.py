"""In a real browser, against the real server and a real writer: the run moves by itself, the reader's view does not."""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from barograph.db import Description, Run, Store
from tests.browser.conftest import ROOT, served, wait_until
from tests.dashboard import made_up

pytestmark = pytest.mark.browser
TICKS = 5_500  # milliseconds: five ticks of the page


@pytest.fixture
def live(tmp_path):
    """A store that another process is writing to, and the server on it."""
    store = tmp_path / "runs.db"
    command = [sys.executable, "-m", "tests.browser.writer", str(store), "4000", "800", "0.05"]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    writer.stdout.readline()
    try:
        with served(store) as address:
            yield address, writer
    finally:
        writer.kill()
        writer.wait()


def opened(page, address: str) -> None:
    """The Run page with its charts drawn."""
    page.goto(address)
    page.locator(".st-key-charts canvas").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)


def place(page) -> dict:
    """Where the charts are now; a dragged range is drawn anew, and for a moment they are nowhere."""
    found = []

    def seen() -> bool:
        found[:] = [page.locator(".st-key-charts canvas").first.bounding_box()]
        return found[0] is not None

    wait_until(page, seen)
    return found[0]


def picture(page, top: float, bottom: float) -> bytes:
    """A strip of the charts as it is seen, without the right edge, where the tool bar appears."""
    box = place(page)
    return page.screenshot(
        clip={"x": box["x"], "y": box["y"] + top, "width": box["width"] - 250, "height": bottom - top}
    )


def labels(page) -> bytes:
    """The axis labels under the loss."""
    return picture(page, 306, 334)


def step(page) -> int:
    return int(page.locator("[data-testid=stMetricValue]").first.inner_text().split("/")[0].replace(",", ""))


def settled(page) -> bytes:
    """The axis labels, once they have been the same for two seconds."""
    before, now = b"", labels(page)
    while before != now:
        page.wait_for_timeout(2000)
        before, now = now, labels(page)
    return now


def moved(page, before: int) -> bool:
    return step(page) > before


def drag(page, start: float, end: float, height: float = 150) -> None:
    box = place(page)
    page.mouse.move(box["x"] + start, box["y"] + height)
    page.wait_for_timeout(150)
    page.mouse.down()
    page.mouse.move(box["x"] + end, box["y"] + height, steps=8)
    page.wait_for_timeout(150)
    page.mouse.up()
    page.mouse.move(box["x"] + start, box["y"] - 60)


def test_a_run_grows_by_itself_and_a_zoom_stays(page, live, capsys):
    address, writer = live
    opened(page, f"{address}/Run")
    seen, drawn = step(page), labels(page)
    taken = []
    for _ in range(5):
        taken.append(wait_until(page, partial(moved, page, step(page))))
    with capsys.disabled():
        print(f"\nseconds between two moves of a live page: {', '.join(f'{t:.1f}' for t in taken)}")
    wait_until(page, lambda: labels(page) != drawn)

    drag(page, 130, 250)
    page.wait_for_url("**from=**to=**")
    zoomed, seen = settled(page), step(page)
    assert zoomed != drawn
    page.locator("[data-testid=stMain]").evaluate("element => element.scrollTo(0, 150)")
    page.wait_for_timeout(TICKS)
    assert page.locator("[data-testid=stMain]").evaluate("element => element.scrollTop") == 150
    page.locator("[data-testid=stMain]").evaluate("element => element.scrollTo(0, 0)")
    page.wait_for_timeout(300)
    wait_until(page, partial(moved, page, seen))  # the run went on meanwhile
    assert labels(page) == zoomed, "and the zoom is where it was"

    again = page.context.new_page()
    opened(again, page.url)
    assert settled(again) == zoomed, "the link shows the same range"
    again.close()

    box = place(page)
    page.mouse.dblclick(box["x"] + 500, box["y"] + 150)
    page.mouse.move(box["x"] + 500, box["y"] - 60)
    wait_until(page, lambda: "from=" not in page.url and labels(page) != zoomed)

    page.get_by_role("button", name="Stop run").click()
    assert writer.wait(timeout=60) == 0
    page.locator(".stMarkdownBadge", has_text="stopped").wait_for(timeout=60_000)


def test_a_half_typed_filter_is_kept(page, live):
    address, _ = live
    page.goto(address)
    page.locator("[data-testid=stDataFrame]").wait_for(timeout=60_000)
    field = page.get_by_role("textbox", name="Filter")
    field.press_sequentially("a li")
    page.wait_for_timeout(TICKS)
    assert field.input_value() == "a li" and field.evaluate("element => element === document.activeElement")


def test_a_deep_link_is_the_first_thing_that_a_server_serves(page, tmp_path):
    made_up.finished(tmp_path / "runs.db", 300)
    with served(tmp_path / "runs.db") as address:
        opened(page, f"{address}/Run?x=tokens&logy=true")
        assert page.get_by_role("link", name="Runs").count() == 1 and page.get_by_text("main", exact=True).count() == 0
        assert "x=tokens" in page.url and "logy=true" in page.url


@pytest.mark.slow
def test_time_to_the_first_chart_of_a_thousand_long_series(browser, tmp_path, capsys):
    """1,000 series of 100,000 steps: printed, not judged."""
    n, store = 100_000, Store(tmp_path / "runs.db")
    steps, values = np.arange(n), 0.5 + np.random.default_rng(0).random(n)
    run = Run("big", "a thousand series", started=time.time() - 3600, state="finished", steps_planned=n)
    plain = {
        "loss": (steps, values),
        "grad_norm": (steps, values),
        "tokens_per_s": (steps, values),
        ("lr", "0"): (steps, values),
    }
    store.append(run, plain, descriptions=[Description("grad_norm_tensor", axes=("parameter",))])
    for layer in range(0, 996, 12):
        parts = {
            ("grad_norm_tensor", f"layers.{k // 12}.{k % 12}"): (steps, values * (1 + k / 500))
            for k in range(layer, layer + 12)
        }
        store.append(run, parts)
    store.close()
    taken = []
    with served(tmp_path / "runs.db") as address:
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        for _ in range(3):
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"{address}/Run", wait_until="commit")
            page.locator(".st-key-charts canvas").first.wait_for(timeout=60_000)
            taken.append(time.perf_counter() - begun)
            page.close()
        context.close()
    Path(tmp_path / "runs.db").unlink()
    with capsys.disabled():
        print("\nfirst charts of 1,000 series x 100,000 steps, seconds: " + ", ".join(f"{t:.2f}" for t in taken))
