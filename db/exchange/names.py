"""Names from outside, as they can be stored and shown."""

from __future__ import annotations

import hashlib

LONGEST = 200  # characters of a name


def plain(text: str, longest: int = LONGEST) -> str:
    """A name that can be stored and shown: no control characters, no lone surrogates; a long one is cut, but unique."""
    text = text.encode("utf-8", "replace").decode()
    text = "".join(c if c.isprintable() else " " for c in text).strip() or "unnamed"
    if len(text) <= longest:
        return text
    return f"{text[: longest - 10]}… {hashlib.sha256(text.encode()).hexdigest()[:8]}"
