"""The two-factor law of encoder-decoder models: the two sizes buy down the loss with exponents of their own.

Source: Ghorbani et al. 2021, "Scaling Laws for Neural Machine Translation", arXiv 2109.07740."""

import numpy as np

from ..law import Columns, Curved, ScalingLaw, projected


def curve(at: Columns, E: np.ndarray, A: np.ndarray, p_e: np.ndarray, p_d: np.ndarray) -> Curved:
    """L = E + A / (N_e^p_e * N_d^p_d). At a given sum the best split is N_e : N_d = p_e : p_d."""
    term = A * at["encoder_params"] ** -p_e * at["decoder_params"] ** -p_d
    log_e, log_d = np.log(at["encoder_params"]), np.log(at["decoder_params"])
    return E + term, [E, term, -p_e * log_e * term, -p_d * log_d * term]


EXPONENTS = (0.1, 0.2, 0.4)

LAW = ScalingLaw(
    "encoder_decoder",
    "Encoder-decoder law",
    "E + A/(N_e^p_e · N_d^p_d)",
    ("encoder_params", "decoder_params"),
    curve,
    projected(curve, {"p_e": EXPONENTS, "p_d": EXPONENTS}, ("E", "A")),
)
