"""`barograph serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ...errors import StoreError
from ..services.access import hosts, token
from . import _address, _children
from ._store import HERE, Url, opened
from ._terminal import line

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="NAME",
        envvar=hosts.VARIABLE,
        help="A name by which browsers reach the server, such as gpu3 or *.example.org; may be repeated.",
    ),
]
Watched = Annotated[
    list[Path] | None,
    typer.Option(
        "--watch",
        metavar="DIR",
        help="Import the logs in this folder and follow them as they grow; may be repeated.",
    ),
]


def command(
    store: Url = HERE,
    host: Host = "127.0.0.1",
    port: Port = 8501,
    watch: Watched = None,
    allow_host: AllowHost = None,
) -> None:
    """Serve the dashboard until Ctrl-C; with --watch, logs that grow in these folders are live runs."""
    from ...db.places.paths import store_path

    path = store_path(store)
    if path.exists():
        with opened(store):  # what is wrong with it is reported here, not in the browser
            pass
    elif not path.parent.is_dir():
        raise StoreError(f"no folder {path.parent} for the store; create it first (mkdir -p)")
    _address.require_free(host, port)
    folders = [_folder(given) for given in watch or []]
    key = token.given_or_new()
    more = {token.VARIABLE: key, hosts.VARIABLE: " ".join(hosts.checked(allow_host or ()))}
    more |= {"BAROGRAPH_WATCH": os.pathsep.join(map(str, folders))} if folders else {}
    code, dashboard = 0, _children.dashboard(host, port)
    with _children.interruptible(), _children.started(dashboard, path, quiet=True, **more) as server:
        if _children.wait_for(host, port, server):
            line(f"Dashboard: {_address.address(host, port)}  (store: {path}; Ctrl-C ends it)")
            line(f"{token.FOR_OTHERS}: {_address.address(host, port)}{token.link(key)}")
            for folder in folders:
                line(f"following the logs in {folder}")
        code = server.wait()
        line(f"the dashboard ended with status {code}", err=True)
    raise typer.Exit(1 if code else 0)


def _folder(given: Path) -> Path:
    folder = given.expanduser().absolute()
    if not folder.is_dir():
        raise StoreError(f"no folder {folder} to watch; give one that is there, or import a file: barograph import")
    if os.pathsep in str(folder):
        raise StoreError(f"cannot watch {folder}: its name has a {os.pathsep!r}; watch the folder above it")
    return folder
