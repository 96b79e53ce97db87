"""The width law: loss against the model dimension, inversely proportional to it in strong superposition.

Source: Liu et al. 2025, "Superposition Yields Robust Neural Scaling", arXiv 2505.10465: an exponent near 1."""

import numpy as np

from ..law import Columns, Curved, ScalingLaw, projected


def curve(at: Columns, E: np.ndarray, A: np.ndarray, alpha: np.ndarray) -> Curved:
    """L = E + A / m^alpha, m = `width` (the model dimension), data ample or equal."""
    term = A * at["width"] ** -alpha
    return E + term, [E, term, -alpha * np.log(at["width"]) * term]


LAW = ScalingLaw(
    "width",
    "Width law",
    "E + A/m^α",
    ("width",),
    curve,
    projected(curve, {"alpha": (0.3, 0.6, 1.0, 1.6)}, ("E", "A")),
)
