"""`barograph serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from . import _children
from ._store import HERE, Url, opened, say

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]


def command(store: Url = HERE, host: Host = "127.0.0.1", port: Port = 8501) -> None:
    """Serves the dashboard until Ctrl-C."""
    from db import StoreError
    from db.places import store_path

    path = store_path(store)
    if path.exists():
        with opened(store):  # says now, not in the browser, what is wrong with it
            pass
    elif not path.parent.is_dir():
        raise StoreError(f"no folder {path.parent} for the store; create it first (mkdir -p)")
    _children.require_free(host, port)
    code = 0
    with _children.interruptible(), _children.started(_children.dashboard(host, port), path, quiet=True) as server:
        if _children.wait_for(host, port, server):
            say(f"Dashboard: {_children.address(host, port)}  (store: {path}; Ctrl-C ends it)")
        code = server.wait()
        say(f"the dashboard ended with status {code}", aside=True)
    raise typer.Exit(1 if code else 0)
