"""What a law of the loss is: a plain function whose signature names its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ....plugins import members
from .schedule import LRHistory

Curved = tuple[np.ndarray, list[np.ndarray]]  # the loss (n,) and its derivatives by the logarithm of each parameter


@dataclass(frozen=True)
class Law:
    """A loss curve under any LR schedule, with its derivatives.

    `curve(view, *parameters)` gives the loss (n,) and its derivatives with respect to the *logarithm* of each
    parameter, a list of (n,). All parameters are positive, so a fit moves in their logarithms and needs no bounds.
    `typical` holds each parameter's order of magnitude and the factor (as a standard deviation of its logarithm) by
    which it may differ from run to run where nothing else is known."""

    name: str
    title: str
    curve: Callable[..., Curved]
    typical: dict[str, tuple[float, float]]
    rewarm: bool = True  # whether the law is defined where the LR rises again

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.curve).parameters)[1:]

    def at(self, view: LRHistory, log_parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Loss (n,) and its Jacobian (n, p) at the logarithms of the parameters."""
        loss, slopes = self.curve(view, *np.exp(log_parameters))
        return loss, np.stack(slopes, axis=1)

    def supports(self, view: LRHistory) -> bool:
        return self.rewarm or not np.any(view.drop[:, ~view.warm] < -1e-9)


def power(x: np.ndarray, L0: float, A: float, a: float) -> Curved:
    """L0 + A * x^-a and its derivatives by log L0, log A, log a."""
    term = A * x**-a
    return L0 + term, [np.full_like(x, L0), term, -a * np.log(x) * term]


def anneal(
    view: LRHistory,
    L0: float,
    A: float,
    a: float,
    D: float,
    gain: np.ndarray,
    slopes: Sequence[np.ndarray],
    warm: bool = False,
) -> Curved:
    """Power law in effective steps minus D * sum_k drop_k * gain_k, with derivatives by all logarithms.

    `gain` (n, K) says which share of its annealing the k-th LR drop has paid out by now; `slopes` are its derivatives
    by the logarithms of its own parameters. The warm-up's rise counts only with `warm`."""
    drop = view.drop if warm else np.where(view.warm, 0.0, view.drop)
    loss, (by_level, by_size, by_exponent) = power(view.tau, L0, A, a)
    fall = D * np.einsum("nk,nk->n", drop, gain)
    own = [-D * np.einsum("nk,nk->n", drop, slope) for slope in slopes]
    return loss - fall, [by_level, by_size, by_exponent, -fall, *own]


@cache
def known_laws() -> dict[str, Law]:
    """Every law by name: each file of `laws/` holds one."""
    return members(f"{__package__}.laws", Law)
