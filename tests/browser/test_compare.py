"""The Compare page and its report in a real browser."""

import subprocess
import sys

import numpy as np
import pytest

from barograph.db import Run, Store
from tests.browser.conftest import ROOT, served, wait_until

pytestmark = pytest.mark.browser
STEPS = np.arange(1, 500)
NASTY = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"


def fill(path) -> None:
    store = Store(path)
    for k, name in enumerate(("plain", NASTY, "</title>")):
        loss = 2 + 0.1 * k + 3 * STEPS**-0.5 + np.random.default_rng(k).normal(0, 0.01, len(STEPS))
        config = {"lr": 10.0**-k, NASTY: NASTY * (k + 1)}
        store.append(Run(f"run{k}", name, started=10.0 + k, state="finished", config=config), {"loss": (STEPS, loss)})


def test_runs_are_compared_and_the_report_is_inert_and_drawn(tmp_path, browser):
    fill(tmp_path / "runs.db")
    out, command = (
        tmp_path / "report.html",
        [sys.executable, "-m", "barograph", "report", "--where", "1"],
    )
    subprocess.run([*command, "--out", str(out), "--store", str(tmp_path / "runs.db")], cwd=ROOT, check=True)
    page = browser.new_page()
    page.goto(out.as_uri())
    wait_until(page, lambda: page.locator("#chart canvas").count() == 1)
    assert page.locator("#chart canvas").bounding_box()["height"] > 300
    assert page.title() == "loss of 3 runs" and page.locator("img").count() == 0
    assert page.locator("table").count() == 2 and NASTY[:30] in page.content().replace("&lt;", "<").replace("&gt;", ">")
    with served(tmp_path / "runs.db") as address:
        page.goto(f"{address}/Compare?where=config_lr%20%3C%202&group=lr")
        page.locator(".st-key-curves canvas").first.wait_for(timeout=60_000)
        wait_until(page, lambda: "Seed noise is unknown" in page.content())
        assert page.title() != "owned" and page.locator("img[src=x]").count() == 0
        page.get_by_role("textbox", name="Filter").fill("config_lrr < 2")
        page.get_by_role("textbox", name="Filter").press("Enter")
        wait_until(page, lambda: "unknown column in the filter at character 1" in page.inner_text("body"))
    page.close()
