"""Stands before every route and the websocket: refuses foreign names and foreign pages, and asks for the token.

See `services/access/` for the rules. Streamlit's own check of origins is about the websocket only, and lets every page
of this machine in.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..services.access import hosts, token
from . import policy

_SAFE = ("GET", "HEAD", "OPTIONS")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Gate:
    """ASGI middleware; `names`: those by which the server is called beside this machine's own."""

    def __init__(self, app: ASGIApp, names: list[str] | None = None):
        self.app = app
        self.names = hosts.allowed_by_default() if names is None else names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope, Headers(scope=scope))
        if scope["type"] == "websocket":
            if refused:
                await send({"type": "websocket.close", "code": 1008, "reason": refused[:120]})
            else:
                await self.app(scope, receive, send)
            return
        answer = PlainTextResponse(f"{refused}\n", status_code=403) if refused else _without_token(scope)
        handed = not refused and (isinstance(answer, RedirectResponse) or _is_due(scope, Headers(scope=scope)))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                written = MutableHeaders(scope=message)
                for name, value in policy.headers().items():
                    written[name] = value
                if handed:
                    written.append("Set-Cookie", _cookie(scope))
            await send(message)

        await (answer or self.app)(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> str:
        """Why a request is not answered, in a sentence; "" where it is."""
        called, pages = headers.getlist("host"), headers.getlist("origin")
        reached = (scope.get("server") or ("", None))[0] or ""
        if len(called) != 1 or not hosts.may_call(called[0], self.names, reached):
            name = called[0][:100] if len(called) == 1 else "no one name"
            return (
                f"This dashboard does not answer to {name!r}. If that is its name, start it with "
                "barograph serve --allow-host NAME."
            )
        if any(not hosts.is_own(page, called[0]) for page in pages) or _is_foreign(headers, scope.get("method", "")):
            return "This dashboard answers to its own pages only, and another page has asked."
        if scope["type"] == "http" and scope["method"] not in _SAFE and not _has_token(headers):
            return "To change something, open the link that `barograph serve` printed: it carries the token."
        return ""


def _is_foreign(headers: Mapping[str, str], method: str) -> bool:
    """Whether the browser says that another page asks, except where the user follows a link."""
    link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and not (link and method in _SAFE)


def _has_token(headers: Mapping[str, str]) -> bool:
    kind, _, given = headers.get("authorization", "").partition(" ")
    return token.shown(cookie_parser(headers.get("cookie", ""))) or (kind.lower() == "bearer" and token.fits(given))


def _without_token(scope: Scope) -> Response | None:
    """Where the address has the right token: to the same address without it, as addresses are shown and copied."""
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if scope["method"] != "GET" or not any(token.fits(value) for name, value in asked if name == token.PARAMETER):
        return None
    rest = urlencode([(name, value) for name, value in asked if name != token.PARAMETER])
    path = "/" + scope["path"].lstrip("/")  # two slashes would lead to another host
    return RedirectResponse(path + (f"?{rest}" if rest else ""), status_code=303)


def _is_due(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether a page is asked for, directly, by the user who may change the store anyway."""
    client, server = scope.get("client"), scope.get("server")
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", "") or _has_token(headers):
        return False
    if not client or not server or not hosts.is_loopback(headers.get("host", "")):
        return False
    return not any(name in headers for name in _FORWARDED) and token.of_our_user(tuple(client), tuple(server))


def _cookie(scope: Scope) -> str:
    cookie = f"{token.cookie()}={quote(token.current(), safe='')}; Path=/; HttpOnly; SameSite=Strict"
    return f"{cookie}; Secure" if scope["scheme"] == "https" else cookie
