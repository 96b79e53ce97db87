"""The Chinchilla law: an irreducible loss, a term that size buys down and a term that data buy down.

Source: Hoffmann et al. 2022, "Training Compute-Optimal Large Language Models", arXiv 2203.15556, approach 3."""

import numpy as np

from ..law import Columns, Curved, ScalingLaw, projected


def curve(at: Columns, E: np.ndarray, A: np.ndarray, alpha: np.ndarray, B: np.ndarray, beta: np.ndarray) -> Curved:
    """L = E + A / N^alpha + B / D^beta, N = `params`, D = `tokens`, L in nats per token."""
    by_size, by_data = A * at["params"] ** -alpha, B * at["tokens"] ** -beta
    slopes = [
        E,
        by_size,
        -alpha * np.log(at["params"]) * by_size,
        by_data,
        -beta * np.log(at["tokens"]) * by_data,
    ]
    return E + by_size + by_data, slopes


EXPONENTS = (0.15, 0.25, 0.35, 0.5, 0.8)

LAW = ScalingLaw(
    "chinchilla",
    "Chinchilla law",
    "E + A/N^α + B/D^β",
    ("params", "tokens"),
    curve,
    projected(curve, {"alpha": EXPONENTS, "beta": EXPONENTS}, ("E", "A", "B")),
    {"alpha": ("params", "beta"), "beta": ("tokens", "alpha")},
    single_epoch=True,
)
