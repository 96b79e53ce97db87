"""Episodes as cards, and the buttons by which the user reviews them."""

from __future__ import annotations

from hashlib import blake2s

import streamlit as st

from ....db.records import Run
from ....errors import StoreError
from ....formatting import plain
from ...analysis.detectors.episodes import Episode, episodes
from ...services.health import Health
from .. import permission
from ..theme import colored
from . import desk, view
from .verdict import heading
from .view import Card

ASIDE = ("silenced", "wrong")  # judgements that take an episode out of the verdict
JUDGEMENTS = {
    "acknowledged": ("Acknowledge", "visibility", "Seen: it stays in the list, dimmed."),
    "silenced": ("Silence", "notifications_off", "Real, but no alert about it in this run."),
    "wrong": ("False alarm", "thumb_down", "Not a problem: it no longer counts."),
}
LABELS = {"acknowledged": "acknowledged", "silenced": "silenced", "wrong": "false alarm"}


def judge(run: str, keys: tuple[tuple[str, str, int], ...], judgement: str) -> None:
    """Stores what the user thinks of an episode."""
    known = desk.healths()
    try:
        permission.required()
        known.save(run)  # a judgement belongs to a stored finding
        for key in keys:
            known.store.findings.judge(run, *key, judgement)
    except StoreError as error:
        st.toast(plain(str(error), 200), icon=":material/error:")


def draw(run: Run, found: Health, most: int) -> None:
    """Every episode: what goes on, what is over, what was expected, and what the user has set aside."""
    known = view.cards(found.episodes)
    faults = [card for card in known if card.tone != "expected"]
    advised: set[str] = set()  # the same advice is given once
    for card in faults[:most]:
        _card(run, card, advised)
    for name, rest in (
        ("Earlier and less severe", faults[most:]),
        ("Expected, not flagged", [card for card in known if card.tone == "expected"]),
        ("Silenced and false alarms", view.cards(_aside(found))),
    ):
        if rest:
            with st.expander(f"{name} ({len(rest)})", expanded=not faults, key=f"more:{name}"):
                for card in rest:
                    _card(run, card, advised)


def _aside(found: Health) -> list[Episode]:
    """The episodes that the user has silenced or called false alarms."""
    return episodes([finding for finding in found.findings if finding.judgement in ASIDE])


def _card(run: Run, card: Card, advised: set[str]) -> None:
    name = blake2s(card.id.encode(), digest_size=6).hexdigest()
    with st.container(border=True, key=f"{'reviewed' if card.judgement else 'card'}_{name}", gap="xxsmall"):
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
        numbers = [f"{plain(label, 40)} {plain(value, 40)}" for label, value in card.evidence[:8]]
        st.caption(" · ".join([*numbers, f"confidence {100 * card.confidence:.0f} %"]))


def _buttons(run: Run, card: Card, name: str) -> None:
    if card.judgement:
        st.caption(LABELS[card.judgement])
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
