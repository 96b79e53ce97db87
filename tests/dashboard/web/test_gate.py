"""The gate before every route and the websocket, as browsers, other pages and other programs come to it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from barograph.dashboard.services.access import token
from barograph.dashboard.web.gate import Gate

OURS = "http://localhost:8501"
PAGE = {"accept": "text/html,*/*"}


async def answer(request):
    return PlainTextResponse("the runs")


async def stream(websocket):
    await websocket.accept()
    await websocket.send_text("the runs")
    await websocket.close()


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setenv(token.VARIABLE, "secret")
    methods = ["GET", "POST", "PUT", "DELETE"]
    routes = [Route("/{path:path}", answer, methods=methods), WebSocketRoute("/_stcore/stream", stream)]
    app = Starlette(routes=routes, middleware=[Middleware(Gate, names=["gpu3"])])
    return TestClient(app, base_url=OURS, client=("127.0.0.1", 50000), follow_redirects=False)


PATHS = ("/", "/Run", "/metrics", "/healthz", "/_stcore/health", "/_stcore/host-config", "/media/x.png", "/static/a.js")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8501"},
        {"host": "evil.example:8501", "origin": "http://evil.example:8501"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    ],
)
def test_a_foreign_name_or_page_gets_nothing(client, path, headers):
    told = client.get(path, headers=PAGE | headers)
    assert told.status_code == 403 and "the runs" not in told.text and "set-cookie" not in told.headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": OURS},
        {"host": "gpu3:8501", "origin": "http://gpu3:8501"},
        {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
    ],
)
def test_its_own_pages_programs_and_links_are_answered_with_the_policy(client, path, headers):
    told = client.get(path, headers=headers)
    assert told.text == "the runs"
    assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
    assert told.headers["x-frame-options"] == "DENY"


def test_two_hosts_are_none(client):
    told = client.get("/", headers=[("host", "localhost"), ("host", "evil.example")])
    assert told.status_code == 403


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ({"origin": OURS}, True),
        ({}, True),
        ({"origin": "http://localhost:3000"}, False),
        ({"origin": "http://evil.example:8501", "host": "evil.example:8501"}, False),
        ({"host": "evil.example:8501"}, False),
    ],
)
def test_the_websocket_is_as_strict(client, headers, opens):
    headers = {"host": "localhost:8501"} | headers
    if opens:
        with client.websocket_connect("/_stcore/stream", headers=headers) as socket:
            assert socket.receive_text() == "the runs"
    else:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream", headers=headers) as socket:
            socket.receive_text()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_changes_something_needs_the_token(client, method):
    def told(**headers):
        return client.request(method, "/_stcore/upload_file/a/b", headers={"origin": OURS} | headers).status_code

    assert told() == told(cookie="barograph_x=secret") == told(authorization="Bearer guessed") == 403
    assert told(cookie=f"{token.cookie()}=secret") == told(authorization="Bearer secret") == 200
    assert told(cookie=f"{token.cookie()}=secret", origin="http://localhost:3000") == 403


def test_the_link_with_the_token_leaves_a_cookie_and_no_token_in_the_address(client):
    told = client.get("/Run?run=a&token=secret&x=time", headers={"host": "gpu3:8501"} | PAGE)
    assert (told.status_code, told.headers["location"]) == (303, "/Run?run=a&x=time")
    cookie = told.headers["set-cookie"]
    assert f"{token.cookie()}=secret" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert client.get(f"{OURS}//evil.example?token=secret").headers["location"] == "/evil.example"
    wrong = client.get("/Run?token=guessed", headers={"host": "gpu3:8501"} | PAGE)
    assert wrong.text == "the runs" and "set-cookie" not in wrong.headers


def test_the_browser_of_our_user_on_this_machine_gets_the_token_unasked(client, monkeypatch):
    asked = []
    monkeypatch.setattr(token, "of_our_user", lambda *ends: asked.append(ends) or True)
    assert f"{token.cookie()}=secret" in client.get("/", headers=PAGE).headers["set-cookie"]
    assert asked == [(("127.0.0.1", 50000), ("localhost", 8501))]
    for proxied in ({"x-forwarded-for": "10.0.0.9"}, {"forwarded": "for=10.0.0.9"}, {"host": "gpu3:8501"}):
        assert "set-cookie" not in client.get("/", headers=PAGE | proxied).headers
    assert "set-cookie" not in client.get("/metrics").headers
    monkeypatch.setattr(token, "of_our_user", lambda *ends: False)
    assert "set-cookie" not in client.get("/", headers=PAGE).headers
