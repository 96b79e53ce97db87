"""The vocabulary law: parameters of the vocabulary have their own exponent, so a larger model wants a larger one.

Source: Tao et al. 2024, "Scaling Laws with Vocabulary", arXiv 2407.13623, approach 3. Its loss is normalised by the
unigram model (and usually negative): raw losses of different tokenizers cannot be compared."""

import numpy as np

from ..law import Columns, Curved, ScalingLaw, projected


def curve(
    at: Columns, E: np.ndarray, A1: np.ndarray, alpha1: np.ndarray, A2: np.ndarray, alpha2: np.ndarray, B: np.ndarray
) -> Curved:
    """L_u = -E + A1 / N_nv^alpha1 + A2 / N_v^alpha2 + B / D^alpha1, N_nv = `params` without vocabulary,
    N_v = `vocab_params` = vocabulary * width, D = `tokens`."""
    by_size = A1 * at["params"] ** -alpha1
    by_words, by_data = A2 * at["vocab_params"] ** -alpha2, B * at["tokens"] ** -alpha1
    by_alpha1 = -alpha1 * (np.log(at["params"]) * by_size + np.log(at["tokens"]) * by_data)
    return -E + by_size + by_words + by_data, [
        -E,
        by_size,
        by_alpha1,
        by_words,
        -alpha2 * np.log(at["vocab_params"]) * by_words,
        by_data,
    ]


EXPONENTS = (0.15, 0.3, 0.45, 0.7)

LAW = ScalingLaw(
    "vocabulary",
    "Vocabulary law",
    "−E + A₁/N_nv^α₁ + A₂/N_v^α₂ + B/D^α₁",
    ("params", "vocab_params", "tokens"),
    curve,
    projected(curve, {"alpha1": EXPONENTS, "alpha2": EXPONENTS}, ("E", "A1", "A2", "B")),
    relative=False,
)
