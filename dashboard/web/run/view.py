"""What the Run page says of a run: the numbers at its head, its signals, and its details as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ....db.records import Attempt, Description, Event, Run
from ....formatting import count, duration, moment, number, short
from ....known_series import known

USUAL = (("grad_norm", "grad_norm_applied"), ("tokens_per_s", "steps_per_s"))  # drawn unasked, the first there is
FIRST_MAPS = ("grad_norm_tensor", "grad_norm_module", "update_ratio_tensor")
MEANING = {"Loss": "Mean of the last 1 % of the training losses"}
WIDE = 100.0  # times what is low


def title(signals: Mapping[str, Description], name: str) -> str:
    """A signal's title, as the run describes it."""
    return short(signals[name].title if name in signals else known(name).title, 60)


def not_recorded(described: Mapping[str, Description], name: str) -> str:
    """That a signal is missing, and how to record it, in the run's own words if it has some."""
    words = described.get(name) or known(name)
    return f"{words.title} was not recorded ({words.remedy})."


def mapped(signals: Mapping[str, Description]) -> list[str]:
    """The signals that have enough parts for a heat map, the most telling first."""
    many = [name for name, found in signals.items() if len(found.parts) > 1 and found.axes != ("group",)]
    rank = {name: i for i, name in enumerate(FIRST_MAPS)}
    return sorted(many, key=lambda name: (rank.get(name, len(rank)), name))


def others(signals: Mapping[str, Description]) -> list[str]:
    """The signals that the page does not draw unasked."""
    usual = {"loss", "val_loss", "lr", "time", *(next((n for n in names if n in signals), "") for names in USUAL)}
    return [name for name in signals if name not in usual]


def crowded(families: Mapping[str, int]) -> list[str]:
    """A sentence for each crowd of signals that a number in the name has made."""
    return [
        f"{count:,} signals are called like {short(name, 60)!r}: a step or an index is in the name. The pages leave "
        "them out; log one name with step=, and export single ones with --signal."
        for name, count in families.items()
    ]


def wide(frame: pd.DataFrame) -> bool:
    """Whether values lie so far apart that a linear axis would show the highest alone."""
    low, high = frame["mean"].quantile(0.1), frame["high"].max()
    return bool(frame["low"].min() > 0 and high > WIDE * low)


def facts(run: Run) -> list[str]:
    """What one wants to know of a run beside its numbers."""
    out = [f"started {moment(run.started)}"] if run.started else []
    out += [f"{count(run.size['total'])} parameters"] if run.size.get("total") else []
    out += [short(str(run.provenance["device"]), 40)] if run.provenance.get("device") else []
    return out + ([f"attempt {run.attempt + 1}"] if run.attempt else [])


def numbers(
    run: Run, planned: int | None, elapsed: float | None, left: float | None, latest: Mapping[str, float]
) -> dict[str, str]:
    """The numbers that one looks for first, by their labels; `latest` has the newest value of each signal."""
    cells = {"Step": "–" if run.last_step is None else f"{run.last_step:,}" + (f" / {planned:,}" if planned else "")}
    if "loss" in latest or "val_loss" not in latest:
        cells["Loss"] = number(latest.get("loss"))
    if "val_loss" in latest:
        cells["Validation loss"] = number(latest["val_loss"])
    if "tokens_per_s" in latest:
        cells["Tokens/s"] = count(latest["tokens_per_s"])
    elif "steps_per_s" in latest:
        cells["Steps/s"] = number(latest["steps_per_s"], 3)
    if elapsed:  # an imported log may not know
        cells["Elapsed"] = duration(elapsed)
    if run.state == "running" and planned:
        cells["Time left"] = duration(left)
    return cells


def provenance(run: Run) -> dict[str, Any]:
    """Where a run comes from, and how large it is."""
    sizes = {f"parameters, {name.replace('_', '-')}": size for name, size in run.size.items()}
    return {**run.provenance, **sizes, "id": run.id, "tokens per step": run.tokens_per_step}


def pairs(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """A configuration as rows; nested keys are joined by dots, and what is empty is left out."""
    rows = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            rows += pairs({f"{key}.{inner}": one for inner, one in value.items()})
        elif value not in (None, "", []):
            rows.append({"name": short(str(key)), "value": short(_written(value), 2000)})
    return rows


def _written(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:,}"
    if isinstance(value, (list, tuple)):
        return ", ".join(f"[{_written(one)}]" if isinstance(one, (list, tuple)) else _written(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_written(one)}" for key, one in value.items())
    return str(value)


def events(found: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {"step": e.step, "kind": e.kind, "event": short(e.text, 400) if e.text else "", "time": moment(e.time)}
        for e in found
    ]


def attempts(found: Sequence[Attempt]) -> list[dict[str, Any]]:
    return [
        {"attempt": a.number + 1, "from step": a.from_step, "started": moment(a.started), "state": a.state}
        for a in found
    ]


def recorded(signals: Mapping[str, Description]) -> list[dict[str, Any]]:
    """What a run has recorded, a row a signal."""
    return [
        {
            "signal": short(s.title),
            "name": short(s.name),
            "unit": s.unit,
            "meaning": s.sentence,
            "better": "" if s.better == "neither" else s.better,
            "parts": len(s.parts),
        }
        for s in signals.values()
    ]
