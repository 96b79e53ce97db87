"""The data-constrained law: repeated tokens, and parameters in excess of them, are worth less and less.

Source: Muennighoff et al. 2023, "Scaling Data-Constrained Language Models", arXiv 2305.16264."""

import numpy as np

from ..law import Columns, Curved, ScalingLaw, projected
from . import chinchilla


def curve(
    at: Columns,
    E: np.ndarray,
    A: np.ndarray,
    alpha: np.ndarray,
    B: np.ndarray,
    beta: np.ndarray,
    R_D: np.ndarray,
    R_N: np.ndarray,
) -> Curved:
    """L = E + A / N'^alpha + B / D'^beta, with D' = U_D + U_D R_D* (1 - exp(-R_D / R_D*)), R_D = D / U_D - 1 repeats of
    U_D = `unique_tokens`; likewise N' with U_N = min(N, N_opt(U_D)), N_opt the size that balances U_D tokens:
    alpha A / N^alpha = beta B / D^beta. `R_D` and `R_N` stand for R_D* and R_N*.
    """
    size, data, unique = at["params"], at["tokens"], np.minimum(at["unique_tokens"], at["tokens"])
    log_balance = (np.log(alpha * A) - np.log(beta * B) + beta * np.log(unique)) / alpha
    excess = np.maximum(np.log(size) - log_balance, 0.0)
    useful = size * np.exp(-excess)
    worth_size, size_by_useful, size_by_R = _worth(size, useful, R_N)
    worth_data, _, data_by_R = _worth(data, unique, R_D)
    by_size, by_data = A * worth_size**-alpha, B * worth_data**-beta
    # d log U_N by the logarithms of A, alpha, B, beta where the size is in excess
    moves = np.where(excess > 0, 1.0, 0.0) * size_by_useful
    down = -alpha * by_size
    return E + by_size + by_data, [
        E,
        by_size + down * moves / alpha,
        down * np.log(worth_size) + down * moves * (1 / alpha - log_balance),
        by_data - down * moves / alpha,
        -beta * by_data * np.log(worth_data) + down * moves * (beta * np.log(unique) - 1) / alpha,
        -beta * by_data * data_by_R,
        down * size_by_R,
    ]


def _worth(amount: np.ndarray, useful: np.ndarray, R: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """log-derivatives come with it: (worth, d log worth / d log useful, d log worth / d log R)."""
    repeats = amount / useful - 1
    left = np.exp(-repeats / R)
    worth = useful * (1 + R * (1 - left))
    return worth, 1 - useful * left * (repeats + 1) / worth, useful * (R * (1 - left) - repeats * left) / worth


ONE_PASS = projected(chinchilla.curve, {"alpha": (0.25, 0.35, 0.5), "beta": (0.25, 0.35, 0.5)}, ("E", "A", "B"))


def starts(at: Columns, loss: np.ndarray) -> np.ndarray:
    """Those of the law for one pass, each with several worths of repetition."""
    first = ONE_PASS(at, loss)
    worths = np.log([(4, 3), (15, 5), (15, 30), (60, 5)])
    return np.vstack([np.hstack([first, np.broadcast_to(R, (len(first), 2))]) for R in worths])


LAW = ScalingLaw(
    "data_constrained",
    "Data-constrained law",
    "E + A/N′^α + B/D′^β",
    ("params", "tokens", "unique_tokens"),
    curve,
    starts,
    {"alpha": ("params", "beta"), "beta": ("tokens", "alpha")},
    {"R_D": (15.0, 1.0), "R_N": (5.0, 1.0)},  # one valley, in which the objective has many minima
)
