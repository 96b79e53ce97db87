"""Whether the visitor of this session may change what the pages show, or only look."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

from ...errors import BarographError, StoreError
from ...formatting import plain
from ..services.access import token

SENTENCE = (
    "You are looking only: to change something, open the link that `barograph serve` printed (it ends in ?token=…); "
    "where you have opened it before, reload this page"
)


def may_change() -> bool:
    """Whether the browser has shown the token; without a server, as in a test of a page, there is none to show."""
    return not token.current() or token.shown(st.context.cookies)


def required() -> None:
    """StoreError with what to do where the visitor may only look."""
    if not may_change():
        raise StoreError(SENTENCE)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What cannot be changed in this block, or callback, is a sentence on the page."""
    try:
        yield
    except BarographError as error:
        st.error(plain(str(error), 500), icon=":material/error:")
