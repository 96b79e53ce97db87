"""`barograph.toml`: whom to alert of what, and which findings stop a run.

    [alerts]
    urls = ["slack://token", "mailto://user:password@example.org"]   # as Apprise writes them
    severity = "act"                     # the least severity to alert of: "note", "watch" or "act"
    interval = 300                       # at most one message of a run in so many seconds
    link = "https://barograph.example"   # the dashboard's address, for the link in a message

    [stop]
    kinds = ["non_finite", "divergence"]   # a run with an open finding of these kinds and severity "act" is stopped

    [secrets]                            # see `db/masking.py`
    mask = ["*_pin"]                     # names in configurations that are secret here
    show = ["wandb.key"]                 # names that are not

It stands beside the store, or where BAROGRAPH_CONFIG says. A missing file means: nobody, nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...db.masking import settings_file
from ...errors import InvalidInput
from ..analysis.detectors import discover
from ..analysis.detectors.severity import Severity

LEVELS = {severity.name.lower(): severity for severity in Severity}
STRICT = ConfigDict(extra="forbid", strict=True)
Words = list[Annotated[str, Field(min_length=1)]]


class SettingsError(InvalidInput):
    """`barograph.toml` cannot be read or understood."""


@dataclass(frozen=True)
class Settings:
    """What the file asks for."""

    file: Path
    urls: tuple[str, ...] = ()
    severity: Severity = Severity.ACT
    interval: float = 300.0
    link: str = ""
    stop: frozenset[str] = frozenset()

    @property
    def services(self) -> tuple[str, ...]:
        """The kinds of services in `urls`: what may be shown of them, the rest holds passwords."""
        return tuple(map(service, self.urls))


def service(url: str) -> str:
    """The kind of service that an address names; of one without a scheme nothing may be shown.

    >>> service("slack://token/token"), service("me:password@host"), service("hooks.slack.com/services/T0/B0/X")
    ('slack', 'an address without a scheme', 'an address without a scheme')
    """
    found = re.match(r"([a-z][a-z0-9+.-]*)://", url, re.IGNORECASE)
    return found[1].lower() if found else "an address without a scheme"


class _Alerts(BaseModel):
    """The section [alerts]; a field's description is what an error message expects of it."""

    model_config = STRICT
    urls: Words = Field(default=[], description="a list of words in quotes")
    severity: str = Field(default="act", pattern=f"^({'|'.join(LEVELS)})$", description=f"one of {', '.join(LEVELS)}")
    interval: float = Field(default=Settings.interval, ge=0, allow_inf_nan=False, description="seconds, 0 or more")
    link: str = Field(
        default="", pattern="^(https?://|$)", description="the dashboard's address, such as http://localhost:8501"
    )


class _Stop(BaseModel):
    """The section [stop]."""

    model_config = STRICT
    kinds: Words = Field(default=[], description="a list of words in quotes")

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: list[str]) -> list[str]:
        if unknown := sorted({*kinds} - {*discover()}):
            raise ValueError(f"{', '.join(unknown)} is none of {', '.join(discover())}")
        return kinds


class _Secrets(BaseModel):
    """The section [secrets], which `db/masking.py` reads where something is written."""

    model_config = STRICT
    mask: Words = Field(default=[], description="a list of words in quotes")
    show: Words = Field(default=[], description="a list of words in quotes")


class _File(BaseModel):
    model_config = STRICT
    alerts: _Alerts = _Alerts()
    stop: _Stop = _Stop()
    secrets: _Secrets = _Secrets()


SECTIONS: dict[str, type[BaseModel]] = {"alerts": _Alerts, "stop": _Stop, "secrets": _Secrets}


def place(store: Path) -> Path:
    """Where the settings of a store are looked for."""
    return settings_file(store)


def read(store: Path) -> Settings:
    """The settings of the store at this path. SettingsError in one sentence where the file cannot be understood."""
    file = place(store)
    try:
        found = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return Settings(file)
    except ValidationError as error:
        raise SettingsError(f"{file}: {_sentence(error)}") from None  # the error quotes what holds passwords
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({error})") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file} is no TOML: {error}") from error
    alerts = found.alerts
    level, link = LEVELS[alerts.severity], alerts.link.rstrip("/")
    return Settings(file, tuple(alerts.urls), level, alerts.interval, link, frozenset(found.stop.kinds))


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence; of unknown words, all."""
    errors: list[Any] = error.errors(include_url=False)
    unknown = sorted(str(one["loc"][-1]) for one in errors if one["type"] == "extra_forbidden")
    if unknown:
        known = (f"[{name}] with {_listed(list(model.model_fields))}" for name, model in SECTIONS.items())
        return f"{', '.join(unknown)} is not known; expected {', and '.join(known)}"
    first = errors[0]
    section, *inside = (str(one) for one in first["loc"])
    if not inside:
        return f"{section} = ..., expected a section [{section}]"
    if first["type"] == "value_error":
        return f"[{section}] {inside[0]}: {first['ctx']['error']}"
    expected = SECTIONS[section].model_fields[inside[0]].description
    if inside[0] in ("urls", "kinds"):  # addresses hold passwords
        return f"{section}.{inside[0]}, expected {expected}"
    return f"{inside[0]} = {first['input']!r}, expected {expected}"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
