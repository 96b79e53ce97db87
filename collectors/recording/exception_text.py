"""What the timeline says of an exception that ended a run."""

from __future__ import annotations

from ...masking import Masking

LONGEST = 500  # characters


def exception_text(problem: BaseException) -> str:
    """The exception in a line; masked before it is cut, since half a secret has no look.

    >>> exception_text(RuntimeError("401 for https://me:pass@host/"))
    'RuntimeError: 401 for https://me:***@host/'
    """
    return Masking().text(f"{type(problem).__name__}: {problem}")[:LONGEST]
