"""The paths of a store and of the journals beside it."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import StoreError


def store_path(url: str | os.PathLike[str]) -> Path:
    """The file behind `runs.db`, `/data/runs.db` or `sqlite:///runs.db`."""
    text = os.fspath(url)
    if text.startswith("sqlite:///"):
        text = text[len("sqlite:///") :]
    elif "://" in text:
        raise StoreError(f"cannot open {text!r}: expected a path or sqlite:///PATH; give the store as a file")
    if not text or "\0" in text:
        raise StoreError(f"cannot open {text!r}: expected the path of a store, such as runs.db")
    return Path(text).expanduser().absolute()


def journal_folder(store: Path) -> Path:
    return store.with_name(store.name + ".journals")
