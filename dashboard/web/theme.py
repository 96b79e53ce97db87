"""How states and severities look on every page, and the little that Streamlit's own theme cannot say."""

from __future__ import annotations

from typing import Literal

Color = Literal["red", "orange", "blue", "green", "gray"]

# Drawn here: the browser would fetch one of Streamlit's named icons from a font server.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2c6aa0" stroke-width="2.4" '
    'stroke-linecap="round" stroke-linejoin="round"><path d="M3 3v18h18"/><path d="M6 8l4 6 4-3 5 6"/></svg>'
)

STYLE = """<style>
.block-container { padding-top: 4.6rem; padding-bottom: 3rem; max-width: 1500px; }
[data-testid="stMetric"] label p { font-size: .78rem; opacity: .75; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; opacity: .86; }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
.st-key-charts, .st-key-story { min-height: 560px; }
[class*="st-key-reviewed_"] { opacity: .55; }
</style>"""

STATES: dict[str, Color] = {
    "running": "blue",
    "finished": "green",
    "stopped": "gray",
    "diverged": "red",
    "killed": "red",
    "lost": "red",
}
STATE_ICONS = {
    "running": "play_circle",
    "finished": "check_circle",
    "stopped": "stop_circle",
    "diverged": "warning",
    "killed": "cancel",
    "lost": "cloud_off",
}
TONES = {"act": "red", "watch": "orange", "note": "blue", "expected": "gray", "": "green"}
TONE_ICONS = {"act": "error", "watch": "visibility", "note": "info", "expected": "trending_up", "": "check_circle"}


def colored(tone: str, text: str) -> str:
    """Markdown in the colour of a severity, with its sign."""
    return f":{TONES[tone]}[:material/{TONE_ICONS[tone]}: {text}]"
