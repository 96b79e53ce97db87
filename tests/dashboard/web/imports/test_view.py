"""What the Import page says of a log."""

from __future__ import annotations

from tests.dashboard.web.seen import spoken

PAGE = "pages/08_Import.py"
HOSTILE = "<img src=x onerror=alert(1)>'; DROP TABLE runs; --"


def test_what_lacks_is_said(app):
    said = spoken(app(("bare.jsonl", b'{"step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n')))
    assert "No column for the learning rate (the forecast needs it), tokens, time." in said
