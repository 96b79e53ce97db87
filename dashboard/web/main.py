"""The frame around the pages: every file in `pages/` is one, in the order of its number."""

from pathlib import Path

import streamlit as st

from barograph.dashboard.web import arrivals, permission, url_state
from barograph.dashboard.web.theme import ICON, STYLE

pages = sorted((Path(__file__).parent / "pages").glob("[0-9]*.py"))
titles = [path.stem.split("_", 1)[1].replace("_", " ") for path in pages]
page = st.navigation(
    [st.Page(path, title=title, default=path is pages[0]) for path, title in zip(pages, titles, strict=True)],
    position="top",
)
st.set_page_config(page_title=f"{page.title} · Barograph", page_icon=ICON, layout="wide")
st.html(STYLE)
if not permission.may_change():
    st.caption(f":material/visibility: {permission.SENTENCE}.")
url_state.resume(page.title)
st.html(f'<h1 class="unseen">{page.title}</h1>')
arrivals.watched()
page.run()
url_state.remember()
