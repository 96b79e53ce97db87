"""Tables of runs that follow a law exactly but for noise."""

from __future__ import annotations

from functools import cache

import numpy as np

from barograph.dashboard.analysis.scaling import Fitted, ScalingTable, fit, known_laws

CHINCHILLA = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2000.0, "beta": 0.36}
TRUE = {
    "chinchilla": CHINCHILLA,
    "overtraining": {"E": 1.8, "a": 200.0, "b": 330.0, "eta": 0.14},
    "data_constrained": CHINCHILLA | {"R_D": 15.0, "R_N": 5.0},
    "kaplan": {"N_c": 9e13, "alpha_N": 0.076, "S_c": 2100.0, "alpha_S": 0.76, "B_star": 2e8, "alpha_B": 0.21},
    "width": {"E": 1.9, "A": 120.0, "alpha": 0.95},
    "vocabulary": {"E": 5.5, "A1": 20.0, "alpha1": 0.3, "A2": 60.0, "alpha2": 0.4, "B": 130.0},
    "encoder_decoder": {"E": 1.2, "A": 300.0, "p_e": 0.18, "p_d": 0.24},
    "loss_to_loss": {"K": 1.1, "kappa": 1.15, "E_0": 1.7, "E_1": 1.5},
}
SPANS = {
    "params": (2e7, 3e9), "tokens": (4e8, 1e11), "unique_tokens": (2e8, 5e9), "steps": (500, 1e5), "batch": (6e4, 4e6),
    "width": (64, 8192), "vocab_params": (4e6, 4e8), "encoder_params": (1e7, 1e9), "decoder_params": (1e7, 1e9),
    "source_loss": (2.0, 4.5),
}  # fmt: skip


def columns(name: str, count: int, seed: int) -> dict[str, np.ndarray]:
    """Inputs spread evenly in log, tokens in the usual range per parameter."""
    random, law = np.random.default_rng(seed), known_laws()[name]
    at = {key: np.exp(random.uniform(*np.log(SPANS[key]), count)) for key in law.columns}
    if "tokens" in at and "params" in at:
        at["tokens"] = at["params"] * np.exp(random.uniform(np.log(3), np.log(150), count))
    if "unique_tokens" in at:
        repeats = np.where(np.arange(count) % 3 == 0, 1.0, np.exp(random.uniform(0, np.log(60), count)))
        at["unique_tokens"] = at["tokens"] / repeats
    return at


def table(name: str = "chinchilla", count: int = 60, seed: int = 0, noise: float = 0.005) -> ScalingTable:
    """A table of `count` runs, with normal noise of log loss (of the loss where it may be negative)."""
    law, at = known_laws()[name], columns(name, count, seed)
    exact, away = law(at, **TRUE[name]), noise * np.random.default_rng(seed + 10_000).standard_normal(count)
    return ScalingTable({**at, "loss": exact * np.exp(away) if law.relative else exact + away})


@cache
def fitted(name: str = "chinchilla", noise: float = 0.0) -> Fitted:
    """The law fitted to such a table; without noise its constants are the true ones."""
    return fit(name, table(name, 60, noise=noise), draws=20)


def optimum(compute: float) -> tuple[float, float]:
    """N and the loss at the best split of a budget, in closed form (Hoffmann et al. 2022, equation 4)."""
    E, A, alpha, B, beta = CHINCHILLA.values()
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    size = G * (compute / 6) ** (beta / (alpha + beta))
    return size, E + A / size**alpha + B / (compute / 6 / size) ** beta
