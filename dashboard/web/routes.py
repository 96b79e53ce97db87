"""What the server answers beside the pages, for scripts and monitors."""

from __future__ import annotations

import os

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ...db import Store
from ...errors import StoreError
from ..services.prometheus import CONTENT_TYPE, exposition


def healthz(request: Request) -> JSONResponse:
    """200 and the number of runs; 503 and the reason where the store cannot be read. No store yet is healthy."""
    path = os.environ.get("BAROGRAPH_STORE", "runs.db")
    if not os.path.exists(path.removeprefix("sqlite:///")):
        return JSONResponse({"status": "ok", "store": path, "runs": 0})
    try:
        store = Store(path, create=False)
    except StoreError as error:
        return JSONResponse({"status": "error", "store": path, "reason": str(error)}, status_code=503)
    try:
        found = store.runs()
        running = sum(run.state == "running" for run in found)
        return JSONResponse({"status": "ok", "store": path, "runs": len(found), "running": running})
    except StoreError as error:
        return JSONResponse({"status": "error", "store": path, "reason": str(error)}, status_code=503)
    finally:
        store.close()


def metrics(request: Request) -> Response:
    """The runs and their findings in Prometheus' text format; 503 and the reason where the store cannot be read."""
    path = os.environ.get("BAROGRAPH_STORE", "runs.db")
    if not os.path.exists(path.removeprefix("sqlite:///")):
        return Response("", media_type=CONTENT_TYPE)
    try:
        store = Store(path, create=False)
        try:
            return Response(exposition(store), media_type=CONTENT_TYPE)
        finally:
            store.close()
    except StoreError as error:
        return PlainTextResponse(f"{error}\n", status_code=503)


routes = [Route("/healthz", healthz), Route("/metrics", metrics)]
