"""What a browser may do with our pages: nothing from another host, and no frame of another page around them."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit


@cache
def headers() -> dict[str, str]:
    """The headers of every answer.

    Styles have to be allowed inline, as Streamlit and the charts write them so; scripts do not, but for the one in
    Streamlit's own page, by its hash. The charts' expressions are interpreted, so that nothing is evaluated.
    """
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *_hashes()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _hashes() -> list[str]:
    """The hash of each script that stands in the page which Streamlit serves."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'" for one in scripts]
