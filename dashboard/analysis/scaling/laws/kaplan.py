"""The Kaplan law of training: loss from size, steps and batch size, the critical batch size depending on the loss.

Sources: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", arXiv 2001.08361; Su et al. 2024, "Unraveling
the Mystery of Scaling Laws: Part I", arXiv 2403.06563; McCandlish et al. 2018, arXiv 1812.06162 for B_crit."""

import numpy as np
from numpy.typing import ArrayLike

from ..law import Columns, Curved, ScalingLaw


def curve(
    at: Columns,
    N_c: np.ndarray,
    alpha_N: np.ndarray,
    S_c: np.ndarray,
    alpha_S: np.ndarray,
    B_star: np.ndarray,
    alpha_B: np.ndarray,
) -> Curved:
    """L = (N_c / N)^alpha_N + (S_c / S_min)^alpha_S, S_min = S / (1 + B_crit(L) / B), B_crit(L) = B* / L^(1 / alpha_B).

    N = `params`, S = `steps`, B = `batch` in tokens. L stands on both sides: at every point its own B_crit holds, so
    the equation is solved for L (its right side falls in L, so there is one root)."""
    by_size = (N_c / at["params"]) ** alpha_N
    loss = solve(by_size, at, S_c, alpha_S, B_star, alpha_B)
    wait = critical_batch(loss, B_star, alpha_B) / at["batch"]
    by_steps = (S_c * (1 + wait) / at["steps"]) ** alpha_S
    share = wait / (1 + wait)
    back = 1 + by_steps * alpha_S * share / (alpha_B * loss)  # 1 - d(right side) / dL
    return loss, [
        slope / back
        for slope in (
            alpha_N * by_size,
            alpha_N * np.log(N_c / at["params"]) * by_size,
            alpha_S * by_steps,
            alpha_S * np.log(S_c * (1 + wait) / at["steps"]) * by_steps,
            alpha_S * share * by_steps,
            alpha_S * share * by_steps * np.log(loss) / alpha_B,
        )
    ]


def critical_batch(loss: ArrayLike, B_star: np.ndarray, alpha_B: np.ndarray) -> np.ndarray:
    """B_crit(L) in tokens: at this batch a run takes twice the fewest steps and twice the fewest tokens."""
    return np.asarray(B_star * np.asarray(loss) ** (-1 / alpha_B))


def solve(
    by_size: np.ndarray,
    at: Columns,
    S_c: np.ndarray,
    alpha_S: np.ndarray,
    B_star: np.ndarray,
    alpha_B: np.ndarray,
    rounds: int = 40,
) -> np.ndarray:
    """L by Newton steps in log L, kept between the loss of infinite batch and that of waiting for B_crit at it."""
    low = by_size + (S_c / at["steps"]) ** alpha_S
    wait = critical_batch(low, B_star, alpha_B) / at["batch"]
    high = by_size + (S_c * (1 + wait) / at["steps"]) ** alpha_S
    loss: np.ndarray = np.sqrt(low * high)
    for _ in range(rounds):
        wait = critical_batch(loss, B_star, alpha_B) / at["batch"]
        by_steps = (S_c * (1 + wait) / at["steps"]) ** alpha_S
        gap = loss - by_size - by_steps
        low, high = np.where(gap < 0, loss, low), np.where(gap > 0, loss, high)
        back = 1 + by_steps * alpha_S * wait / (1 + wait) / (alpha_B * loss)
        tried = loss - gap / back
        loss = np.where((tried > low) & (tried < high), tried, np.where(gap == 0, loss, 0.5 * (low + high)))
        if not np.any(np.abs(gap) > 1e-12 * loss):
            break
    return loss


def starts(at: Columns, loss: np.ndarray) -> np.ndarray:
    found, size, steps = [], np.median(at["params"]), np.median(at["steps"])
    for alpha_N in (0.05, 0.1, 0.25):
        for alpha_S in (0.4, 0.8):
            for share in (0.5, 0.8, 0.95):  # of the loss that more steps cannot remove
                for ratio in (0.1, 1.0, 10.0):  # B_crit / batch, in the middle
                    level, alpha_B = np.median(loss), 0.25
                    N_c = size * (share * level) ** (1 / alpha_N)
                    S_c = steps / (1 + ratio) * ((1 - share) * level) ** (1 / alpha_S)
                    B_star = ratio * np.median(at["batch"]) * level ** (1 / alpha_B)
                    found.append([N_c, alpha_N, S_c, alpha_S, B_star, alpha_B])
    return np.asarray(np.log(found))


LAW = ScalingLaw(
    "kaplan",
    "Kaplan law with critical batch size",
    "(N_c/N)^α_N + (S_c/S_min)^α_S",
    ("params", "steps", "batch"),
    curve,
    starts,
)
