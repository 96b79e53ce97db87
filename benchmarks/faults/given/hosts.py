"""Foreign names (DNS rebinding), other pages, changes without the token: at every route and the websocket."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from barograph.dashboard.services.access import token
from barograph.dashboard.web.gate import Gate
from benchmarks.faults._support.processes import environment
from benchmarks.faults._support.tally import Tally

OURS, NAMES = "http://localhost:8501", ["gpu3"]
PATHS = ("/", "/Run", "/metrics", "/healthz", "/_stcore/health", "/_stcore/host-config", "/media/x.png", "/static/a.js")
FOREIGN: tuple[dict[str, str], ...] = (
    {"host": "evil.example:8501"}, {"host": "evil.example", "origin": "http://evil.example"},
    {"host": "localhost.evil.example"}, {"host": "127.0.0.1.evil.example:8501"}, {"host": "gpu3.evil.example"},
    {"host": "evil.example#localhost"}, {"host": "localhost@evil.example"}, {"host": ""},
    {"host": "localhost:8501, evil"},
    {"origin": "https://evil.example"}, {"origin": "http://localhost:3000"}, {"origin": "http://127.0.0.1:9"},
    {"origin": "null"}, {"origin": "http://localhost:8501.evil.example"}, {"origin": "file://"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
)  # fmt: skip
OWN: tuple[dict[str, str], ...] = (
    {"host": "localhost:8501"},
    {"host": "127.0.0.1:8501"},
    {"host": "[::1]:8501"},
    {"host": "gpu3:8501"},
)


def client() -> TestClient:
    async def answer(request: object) -> PlainTextResponse:
        return PlainTextResponse("the runs")

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("the runs")
        await socket.close()

    methods = ["GET", "POST", "PUT", "DELETE"]
    routes = [Route("/{path:path}", answer, methods=methods), WebSocketRoute("/_stcore/stream", stream)]
    app = Starlette(routes=routes, middleware=[Middleware(Gate, names=NAMES)])
    return TestClient(app, base_url=OURS, client=("127.0.0.1", 50000), follow_redirects=False)


def listened(browser: TestClient, headers: dict[str, str]) -> bool:
    """Whether the websocket says anything to whoever comes with these headers."""
    try:
        with browser.websocket_connect("/_stcore/stream", headers=dict(headers)) as socket:
            return socket.receive_text() == "the runs"
    except WebSocketDisconnect:
        return False


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    with environment(**{token.VARIABLE: "secret"}):
        browser = client()
        for headers in FOREIGN:
            for path in PATHS:
                told = browser.get(path, headers=headers)
                held = told.status_code == 403 and "the runs" not in told.text and "set-cookie" not in told.headers
                tally.count(held, f"{path} answers {headers} with {told.status_code}")
            tally.count(
                "sec-fetch-site" in headers or not listened(browser, headers), f"the websocket answers {headers}"
            )
        for headers in OWN:
            told = browser.get("/Run", headers=headers)
            tally.count(told.status_code == 200 and listened(browser, headers), f"refuses its own name, {headers}")
            framed = "frame-ancestors 'none'" in told.headers.get("content-security-policy", "")
            tally.count(framed, "may be framed")
        for method in ("POST", "PUT", "DELETE"):
            for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}, {"cookie": "x=secret"}):
                told = browser.request(method, "/upload", headers=given)
                tally.count(told.status_code == 403, f"{method} without the token: {told.status_code}")
        told = browser.post("/upload", headers={"authorization": "Bearer secret"})
        tally.count(told.status_code == 200, f"refuses the token: {told.status_code}")
    return tally
