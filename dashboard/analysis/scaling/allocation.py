"""How compute is split between size and tokens: the best split, what a target takes, what over-training costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ....errors import CannotForecast
from .estimate import Estimate
from .fit import LEVEL, Fitted

SIZES = np.log(np.geomspace(1e4, 1e14, 160))  # parameters among which the best is looked for
ENDLESS = 1e40  # tokens, or parameters, that are as good as infinitely many


@dataclass(frozen=True)
class Split:
    """How a budget is best spent: size and tokens, and the loss that this gives."""

    compute: Estimate
    params: Estimate
    tokens: Estimate
    loss: Estimate


def _answer(fitted: Fitted, values: np.ndarray, amount: bool = True) -> Estimate:
    """An answer with its interval, from its values (1 + 2 q + K,) at the rows of `_all`; of an `amount` in log."""
    mid, beside, drawn = values[0], values[1 : 1 + 2 * fitted.axes.shape[1]], values[1 + 2 * fitted.axes.shape[1] :]
    if not np.isfinite(mid):
        kept = np.sort(drawn[~np.isnan(drawn)])
        low = float(kept[int(round((0.5 - LEVEL / 2) * (len(kept) - 1)))]) if len(kept) else float(mid)
        return Estimate(float(mid), low, float(mid), LEVEL, drawn)
    link, unlink = (np.log, np.exp) if amount else (np.array, np.array)
    slopes = np.nan_to_num(fitted.along(link(beside)), nan=np.inf, posinf=np.inf, neginf=np.inf)
    band = fitted.band(np.array([link(mid)]), link(drawn)[:, None], slopes=slopes[None])
    middle, low, high = (float(unlink(one[0])) for one in (band.mid, band.low, band.high))
    return Estimate(middle, low, high, LEVEL, drawn)


def _all(fitted: Fitted) -> np.ndarray:
    """The constants (1 + 2 q + K, p): fitted, a short way along each direction of doubt, and the bootstrap's draws."""
    return np.vstack([fitted.x, fitted.around, fitted.draws])


def _loss(fitted: Fitted, x: np.ndarray, params: np.ndarray, tokens: np.ndarray, unique: float | None) -> np.ndarray:
    """Loss (1 + K, n) at n pairs of size and tokens, or, of arrays (1 + K, n), at each draw's own."""
    at: dict[str, np.ndarray] = {"params": params, "tokens": tokens}
    if "unique_tokens" in fitted.law.columns:
        at["unique_tokens"] = np.minimum(ENDLESS if unique is None else unique, tokens)
    return fitted.law.unlink(fitted.law.at(at, x)[0])


def trades(fitted: Fitted) -> bool:
    """Whether the law says how size and tokens trade, so that a budget can be split between them."""
    return {"params", "tokens"} <= set(fitted.law.columns) and "vocab_params" not in fitted.law.columns


def check(fitted: Fitted) -> None:
    """Raises CannotForecast for a law that does not know size and tokens."""
    if not trades(fitted):
        raise CannotForecast(f"the {fitted.law.title} does not say how size and tokens trade; use the Chinchilla law")


def best_split(fitted: Fitted, compute: float, unique: float | None = None) -> Split:
    """The size N and tokens D = C / (6 N) with the lowest loss for a budget of C FLOPs.

    `unique` tokens, where the law knows repetition, limit how fresh the data are. Source: Hoffmann et al. 2022."""
    check(fitted)
    return _split(fitted, _all(fitted), np.full(len(_all(fitted)), float(compute)), unique)


def _split(fitted: Fitted, x: np.ndarray, compute: np.ndarray, unique: float | None = None) -> Split:
    params, loss = _best_size(fitted, x, compute, unique)
    return Split(
        _answer(fitted, compute),
        _answer(fitted, params),
        _answer(fitted, compute / (6 * params)),
        _answer(fitted, loss),
    )


def _best_size(
    fitted: Fitted, x: np.ndarray, compute: np.ndarray, unique: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The best size for each draw's own budget (1 + K,) and its loss: a grid, then the top of a parabola."""
    sizes = np.exp(SIZES)
    with np.errstate(all="ignore"):
        loss = _loss(fitted, x, np.broadcast_to(sizes, (len(x), len(sizes))), compute[:, None] / (6 * sizes), unique)
    best = np.clip(np.argmin(np.where(np.isfinite(loss), loss, np.inf), axis=1), 1, len(sizes) - 2)
    rows = np.arange(len(x))
    left, here, right = (loss[rows, best + shift] for shift in (-1, 0, 1))
    bend = np.maximum(left - 2 * here + right, 1e-300)
    shift = np.clip(0.5 * (left - right) / bend, -1, 1)
    params = np.exp(SIZES[best] + shift * (SIZES[1] - SIZES[0]))
    found = _loss(fitted, x, params[:, None], (compute / (6 * params))[:, None], unique)[:, 0]
    return params, found


def smallest_loss(fitted: Fitted, params: float, unique: float | None = None) -> Estimate:
    """What a model of this size ends at with endless data (or endless passes over `unique` tokens)."""
    check(fitted)
    return _answer(fitted, _loss(fitted, _all(fitted), np.array([params]), np.array([ENDLESS]), unique)[:, 0])


def tokens_for(fitted: Fitted, params: float, target: float, unique: float | None = None) -> Estimate:
    """The tokens after which a model of this size reaches `target`."""
    check(fitted)
    x = _all(fitted)
    found = _solve(lambda log_d: _loss(fitted, x, np.full((len(x), 1), params), np.exp(log_d)[:, None], unique)[:, 0],
                   len(x), target)  # fmt: skip
    return _answer(fitted, np.exp(found))


def cheapest(fitted: Fitted, target: float) -> Split:
    """The smallest budget that reaches `target`, with the size and tokens that do."""
    check(fitted)
    x = _all(fitted)
    compute = np.exp(_solve(lambda log_c: _best_size(fitted, x, np.exp(log_c))[1], len(x), target, 10.0, 90.0))
    return _split(fitted, x, compute)


def size_for(fitted: Fitted, tokens: float, target: float) -> Estimate:
    """The size that reaches `target` with these tokens."""
    check(fitted)
    x = _all(fitted)
    found = _solve(lambda log_n: _loss(fitted, x, np.exp(log_n)[:, None], np.full((len(x), 1), tokens), None)[:, 0],
                   len(x), target)  # fmt: skip
    return _answer(fitted, np.exp(found))


def _solve(
    loss: Callable[[np.ndarray], np.ndarray],
    count: int,
    target: ArrayLike,
    least: float = 0.0,
    most: float = 90.0,
) -> np.ndarray:
    """Where a loss that falls in a logarithm reaches `target`, for each draw; infinite if it never does."""
    low, high = np.full(count, least), np.full(count, most)
    with np.errstate(all="ignore"):
        never = ~(loss(high) <= target)
        for _ in range(45):
            middle = 0.5 * (low + high)
            reached = loss(middle) <= target
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return np.asarray(np.where(never, np.inf, high))


@dataclass(frozen=True)
class Excess:
    """What training away from the best split costs: loss above the best for the same compute, and how many times more
    compute this run takes than the best split would for the same loss."""

    loss: Estimate
    compute: Estimate


def cost_of_ratio(fitted: Fitted, params: float, tokens: float) -> Excess:
    """The cost of over-training (or under-training) a model of this size with these tokens."""
    check(fitted)
    x, compute = _all(fitted), 6 * params * tokens
    loss = _loss(fitted, x, np.array([params]), np.array([tokens]), None)[:, 0]
    best = _best_size(fitted, x, np.full(len(x), compute))[1]
    needed = np.exp(_solve(lambda log_c: _best_size(fitted, x, np.exp(log_c))[1], len(x), loss, 10.0, 90.0))
    over, times = _answer(fitted, loss - best, amount=False), _answer(fitted, compute / needed)
    return Excess(over.at_least(0.0), times.at_least(1.0))


def epochs_worth(fitted: Fitted, least: float = 0.5) -> Estimate:
    """How many passes are worth making: up to where a repeated token is worth `least` of a fresh one.

    With D' = U + U R* (1 - exp(-R / R*)) the next repeated token is worth dD'/dD = exp(-R / R*)."""
    if "R_D" not in fitted.law.parameters:
        raise CannotForecast(
            "how often data are worth repeating needs the data-constrained law and runs that repeat data"
        )
    R = np.exp(_all(fitted)[:, fitted.law.parameters.index("R_D")])
    return _answer(fitted, 1 + R * np.log(1 / least))


def contours(fitted: Fitted, levels: np.ndarray, params: np.ndarray) -> np.ndarray:
    """Tokens (levels, n) at which each loss is reached at each size; NaN where it cannot be."""
    check(fitted)
    x = np.repeat(fitted.x[None], len(params), 0)

    def loss(log_d: np.ndarray) -> np.ndarray:
        return _loss(fitted, x, np.asarray(params)[:, None], np.exp(log_d)[:, None], None)[:, 0]

    found = np.array([np.exp(_solve(loss, len(params), level)) for level in levels])
    return np.where(np.isfinite(found), found, np.nan)
