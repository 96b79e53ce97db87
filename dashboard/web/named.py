"""Controls that show proper names and keep ids in the address: a bound control would write what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ...db.records import Description
from . import url_state
from .run.view import title


def names(signals: Mapping[str, Description], of: Sequence[str]) -> Callable[[str], str]:
    """What each of these signals is called; those of one title are told apart by their ids."""
    called = {name: title(signals, name) for name in of}
    shared = [text for text in called.values() if list(called.values()).count(text) > 1]
    return lambda name: f"{called[name]} ({name})" if called[name] in shared else called[name]


def one(label: str, options: Sequence[str], key: str, called: Callable[[str], str], **look: Any) -> str:
    """A list to choose one from: that of the address, else the first."""
    asked = st.query_params.get(key)
    index = options.index(asked) if asked in options else 0
    held: str = st.selectbox(label, options, index, format_func=called, **look)
    url_state.keep(**{key: held if held != options[0] else None})
    return held


def several(
    label: str, options: Sequence[str], key: str, called: Callable[[str], str], usual: Sequence[str] = (),
    control: Callable[..., Any] = st.multiselect, **look: Any,
) -> list[str]:  # fmt: skip
    """A list to choose some from: those of the address, else the usual ones; `control` is Streamlit's."""
    given = st.query_params.get_all(key)
    asked = [name for name in given if name in options] if given else list(usual)
    held = list(control(label, options, default=asked, format_func=called, **look) or ())
    url_state.keep(**{key: held if held != list(usual) else None})
    return held
