"""Loss to loss: one loss of a family of models as a shifted power law of another at equal compute.

Source: Brandfonbrener et al. 2024, "Loss-to-Loss Prediction: Scaling Laws for All Datasets", arXiv 2411.12925. The two
irreducible losses are weakly seen: look at the interval before believing an extrapolation."""

import numpy as np

from ..law import Columns, Curved, ScalingLaw


def curve(at: Columns, K: np.ndarray, kappa: np.ndarray, E_0: np.ndarray, E_1: np.ndarray) -> Curved:
    """L_1 = K * (L_0 - E_0)^kappa + E_1, L_0 = `source_loss`."""
    left = np.maximum(at["source_loss"] - E_0, 1e-9)
    term = K * left**kappa
    return term + E_1, [term, kappa * np.log(left) * term, -kappa * term * E_0 / left, E_1]


def starts(at: Columns, loss: np.ndarray) -> np.ndarray:
    x, found = at["source_loss"], []
    for share in (0.2, 0.5, 0.8, 0.95):
        for floor in (0.2, 0.5, 0.8, 0.95):
            away, above = np.log(x - share * x.min()), np.log(loss - floor * loss.min())
            kappa, log_k = np.polyfit(away, above, 1)
            found.append([log_k, np.log(max(kappa, 0.1)), np.log(share * x.min()), np.log(floor * loss.min())])
    return np.array(found)


LAW = ScalingLaw("loss_to_loss", "Loss to loss", "K·(L₀ − E₀)^κ + E₁", ("source_loss",), curve, starts)
