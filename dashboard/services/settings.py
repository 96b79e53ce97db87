"""`barograph.toml`: whom to alert of what, and which findings stop a run.

    [alerts]
    urls = ["slack://token", "mailto://user:password@example.org"]   # as Apprise writes them
    severity = "act"                     # the least that is told: "note", "watch" or "act"
    interval = 300                       # at most one message of a run in so many seconds
    link = "https://barograph.example"   # the dashboard's address, for the link in a message

    [stop]
    kinds = ["non_finite", "divergence"]   # a run with an open finding of these kinds that asks to act is stopped

It stands beside the store, or where BAROGRAPH_CONFIG says. A missing file means: nobody, nothing.
"""

from __future__ import annotations

import math
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..analysis.detectors import discover
from ..analysis.detectors.finding import Severity

NAME = "barograph.toml"
LEVELS = {severity.name.lower(): severity for severity in Severity}


@dataclass(frozen=True)
class Settings:
    """What the file says."""

    file: Path
    urls: tuple[str, ...] = ()
    severity: Severity = Severity.ACT
    interval: float = 300.0
    link: str = ""
    stop: frozenset[str] = frozenset()

    @property
    def services(self) -> tuple[str, ...]:
        """The kinds of services in `urls`: what may be shown of them, the rest holds passwords."""
        return tuple(url.partition(":")[0] for url in self.urls)


def place(store: Path) -> Path:
    """Where the settings of a store are looked for."""
    return Path(os.environ.get("BAROGRAPH_CONFIG") or store.parent / NAME)


def read(store: Path) -> Settings:
    """The settings of the store at this path. ValueError in one sentence where the file cannot be understood."""
    file = place(store)
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(file)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file} is no TOML: {error}") from error
    alerts, stop = _table(file, said, "alerts"), _table(file, said, "stop")
    if (
        strange := {*said} - {"alerts", "stop"}
        | {*alerts} - {"urls", "severity", "interval", "link"}
        | {*stop} - {"kinds"}
    ):
        raise ValueError(
            f"{file}: {', '.join(sorted(strange))} is not known; expected [alerts] with urls, severity, interval and "
            "link, and [stop] with kinds"
        )
    level = alerts.get("severity", "act")
    if level not in LEVELS:
        raise ValueError(f"{file}: severity = {level!r}, expected one of {', '.join(LEVELS)}")
    interval = alerts.get("interval", Settings.interval)
    if not isinstance(interval, int | float) or not math.isfinite(interval) or interval < 0:
        raise ValueError(f"{file}: interval = {interval!r}, expected seconds, 0 or more")
    link = alerts.get("link", "")
    if not isinstance(link, str) or (link and not link.startswith(("http://", "https://"))):
        raise ValueError(f"{file}: link = {link!r}, expected the dashboard's address, such as http://localhost:8501")
    kinds = _words(file, "stop.kinds", stop.get("kinds", []))
    if unknown := sorted({*kinds} - {*discover()}):
        raise ValueError(f"{file}: [stop] kinds: {', '.join(unknown)} is none of {', '.join(discover())}")
    urls = _words(file, "alerts.urls", alerts.get("urls", []))
    return Settings(file, urls, LEVELS[level], float(interval), link.rstrip("/"), frozenset(kinds))


def _table(file: Path, said: dict, name: str) -> dict[str, Any]:
    table = said.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{file}: {name} = ..., expected a section [{name}]")
    return table


def _words(file: Path, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise ValueError(f"{file}: {name}, expected a list of words in quotes")
    return tuple(value)
