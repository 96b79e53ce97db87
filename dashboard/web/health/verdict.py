"""A run's health in one line, on its own page and on that of the run."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ....db.records import Run
from ....errors import StoreError
from ....formatting import plain
from ...services.health import Health
from .. import run_choice
from ..theme import colored
from . import desk, view
from .view import Card

EXAMINING = "Examining the run …"
SHORT = 2  # more open episodes on the Run page


def ticking(run: Run, signals: int, draw: Callable[[Run, Health | None], None]) -> None:
    """Draws what depends on a run's health, anew at each tick while the run goes on or is first examined.

    `signals` is the number of those known to the page, `draw` gets the run and its health as they are by then.
    """
    try:
        known = desk.health(run)
    except StoreError as error:
        st.caption(f"No verdict: {plain(str(error), 300)}")
        return

    @st.fragment(run_every=run_choice.TICK if known is None or run.state == "running" else None)
    def drawn() -> None:
        now, found = run_choice.fresh(run, signals), desk.health(run)
        if known is None and found is not None and run.state != "running":
            st.rerun()  # from now on without ticks
        draw(now, found)

    if run.problem:
        st.warning(f"Not all of it can be read: {plain(run.problem, 400)}", icon=":material/warning:")
    drawn()


def line(run: Run, found: Health | None) -> None:
    """The verdict in one line and what else is going on, with a link to the page that says more."""
    if found is None:
        st.caption(EXAMINING)
        return
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(sentence(found))
        st.page_link("pages/04_Health.py", label="Health", icon=":material/ecg_heart:", query_params={"run": run.id})
    going_on = [card for card in view.cards(found.episodes) if card.open and not card.judgement]
    for card in going_on[1 : 1 + SHORT]:  # the verdict names the first
        st.caption(f"{heading(card)}: {plain(card.sentence, 220)}")


def sentence(found: Health) -> str:
    """The verdict as Markdown, in the colour of the worst that goes on; of a note where nothing could be judged."""
    return colored(
        view.mood(found.episodes, found.run.state) if found.judged else "note", f"**{plain(found.verdict, 300)}**"
    )


def heading(card: Card) -> str:
    """What an episode is, where and since when, as Markdown."""
    place = f" · {plain(card.where, 120)}" if card.where else ""
    return f"{colored(card.tone, f'**{plain(card.title)}**')}{place} · {plain(card.steps)}"
