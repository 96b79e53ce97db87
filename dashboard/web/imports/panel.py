"""Uploaded logs: read first, shown with what would become of them, imported at the press of a button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from ....errors import StoreError
from ....formatting import plain, short
from ...services.uploads import drafts as uploads
from ...services.uploads import staging
from ...services.uploads.drafts import Draft
from .. import cache, permission
from ..table import dataframe
from . import view

SHOWN = 20  # logs of one upload, and sentences of one kind
Ready = tuple[Draft, str, dict[str, str]]  # a log, the name of its run, and what its columns are

FORMATS = (
    "TensorBoard, W&B (offline files and CSV exports), MLflow, Trackio, Lightning, trainer_state.json, CSV, TSV, "
    "Parquet, JSON lines, and the output of nanoGPT, modded-nanogpt, llm.c, Megatron-LM and torchtitan; a folder as a "
    "zip or tar. You see what was found before anything is imported. Larger files: `barograph import PATH`."
)


def draw() -> None:
    st.header("Import logs", anchor=False)
    st.caption(FORMATS)
    tick = st.session_state.setdefault("uploads", 0)
    given = st.file_uploader("Logs", accept_multiple_files=True, key=f"files:{tick}", label_visibility="collapsed")
    for sentence, run in st.session_state.get("imported", ()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[:material/check_circle:] {plain(sentence, 500)}", width="content")
            st.page_link("pages/02_Run.py", label="Open", icon=":material/show_chart:", query_params={"run": run})
    if given:
        st.session_state.pop("imported", None)
        _drafts(given)


def _read(given: list[Any]) -> tuple[Path, list[Draft], list[str]]:
    """What the uploaded files would become; read once."""
    permission.required()
    ids = tuple(file.file_id for file in given)
    if st.session_state.get("staged", ((), None))[0] != ids:
        if "staged" in st.session_state:
            staging.drop(st.session_state.pop("staged")[1])
        with st.spinner("Reading the files …"):
            folder, left = staging.stage(cache.store_path(), [(file.name, file) for file in given])
            found, refused = uploads.drafts(cache.store_path(), folder)
        st.session_state["staged"] = (ids, folder, found, [*left, *refused])
    _, folder, found, refused = st.session_state["staged"]
    return folder, found, refused


def _drafts(given: list[Any]) -> None:
    try:
        folder, found, refused = _read(given)
    except StoreError as error:
        st.error(plain(str(error), 500), icon=":material/error:")
        return
    for sentence in refused[:SHOWN]:
        st.warning(plain(sentence, 500), icon=":material/block:")
    if len(refused) > SHOWN:
        st.caption(f"and {len(refused) - SHOWN:,} more files that are no logs")
    if len(found) > SHOWN:
        st.caption(f"{len(found):,} logs; the first {SHOWN} are shown, all are imported.")
    drafts: list[Ready] = [(draft, *_draft(i, draft)) for i, draft in enumerate(found[:SHOWN])]
    drafts += [(draft, draft.name, {}) for draft in found[SHOWN:]]
    ready = [one for one in drafts if not one[0].problem]
    if ready and st.button(f"Import {len(ready)} run{'s' * (len(ready) != 1)}", type="primary", key="commit"):
        _commit(folder, ready)


def _draft(i: int, draft: Draft) -> tuple[str, dict[str, str]]:
    """One log and what would become of it; returns the run's name and what columns are, as the user chose."""
    with st.container(border=True, key=f"draft_{i}"):
        st.markdown(f"**{plain(draft.file, 120)}** · {plain(draft.source.importer.FORMAT)}")
        if draft.problem or draft.found is None:
            st.warning(plain(draft.problem, 500), icon=":material/block:")
            return draft.name, {}
        st.caption(view.content(draft))
        if draft.damage:
            st.warning(f"Damaged: {plain(draft.damage, 400)}. The rest is imported.", icon=":material/broken_image:")
        if draft.found.missing:
            st.caption(plain(view.lacking(draft.found.missing), 300))
        if draft.known:
            st.caption(f"Continues the run **{plain(draft.known.name)}**: only what is new is added.")
        name = st.text_input("Run", draft.name, max_chars=200, key=f"name_{i}")
        columns = view.columns(draft)
        roles = _roles(i, draft, columns)
        left = st.multiselect("Leave out", columns, format_func=short, key=f"left_{i}", placeholder="nothing")
        if draft.found.words:
            names = ", ".join(short(name, 40) for name in draft.found.words[:20])
            st.caption(f"Not imported, as they hold text and no numbers: {plain(names, 400)}")
        with st.expander("Columns and first rows"):
            dataframe(view.becomes(draft), hide_index=True, height=240)
            dataframe(view.first_rows(draft), hide_index=True)
        return name, uploads.corrections(draft, roles, left)


def _roles(i: int, draft: Draft, columns: list[str]) -> dict[str, str | None]:
    """A list a role, with the guessed column chosen."""
    roles: dict[str, str | None] = {}
    for place, (role, label) in zip(st.columns(len(uploads.ROLES)), uploads.ROLES.items(), strict=True):
        guessed = draft.roles[role]
        index = columns.index(guessed) + 1 if guessed in columns else 0
        options = [None, *columns]
        roles[role] = place.selectbox(
            label, options, index=index, format_func=lambda name: view.NONE if name is None else short(name, 60),
            key=f"role_{role}_{i}",
        )  # fmt: skip
    return roles


def _commit(folder: Path, ready: list[Ready]) -> None:
    done, failed = [], []
    with st.spinner("Importing …"):
        for draft, name, columns in ready:
            try:
                imported = uploads.commit(cache.store_path(), draft, name, columns)
                done.append((uploads.imported_sentence(draft, imported), imported.run.id))
            except StoreError as error:
                failed.append(f"{draft.file}: {error}")
    st.session_state["imported"] = done
    if failed:
        for sentence in failed:
            st.error(plain(sentence, 500), icon=":material/error:")
        return
    staging.drop(folder)
    st.session_state.pop("staged", None)
    st.session_state["uploads"] += 1  # an empty uploader
    st.rerun()
