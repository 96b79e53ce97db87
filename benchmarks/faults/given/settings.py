"""Settings of a wrong type, unknown or broken: they are named, and every run goes on being watched."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path

from barograph.dashboard.services import settings
from barograph.dashboard.services.background.watcher import Watcher
from barograph.db import Run, RunWriter, Store
from benchmarks.faults._support.processes import command
from benchmarks.faults._support.tally import Tally

KEYS = (
    "alerts.urls",
    "alerts.severity",
    "alerts.interval",
    "alerts.link",
    "stop.kinds",
    "secrets.mask",
    "secrets.show",
)
VALUES = ('["act"]', "[3]", "[['a']]", "{ a = 1 }", "true", "-1", "nan", "1979-05-27", "'\\u0000'", '""')
WHOLE = (
    "[alerts",
    "alerts = 3",
    "[alarms]\n",
    "\0",
    "[alerts]\ninterval = " + "9" * 5000,
    "[" * 5000,
    "\ufeff[alerts]",
)


def texts() -> list[str]:
    """Each key with each value, and files that are none."""
    sections = (key.split(".") for key in KEYS)
    return [f"[{section}]\n{key} = {value}\n" for (section, key), value in itertools.product(sections, VALUES)] + [
        *WHOLE
    ]


def attack(folder: Path, quick: bool) -> Tally:
    tally, said = Tally(), _Said()
    log = logging.getLogger("barograph")
    log.addHandler(said)
    log.propagate = False
    for number, text in enumerate(texts()[:: 8 if quick else 1]):
        place = folder / str(number)
        place.mkdir()
        path = place / "runs.db"
        writer = RunWriter.open(path, Run("", "diverges"))
        for step in range(1, 301):
            writer.points(step, ("loss",), [float("nan") if step > 200 else 3.0 / step**0.5])
        (place / "barograph.toml").write_text(text)
        watcher, said.sentences = Watcher(path), []
        try:
            watcher.look()
            problem = ""
        except Exception as error:
            problem = f"the watcher ends with {error!r}"
        watcher.stop()
        writer.close()
        store = Store(path)
        found = {finding.kind for finding in store.findings(writer.run.id)}
        store.close()
        ends = [command(*words, "--store", path) for words in (["runs"], ["check"], ["check-run", "diverges"])]
        named = _meant(path) or any("barograph.toml" in sentence for sentence in said.sentences)
        held = not problem and named and "non_finite" in found and all(status != 99 for status, _ in ends)
        tally.count(held, f"{text[:60]!r}: {problem} named: {named}, {found} {ends}")
    log.propagate = True
    log.removeHandler(said)
    return tally


def _meant(path: Path) -> bool:
    """Whether the settings are understood."""
    try:
        settings.read(path)
    except settings.SettingsError:
        return False
    return True


class _Said(logging.Handler):
    """What the watcher logs."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.sentences.append(record.getMessage())
