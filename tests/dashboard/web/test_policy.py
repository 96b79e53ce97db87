"""What browsers are told that our pages may do."""

import base64
import hashlib
import re
from pathlib import Path

import streamlit

from barograph.dashboard.web import policy


def test_nothing_from_elsewhere_and_no_inline_script_but_streamlits_own():
    told = dict(part.split(" ", 1) for part in policy.headers()["Content-Security-Policy"].split("; "))
    assert told["default-src"] == told["frame-ancestors"] == told["base-uri"] == "'none'"
    assert "unsafe" not in told["script-src"] and "http" not in " ".join(told.values())
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script[^>]*>(.+?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert hashes and all(f"'sha256-{one}'" in told["script-src"] for one in hashes)
