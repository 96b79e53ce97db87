"""The logs of an upload: what an import would make of each, and the import itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ....db import Run, Store
from ....db.exchange.names import plain
from ....db.importers import Imported, Preview, Source, find, preview, take_in
from ....db.importers._machinery.intake import Filling
from ....errors import StoreError
from ....known_series import known
from .staging import place

ROLES = {"step": "Step"} | {
    role: known(role).title for role in ("loss", "val_loss", "lr", "grad_norm", "tokens", "time")
}


@dataclass(frozen=True)
class Draft:
    """One log of an upload and what an import would make of it.

    `rows` and `points` are all that it holds, `last_step` where it ends, `damage` what of it cannot be read, `known`
    the run that it continues (None: a new one), `problem` why nothing can be imported.
    """

    source: Source
    name: str
    file: str
    rows: int = 0
    points: int = 0
    last_step: int | None = None
    damage: str = ""
    found: Preview | None = None
    known: Run | None = None
    problem: str = ""

    @property
    def roles(self) -> dict[str, str | None]:
        """The column that takes each role, as it was guessed."""
        if self.found is None:
            return dict.fromkeys(ROLES)
        taken = {key if isinstance(key, str) else "/".join(key): name for name, key in self.found.keys.items()}
        return {role: taken.get("lr/0" if role == "lr" else role) for role in ROLES} | {"step": self.found.step}


def drafts(store: Path, folder: Path) -> tuple[list[Draft], list[str]]:
    """What the files of an upload would become, and a sentence for each that is no log. Nothing is imported yet."""
    sources, refused = find([folder])
    out = []
    for i, source in enumerate(sources):
        with contextlib.closing(Store(folder / f".{i}.db")) as trial:
            out.append(_draft(store, folder, source, trial))
    return out, [sentence.replace(f"{folder}/", "") for sentence in refused]


def _draft(store: Path, folder: Path, source: Source, trial: Store) -> Draft:
    file = str(source.home.relative_to(folder)) if source.home != folder else source.paths[0].name
    name = source.name if source.label or folder not in (source.home, source.home.parent) else Path(file).stem
    draft = Draft(replace(source, home=place(store) / source.home.relative_to(folder)), plain(name), file)
    try:
        done, found = take_in(trial, source), preview(source)
    except StoreError as error:
        return replace(draft, problem=str(error).replace(f"{folder}/", ""))
    data = next(event.data for event in trial.events(done.run.id) if event.kind == "import")
    damage = "" if done.complete else done.sentence.partition("; ")[2]
    draft = replace(
        draft, rows=data["rows"], points=data["points"], last_step=trial.run(done.run.id).last_step,
        damage=damage, found=found,
    )  # fmt: skip
    if not store.exists():
        return draft
    with contextlib.closing(Store(store)) as there:
        for n in range(2, 1000):
            known = Filling(there, draft.source, draft.name).known
            if known is None or _same(there, known.id, trial, done.run.id):
                return replace(draft, known=known)
            draft = replace(draft, name=f"{plain(name, 180)} ({n})")
    return draft


def _same(store: Store, run: str, trial: Store, other: str) -> bool:
    """Whether a run began as this log does: it is the same log, perhaps a shorter one."""
    for signal in trial.signals(other).keys() & store.signals(run).keys() - {"time"}:
        a, b = store.series(run, signal), trial.series(other, signal)
        n = min(len(a), len(b), 1000)
        if not np.array_equal(a.steps[:n], b.steps[:n]):
            return False
        if not np.array_equal(a.values[:n], b.values[:n], equal_nan=True):
            return False
    return True


def commit(store: Path, draft: Draft, name: str, columns: Mapping[str, str]) -> Imported:
    """Imports a log under a name; `columns` says what columns are whose role was guessed wrong, "": left out."""
    with contextlib.closing(Store(store)) as opened:
        return take_in(opened, draft.source, name=name.strip() or draft.name, columns=columns)


def imported_sentence(draft: Draft, done: Imported) -> str:
    """What has become of a log, in a sentence."""
    added = f"{done.points:,} {'new ' if draft.known else ''}numbers" if done.points else "nothing new"
    return f"{draft.file} → run {done.run.name}: {added}" + (f"; {draft.damage}" if draft.damage else "")


def corrections(draft: Draft, roles: Mapping[str, str | None], left_out: Iterable[str]) -> dict[str, str]:
    """{column: what it is} where the user's choice of roles differs from the guess, "" for a column to leave out."""
    out: dict[str, str] = {}
    for role, before in draft.roles.items():
        column = roles.get(role)
        if column != before and before is not None:
            out.setdefault(before, f"{before} (column)")
        if column is not None and column != before:
            out[column] = role
    return out | dict.fromkeys(left_out, "")
