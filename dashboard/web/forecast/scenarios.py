"""Futures that a reader asks about, as words in the address, and what the forecast says of each; no Streamlit.

A future is one word list joined by commas, so that it can stand in a link: `decay,linear,5000,0` decays now over 5,000
steps to 0; see `KINDS` for the others.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....errors import InvalidInput
from ....formatting import count, duration
from ...analysis.forecasting import Forecast, Schedule, cycles, decay_now, extend, hold, piecewise, refined

KINDS = {
    "keep": "keep the plan",
    "decay": "decay now",
    "hold": "hold, then decay",
    "extend": "stretch the plan",
    "scale": "another peak from here on",
    "cycles": "cycles (WSD-S)",
    "knots": "a drawn or uploaded schedule",
    "refined": "refined from gradient norms",
}
SHAPES = ("linear", "cosine", "sqrt", "inverse")
MOST = 4  # futures compared at once
KNOTS = 120  # knots of an uploaded schedule that fit into a link
PLACES = 240  # points of a curve


@dataclass(frozen=True, eq=False)
class Future:
    """One future with its whole learning rate and its forecast, or with the reason why there is none."""

    word: str
    name: str
    schedule: Schedule | None = None
    forecast: Forecast | None = None
    why_not: str = ""


def name(word: str) -> str:
    """What a future is called.

    >>> name("decay,linear,5000,0"), name("cycles,3,40000,0.1"), name("keep")
    ('decay now, linear over 5,000 steps', '3 cycles to step 40,000', 'keep the plan')
    """
    kind, *rest = word.split(",")
    try:
        if kind == "decay":
            return f"decay now, {rest[0]} over {int(rest[1]):,} steps"
        if kind == "hold":
            return f"hold, decay over the last {int(rest[2]):,} steps to {int(rest[1]):,}, {rest[0]}"
        if kind == "extend":
            return f"stretch to step {int(rest[0]):,}"
        if kind == "scale":
            return f"{float(rest[0]):g} x the learning rate"
        if kind == "cycles":
            return f"{int(rest[0])} cycles to step {int(rest[1]):,}"
        if kind == "knots":
            return f"drawn, to step {int(float(rest[-1].split(':')[0])):,}"
    except (IndexError, ValueError):
        return word[:60]
    return KINDS.get(kind, word[:60])


def usual(made: Forecast, schedule: Schedule) -> list[str]:
    """The futures that are looked at first: the plan, decaying now, and going on for half as long again."""
    over = max(made.at // 5, 1)
    on = int(1.25 * schedule.total)
    words = ["keep", f"decay,linear,{over},0", f"hold,linear,{on},{on // 5}"]
    return [*words, f"extend,{int(1.5 * schedule.total)}"] if schedule.total > made.at else words[1:]


def _changed(word: str, schedule: Schedule, at: int, norms: tuple[np.ndarray, bool] | None) -> Schedule:
    kind, *rest = word.split(",")
    if kind == "keep":
        return schedule
    if kind == "decay":
        return decay_now(schedule, at, int(rest[1]), rest[0], float(rest[2]))
    if kind == "hold":
        to = 0.1 if rest[0] == "inverse" else 0.0
        return hold(schedule, at, int(rest[1]), int(rest[2]), rest[0], to)
    if kind == "extend":
        if schedule.total <= at:
            raise InvalidInput("the plan ends here, nothing is left to stretch; hold or decay instead")
        return extend(schedule, at, int(rest[0]))
    if kind == "scale":
        if schedule.total <= at or float(rest[0]) <= 0:
            raise InvalidInput("another peak needs a plan that goes on from here, and a factor above 0")
        later = np.unique(np.linspace(at + 1, schedule.total, 1000).astype(int))
        return piecewise(schedule, at, later, float(rest[0]) * schedule.eta[later - 1])
    if kind == "cycles":
        ends = np.linspace(at, int(rest[1]), int(rest[0]) + 1)[1:].astype(int)
        return cycles(schedule, at, ends.tolist(), float(rest[2]))
    if kind == "knots":
        pairs = sorted((float(step), float(lr)) for step, lr in (knot.split(":") for knot in rest))
        return piecewise(schedule, at, *zip(*pairs, strict=True))
    if kind == "refined":
        if norms is None:
            raise InvalidInput("this run recorded no gradient norms")
        ideal = refine(norms, schedule.peak, schedule.total)
        level = schedule.eta[at - 1] / max(ideal.eta[at - 1], 1e-300)  # it goes on from where the run is
        return piecewise(schedule, at, ideal.steps, ideal.lr * level)
    raise InvalidInput(f"unknown future {kind!r}; expected one of {', '.join(KINDS)}")


def refine(norms: tuple[np.ndarray, bool], peak: float, total: int) -> Schedule:
    """The refined schedule from `norms`: the values, and whether they are L1 norms (of a run with Adam)."""
    values, is_l1 = norms
    return refined(np.sqrt(np.abs(values)) if is_l1 else values, peak, total)


def futures(made: Forecast, schedule: Schedule, words: list[str], norms=None) -> list[Future]:
    """The forecast under each of `words`; one that cannot be carries the reason instead."""
    out = []
    for word in words[:MOST]:
        try:
            changed = _changed(word, schedule, made.at, norms)
            out.append(Future(word, name(word), changed, made.under(changed)))
        except (ValueError, IndexError) as error:
            out.append(Future(word, name(word), why_not=str(error)))
    return out


def knots(text: str) -> str:
    """The word of a future from a CSV with columns step,lr. Raises ValueError naming what cannot be used."""
    try:
        table = pd.read_csv(io.StringIO(text))
        table.columns = [str(column).strip().lower() for column in table.columns]
        table = table[["step", "lr"]].astype(float).dropna().sort_values("step").drop_duplicates("step")
    except (KeyError, ValueError, pd.errors.ParserError) as error:
        raise InvalidInput(f"expected a CSV with the columns step,lr and a number in each: {error}") from None
    if len(table) < 1 or (table["lr"] < 0).any():
        raise InvalidInput("expected at least one row, and no learning rate below 0")
    steps, lr = table["step"].to_numpy(), table["lr"].to_numpy()
    if len(steps) > 2:  # inner points of a straight piece say nothing
        slope = np.diff(lr) / np.diff(steps)
        bend = np.abs(np.diff(slope)) > 1e-6 * np.abs(slope).max()
        keep = np.concatenate([[True], bend, [True]])
        steps, lr = steps[keep], lr[keep]
    if len(steps) > KNOTS:
        few = np.unique(np.linspace(0, len(steps) - 1, KNOTS).astype(int))
        steps, lr = steps[few], lr[few]
    return ",".join(["knots", *(f"{step:.0f}:{rate:.6g}" for step, rate in zip(steps, lr, strict=True))])


def frames(found: list[Future], seen: pd.DataFrame, at: int) -> dict[str, pd.DataFrame]:
    """What `charts.futures` draws: "seen" (step, loss) without the steep beginning, "fans" and "rates"."""
    fans, rates = [], []
    for one in found:
        if one.forecast is None:
            continue
        first = at or one.schedule.total // 10  # of a run that has not started
        steps = np.unique(np.linspace(first, one.schedule.total, PLACES).astype(int))
        band = one.forecast.curve(steps, one.schedule if at else None)
        columns = {key: getattr(band, key) for key in ("mid", "low50", "high50", "low90", "high90")}
        fans.append(pd.DataFrame({"step": steps, **columns, "future": one.name}))
        places = np.unique(np.linspace(1, one.schedule.total, 600).astype(int))
        places = np.union1d(places, one.schedule.steps[(one.schedule.steps >= 1)].astype(int))
        places = places[:: max(1, len(places) // 1200)]
        rates.append(pd.DataFrame({"step": places, "lr": one.schedule.eta[places - 1], "future": one.name}))
    empty = pd.DataFrame({"step": [], "mid": [], "low50": [], "high50": [], "low90": [], "high90": [], "future": []})
    furthest = max([one.schedule.total for one in found if one.schedule] or [at])
    late = seen.loc[seen["step"] >= min(0.3 * at, 0.1 * furthest)]
    return {
        "seen": seen[seen["loss"] <= late["loss"].max()] if len(late) else seen,
        "fans": pd.concat(fans, ignore_index=True) if fans else empty,
        "rates": pd.concat(rates, ignore_index=True) if rates else pd.DataFrame({"step": [], "lr": [], "future": []}),
    }


@dataclass(frozen=True)
class Pace:
    """What a step of the run costs: tokens, seconds and FLOPs, NaN where the run did not record what it takes."""

    tokens: float
    seconds: float
    flops: float
    price: float = 0.0  # of an hour, in the user's currency

    def row(self, steps: int, more: int) -> dict[str, float]:
        """What a run of `steps` steps takes, `more` of them still to come."""
        left = more * self.seconds
        return {
            "tokens": count(steps * self.tokens),
            "FLOPs": f"{steps * self.flops:.2e}" if np.isfinite(self.flops) else "–",
            "time to go": duration(left),
            "cost to go": left / 3600 * self.price if self.price else np.nan,
        }


def table(found: list[Future], pace: Pace, at: int) -> pd.DataFrame:
    """One row a future, with its interval and what it takes."""
    rows = []
    for one in found:
        if one.forecast is not None:
            said, total = one.forecast, one.schedule.total
            row = {"schedule": one.name, "final loss": said.mid, "90 % from": said.low90, "90 % to": said.high90}
            rows.append(row | {"steps": total} | pace.row(total, max(total - at, 0)))
    return pd.DataFrame(rows)
