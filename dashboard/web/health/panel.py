"""A run's health on a page: the verdict in one line, its episodes as cards, and what the user thinks of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from hashlib import blake2s
from pathlib import Path
from typing import Any

import streamlit as st

from ....formatting import plain
from ...analysis.detectors.episodes import episodes
from ...services.alerts.delivery import send_test
from ...services.health import Health, Healths, shared
from .. import cache as data
from .. import url_state as selection
from . import view as diagnosis
from .view import Card

COLORS = {"act": "red", "watch": "orange", "note": "blue", "expected": "gray", "": "green"}
ICONS = {"act": "error", "watch": "visibility", "note": "info", "expected": "trending_up", "": "check_circle"}
ASIDE = ("silenced", "wrong")  # judgements that take an episode out of the verdict
JUDGEMENTS = {
    "acknowledged": ("Acknowledge", "visibility", "seen; it stays in the list, pale"),
    "silenced": ("Silence", "notifications_off", "real, but not worth an alert in this run"),
    "wrong": ("Wrong", "thumb_down", "not a fault: it no longer counts"),
}
LOOKING = "Looking through the run …"
SHORT = 2  # more open episodes on the Run page
TICK = 1.0  # seconds between two looks at a running run
PATIENCE = 0.3, 0.15  # seconds that a page waits for a first look, and for a newer one


class Desk:
    """Looks at runs in a thread of its own, one at a time, and knows what it saw last."""

    def __init__(self):
        self._pool = ThreadPoolExecutor(1, "barograph-health")
        self._lock = threading.Lock()
        self._asked: dict[str, Future] = {}
        self._seen: dict[str, Health] = {}

    def ask(self, known: Healths, run: str) -> Health | None:
        """The newest health of a run that can be had soon; None where its first look takes longer than that."""
        with self._lock:
            asked = self._asked.get(run)
            if asked is None or asked.done():
                asked = self._asked[run] = self._pool.submit(known.of, run)
            seen = self._seen.get(run)
        try:
            found = asked.result(PATIENCE[seen is not None])
        except NotYet:
            return seen
        with self._lock:
            self._seen[run] = found
        return found


@st.cache_resource(show_spinner=False)
def _desk(url: str) -> Desk:
    return Desk()


def store_path() -> Path:
    return Path(data.path().removeprefix("sqlite:///")).absolute()


def healths() -> Healths:
    """The healths of the store in use, the same for all viewers and the watcher."""
    return shared(store_path())


def health(run) -> Health | None:
    """A run's health as of now, or of a moment ago while it is brought up to date; None while it is first looked at.

    Raises ValueError where the store cannot be read.
    """
    return _desk(data.path()).ask(healths(), run.id)


def judge(run: str, keys: tuple, judgement: str) -> None:
    """Writes down what the user thinks of an episode."""
    known = healths()
    try:
        known.keep(run)  # a finding is judged where it is stored
        for key in keys:
            known.store.findings.judge(run, *key, judgement)
    except ValueError as error:
        st.toast(plain(str(error), 200), icon=":material/error:")


def colored(tone: str, text: str) -> str:
    """Markdown in the colour of a tone, with its sign."""
    return f":{COLORS[tone]}[:material/{ICONS[tone]}: {text}]"


def moving(run, signals: int, draw: Callable[[Any, Health | None], None]) -> None:
    """Draws what depends on a run's health, anew at each tick while the run goes on or is first looked at.

    `signals` is the number of those known to the page, `draw` gets the run and its health as they are by then.
    """
    try:
        known = health(run)
    except ValueError as error:
        st.caption(f"No verdict: {plain(str(error), 300)}")
        return

    @st.fragment(run_every=TICK if known is None or run.state == "running" else None)
    def ticking() -> None:
        now, found = selection.fresh(run, signals), health(run)
        if known is None and found is not None and run.state != "running":
            st.rerun()  # from now on without ticks
        draw(now, found)

    ticking()


def line(run, found: Health | None) -> None:
    """The verdict in one line and what else is going on, with the way to the page that says more."""
    if found is None:
        st.caption(LOOKING)
        return
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(verdict(found))
        st.page_link("pages/04_Health.py", label="Health", icon=":material/ecg_heart:", query_params={"run": run.id})
    going_on = [card for card in diagnosis.cards(found.episodes) if card.open and not card.judgement]
    for card in going_on[1 : 1 + SHORT]:  # the verdict tells of the first
        st.caption(f"{heading(card)}: {plain(card.sentence, 220)}")


def verdict(found: Health) -> str:
    """The verdict as Markdown, in the colour of the worst that goes on."""
    return colored(diagnosis.mood(found.episodes, found.run.state), f"**{plain(found.verdict, 300)}**")


def heading(card: Card) -> str:
    place = f" · {plain(card.where, 120)}" if card.where else ""
    return f"{colored(card.tone, f'**{plain(card.title)}**')}{place} · {plain(card.steps)}"


def cards(run, found: Health, most: int) -> None:
    """Every episode: what goes on, what was, what is only explained, and what the user has set aside."""
    known = diagnosis.cards(found.episodes)
    faults = [card for card in known if card.tone != "expected"]
    advised: set[str] = set()  # the same advice is given once
    for card in faults[:most]:
        _card(run, card, advised)
    for name, rest in (
        ("Earlier and lesser ones", faults[most:]),
        ("Explained, not flagged", [card for card in known if card.tone == "expected"]),
        ("Silenced or called wrong", diagnosis.cards(aside(found))),
    ):
        if rest:
            with st.expander(f"{name} ({len(rest)})", expanded=not faults, key=f"more:{name}"):
                for card in rest:
                    _card(run, card, advised)


def try_alerts() -> None:
    """A button that sends a test message to whoever is to be alerted."""
    if st.button("Test the alerts", icon=":material/notifications:", help="sends a message to every service set up"):
        try:
            with st.spinner("Sending …"):
                told = send_test(store_path())
        except ValueError as error:
            st.warning(plain(str(error), 500), icon=":material/notifications_off:")
        else:
            st.success(plain(told, 500), icon=":material/notifications_active:")


def aside(found: Health) -> list:
    """The episodes that the user has silenced or called wrong."""
    return episodes([finding for finding in found.findings if finding.judgement in ASIDE])


def _card(run, card: Card, advised: set[str]) -> None:
    name = blake2s(card.id.encode(), digest_size=6).hexdigest()
    with st.container(border=True, key=f"{'judged' if card.judgement else 'card'}_{name}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(heading(card), width="content")
            with st.container(horizontal=True, width="content", gap="xsmall"):
                _buttons(run, card, name)
        if card.judgement in ASIDE:
            st.markdown(f"~~{plain(card.sentence, 600)}~~")
            return
        st.markdown(plain(card.sentence, 600))
        if card.advice and card.advice not in advised and card.tone != "expected":
            advised.add(card.advice)
            st.markdown(f"**Try:** {plain(card.advice, 600)}")
        for tone, title, sentence in card.others[:4]:
            st.caption(f"{colored(tone, plain(title))}: {plain(sentence, 300)}")
        numbers = [f"{plain(name, 40)} {plain(value, 40)}" for name, value in card.evidence[:12]]
        st.caption(" · ".join([*numbers, f"confidence {100 * card.confidence:.0f} %"]))


def _buttons(run, card: Card, name: str) -> None:
    if card.judgement:
        st.caption(card.judgement)
        st.button(
            "Undo", icon=":material/undo:", type="tertiary", key=f"undo_{name}", on_click=judge,
            args=(run.id, card.keys, ""),
        )  # fmt: skip
    elif card.tone != "expected":
        for judgement, (label, icon, meaning) in JUDGEMENTS.items():
            st.button(
                label, icon=f":material/{icon}:", type="tertiary", key=f"{judgement}_{name}", help=meaning,
                on_click=judge, args=(run.id, card.keys, judgement),
            )  # fmt: skip
