"""The frame around the pages: every file in `pages/` is one, in the order of its number."""

from pathlib import Path

import streamlit as st

STYLE = """<style>
.block-container { padding-top: 4.6rem; padding-bottom: 3rem; max-width: 1500px; }
[data-testid="stMetric"] label p { font-size: .78rem; opacity: .75; }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
.st-key-charts, .st-key-story { min-height: 560px; }
[class*="st-key-judged_"] { opacity: .55; }
</style>"""

st.set_page_config(page_title="Barograph", page_icon=":material/monitoring:", layout="wide")
st.html(STYLE)
pages = sorted((Path(__file__).parent / "pages").glob("[0-9]*.py"))
titles = [path.stem.split("_", 1)[1].replace("_", " ") for path in pages]
st.navigation(
    [st.Page(path, title=title, default=path is pages[0]) for path, title in zip(pages, titles, strict=True)],
    position="top",
).run()
