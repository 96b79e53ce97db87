"""The frame around the pages: each file in `pages/` is one, by its number."""

from pathlib import Path

from barograph.dashboard.web import server

PAGES = Path(server.__file__).parent / "pages"


def test_every_page_opens_and_the_first_is_the_default(app):
    assert "No run yet" in app().header[0].value
    for page in sorted(PAGES.glob("[0-9]*.py")):
        assert not app(f"pages/{page.name}").exception


def test_pages_are_thin():
    assert not {page.name: n for page in PAGES.glob("*.py") if (n := len(page.read_text().splitlines())) > 60}
