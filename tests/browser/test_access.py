"""In a real browser: every page works under its policy, another page gets nothing, and a visitor only looks."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from barograph.dashboard.services.access import token
from barograph.dashboard.web import permission
from barograph.db import Store
from tests.browser.conftest import served
from tests.dashboard import made_up

pytestmark = pytest.mark.browser
PAGES = ("", "Run", "Forecast", "Health", "Compare", "Tasks", "Scaling", "Import")
ATTACK = """<title>...</title><iframe src="AT/Run"></iframe><script>
const tries = {
  text: () => fetch("AT/metrics").then(r => r.text()),
  file: () => fetch("AT/healthz", {credentials: "include"}).then(r => r.text()),
  script: () => new Promise((yes, no) => { const s = document.createElement("script"); s.src = "AT/healthz";
    s.onload = yes; s.onerror = no; document.head.append(s) }),
  socket: () => new Promise((yes, no) => { const s = new WebSocket("AT/_stcore/stream".replace("http", "ws"));
    s.onopen = yes; s.onerror = no }),
};
Promise.all(Object.entries(tries).map(([name, one]) => one().then(() => name, () => "")))
  .then(got => { document.title = "got: " + got.join("") });
</script>"""


@pytest.fixture
def store(tmp_path):
    made_up.finished(tmp_path / "runs.db", 300)
    return tmp_path / "runs.db"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_works_and_asks_nobody_else(browser, store, scheme):
    with served(store) as address, browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        said, asked = [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        for name in PAGES:
            page.goto(f"{address}/{name}")
            page.locator("[data-testid=stMainBlockContainer] > * > *").nth(1).wait_for(timeout=60_000)
            page.wait_for_timeout(1500)
            assert not page.locator("[data-testid=stException]").count()
            assert not page.get_by_text(permission.SENTENCE[:40]).count(), (
                "the browser of our own user may change things"
            )
            if name in ("Run", "Health"):
                page.locator("canvas").first.wait_for(timeout=60_000)
        assert not [text for text in said if "Content Security Policy" in text or "Refused" in text]
        assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]


def test_another_page_gets_nothing(browser, store):
    with served(store) as address:

        class Evil(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(ATTACK.replace("AT", address).encode())

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Evil) as evil, browser.new_context() as context:
            threading.Thread(target=evil.serve_forever, daemon=True).start()
            page = context.new_page()
            page.goto(f"{address}/Run")  # the cookie is there
            page.goto(f"http://127.0.0.1:{evil.server_port}/")
            page.wait_for_function("document.title.startsWith('got')", timeout=30_000)
            assert page.title() == "got:"
            assert not page.frames[1].locator("#root").count(), "a page of ours inside of another"
            evil.shutdown()


def test_a_visitor_only_looks_until_the_link_is_opened(browser, store, monkeypatch):
    monkeypatch.setenv(token.VARIABLE, "of-this-test")
    with served(store) as address, browser.new_context(extra_http_headers={"X-Forwarded-For": "10.0.0.9"}) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{address}/?runs=run-0-finished")
        page.get_by_text(permission.SENTENCE[:40]).wait_for()
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete 1 run").click()
        page.get_by_role("alert").get_by_text("token").wait_for()
        assert len(Store(store).runs()) == 1
        page.goto(f"{address}/Run?token=of-this-test&x=tokens")
        page.locator("canvas").first.wait_for()
        assert "token=" not in page.url and "x=tokens" in page.url
        assert not page.get_by_text(permission.SENTENCE[:40]).count()
