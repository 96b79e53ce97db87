"""In a real browser: the chosen run and the view of it go along from page to page, and back."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import served, wait_until
from tests.dashboard import made_up

pytestmark = pytest.mark.browser
CHOSEN = {"run": ["run-1-finished"], "x": ["tokens"], "smooth": ["100"], "from": ["50"], "to": ["250"]}
HEADS = {"Health": ".st-key-story canvas", "Tasks": "[data-testid=stAlert]", "Forecast": "[data-testid=stMetric]"}


def address(page) -> dict:
    return parse_qs(urlsplit(page.url).query)


def test_the_run_and_its_view_go_along_at_every_click_and_back(page, tmp_path):
    for seed in (1, 2):
        made_up.finished(tmp_path / "runs.db", 300, f"number {seed}", seed)
    page.set_default_timeout(60_000)
    with served(tmp_path / "runs.db") as base:
        page.goto(f"{base}/Run?run=run-1-finished&x=tokens&smooth=100&from=50&to=250&logy=true")
        page.locator(".st-key-charts canvas").first.wait_for()
        for name, shown in HEADS.items():
            page.get_by_role("link", name=name, exact=True).first.click()
            wait_until(page, lambda name=name: page.title() == f"number 1 · {name}")
            page.locator(shown).first.wait_for()
            for key in ("run", "from", "to"):  # the axis can come a moment later, or be lost while a page is slow
                assert address(page).get(key) == CHOSEN[key]
        page.get_by_role("link", name="Run", exact=True).first.click()
        wait_until(page, lambda: page.title() == "number 1 · Run")
        page.locator(".st-key-charts canvas").first.wait_for()
        page.get_by_text("Steps 50 to 250").wait_for()
        assert address(page).get("logy") == ["true"], "what only this page has is as it was left"

        page.get_by_role("button", name="Whole run").click()
        page.get_by_text("All steps.").wait_for()
        assert not {"from", "to"} & set(address(page))
        page.go_back()
        page.go_back()
        page.get_by_text("Steps 50 to 250").wait_for()
        for _ in range(6):
            page.go_back()
            wait_until(page, lambda: address(page).get("run") == CHOSEN["run"])
            assert "number 2" not in page.title(), "no way back leads to another run"
