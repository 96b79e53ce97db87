"""Brings in logs that other tools wrote: looked through first, imported when the user says so; and folders followed."""

import time

import pandas as pd
import streamlit as st

from barograph.dashboard.services import uploads
from barograph.dashboard.services.background.log_follower import followed
from barograph.dashboard.web import cache as data
from barograph.formatting import count, duration, plain, short

SHOWN = 20  # logs of one upload, and sentences of one kind
ROWS = 8  # of a log
NONE = "–"
LIVE = {True: "growing", False: "quiet"}


def draw_upload() -> None:
    st.subheader("Import logs", anchor=False)
    st.caption(
        "TensorBoard, W&B (offline files and CSV exports), MLflow, Trackio, Lightning, trainer_state.json, CSV, TSV, "
        "Parquet, JSON lines, and what nanoGPT, modded-nanogpt, llm.c, Megatron-LM and torchtitan print; a folder as a "
        "zip or tar. Nothing is imported before you have seen it. Larger files: `barograph import PATH`."
    )
    tick = st.session_state.setdefault("uploads", 0)
    given = st.file_uploader("Logs", accept_multiple_files=True, key=f"files:{tick}", label_visibility="collapsed")
    for sentence, run in st.session_state.get("imported", ()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[:material/check_circle:] {plain(sentence, 500)}", width="content")
            st.page_link("pages/02_Run.py", label="Open", icon=":material/show_chart:", query_params={"run": run})
    if given:
        st.session_state.pop("imported", None)
        draw_drafts(given)


def read(given: list):
    """What the uploaded files would become; looked through once."""
    ids = tuple(file.file_id for file in given)
    if st.session_state.get("staged", ((), None))[0] != ids:
        if "staged" in st.session_state:
            uploads.drop(st.session_state.pop("staged")[1])
        with st.spinner("Looking through the files …"):
            folder, left = uploads.stage(uploads.store_path(data.path()), [(file.name, file) for file in given])
            found, refused = uploads.drafts(uploads.store_path(data.path()), folder)
        st.session_state["staged"] = (ids, folder, found, [*left, *refused])
    return st.session_state["staged"][1:]


def draw_drafts(given: list) -> None:
    try:
        folder, found, refused = read(given)
    except ValueError as error:
        st.error(plain(str(error), 500), icon=":material/error:")
        return
    for sentence in refused[:SHOWN]:
        st.warning(plain(sentence, 500), icon=":material/block:")
    if len(refused) > SHOWN:
        st.caption(f"and {len(refused) - SHOWN:,} more files that are no logs")
    if len(found) > SHOWN:
        st.caption(f"{len(found):,} logs; the first {SHOWN} are shown, all are imported.")
    said = [(draft, *draw_draft(i, draft)) for i, draft in enumerate(found[:SHOWN])]
    said += [(draft, draft.name, {}) for draft in found[SHOWN:]]
    ready = [one for one in said if not one[0].why_not]
    if ready and st.button(f"Import {len(ready)} run{'s' * (len(ready) != 1)}", type="primary", key="commit"):
        commit(folder, ready)


def draw_draft(i: int, draft) -> tuple[str, dict[str, str]]:
    """One log: what would become of it, and the user's say; returns the run's name and what columns are."""
    with st.container(border=True, key=f"draft_{i}"):
        st.markdown(f"**{plain(draft.file, 120)}** · {plain(draft.source.importer.FORMAT)}")
        if draft.why_not:
            st.warning(plain(draft.why_not, 500), icon=":material/block:")
            return draft.name, {}
        ended = f"up to step {draft.last_step:,}" if draft.last_step is not None else "without a step"
        st.caption(f"{draft.rows:,} rows, {count(draft.points)} numbers, {ended}")
        if draft.damage:
            st.warning(f"Damaged: {plain(draft.damage, 400)}. The rest is imported.", icon=":material/broken_image:")
        if draft.found.missing:
            st.caption(f"Without {plain(', '.join(draft.found.missing), 300)}.")
        if draft.known:
            st.caption(f"Goes on with the run **{plain(draft.known.name)}**: only what is new is added.")
        name = st.text_input("Run", draft.name, max_chars=200, key=f"name_{i}")
        columns = list(draft.found.keys) + ([draft.found.step] if draft.found.step else [])
        roles = draw_roles(i, draft, columns)
        left = st.multiselect("Leave out", columns, format_func=short, key=f"left_{i}", placeholder="nothing")
        if draft.found.words:
            names = ", ".join(short(name, 40) for name in draft.found.words[:20])
            st.caption(f"Stays behind, it holds words and no numbers: {plain(names, 400)}")
        with st.expander("Columns and first rows"):
            keys = draft.found.keys.items()
            becomes = [short(key if isinstance(key, str) else "/".join(key)) for _, key in keys]
            names = [short(name) for name, _ in keys]
            st.dataframe(pd.DataFrame({"column": names, "becomes": becomes}), hide_index=True, height=240)
            first = {"step": draft.found.steps[:ROWS]}
            first |= {f"{short(name, 40)}": draft.found.values[name][:ROWS] for name in list(draft.found.values)[:30]}
            st.dataframe(pd.DataFrame(first), hide_index=True)
        return name, uploads.chosen(draft, roles, left)


def draw_roles(i: int, draft, columns: list[str]) -> dict[str, str | None]:
    """A list a role, with the guessed column chosen."""
    places, roles = st.columns(len(uploads.ROLES)), {}
    for place, (role, label) in zip(places, uploads.ROLES.items(), strict=True):
        guessed = draft.roles[role]
        index = columns.index(guessed) + 1 if guessed in columns else 0
        options = [None, *columns]
        roles[role] = place.selectbox(
            label, options, index=index, format_func=lambda name: NONE if name is None else short(name, 60),
            key=f"role_{role}_{i}",
        )  # fmt: skip
    return roles


def commit(folder, ready: list) -> None:
    done, failed = [], []
    with st.spinner("Importing …"):
        for draft, name, columns in ready:
            try:
                imported = uploads.commit(uploads.store_path(data.path()), draft, name, columns)
                done.append((uploads.told(draft, imported), imported.run.id))
            except ValueError as error:
                failed.append(f"{draft.file}: {error}")
    st.session_state["imported"] = done
    if failed:
        for sentence in failed:
            st.error(plain(sentence, 500), icon=":material/error:")
        return
    uploads.drop(folder)
    st.session_state.pop("staged", None)
    st.session_state["uploads"] += 1  # an empty uploader
    st.rerun()


@st.fragment(run_every=2.0)
def draw_folders() -> None:
    st.subheader("Folders that are followed", anchor=False)
    found = followed(data.path())
    if not found:
        st.caption("None. `barograph serve --watch DIR` imports what appears in a folder and follows what grows.")
    for state in found:
        growing = sum(one.live for one in state.logs)
        with st.container(border=True):
            st.markdown(f"**{plain(state.folder, 200)}**")
            st.caption(f"{len(state.logs):,} logs, {growing:,} growing; followed {state.how}")
            if state.problem:
                st.warning(plain(state.problem, 300), icon=":material/folder_off:")
            draw_logs(state)


def draw_logs(state) -> None:
    now = time.time()
    rows = [
        {
            "Log": short(one.file, 120), "Format": one.format, "State": LIVE[one.live],
            "Last row": f"{duration(now - one.grown)} ago" if one.grown else NONE, "Run": short(one.name),
            "Open": f"Run?run={one.run}" if one.run else None,
            "Problem": short(one.problem, 300) if one.problem else "",
        }
        for one in state.logs[:500]
    ]  # fmt: skip
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, height=min(38 + 35 * len(rows), 420), placeholder=NONE,
            column_config={"Open": st.column_config.LinkColumn(display_text="open", width=65)},
        )  # fmt: skip
    if state.no_logs:
        with st.expander(f"Files that are no logs ({len(state.no_logs)})"):
            for sentence in state.no_logs[:SHOWN]:
                st.caption(plain(sentence, 300))


draw_upload()
draw_folders()
