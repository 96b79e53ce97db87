"""How parameters are best shared out: between encoder and decoder, and between vocabulary and the rest."""

from __future__ import annotations

import numpy as np

from ....errors import CannotForecast
from .allocation import _all, _answer
from .estimate import Estimate
from .fit import Fitted

SHARES = np.log(np.geomspace(1e-4, 10, 400))  # vocabulary parameters over the others


def encoder_share(fitted: Fitted) -> Estimate:
    """The share of all parameters that belongs into the encoder: p_e / (p_e + p_d), whatever their sum.

    Source: Ghorbani et al. 2021. Raises ValueError for another law."""
    if fitted.law.name != "encoder_decoder":
        raise CannotForecast("how encoder and decoder share parameters needs the encoder-decoder law")
    x = _all(fitted)
    p_e, p_d = (np.exp(x[:, fitted.law.parameters.index(name)]) for name in ("p_e", "p_d"))
    return _answer(fitted, p_e / (p_e + p_d))


def best_vocabulary(fitted: Fitted, params: float, compute: float) -> Estimate:
    """The vocabulary parameters N_v with the lowest loss beside `params` others N, on D = C / (6 (N + N_v)) tokens.

    Divide by the width for the number of words. Source: Tao et al. 2024. Raises ValueError for another law."""
    if fitted.law.name != "vocabulary":
        raise CannotForecast("the best vocabulary needs the vocabulary law")
    words = params * np.exp(SHARES)
    at = {"params": np.full_like(words, params), "vocab_params": words, "tokens": compute / (6 * (params + words))}
    return _answer(fitted, words[np.argmin(fitted.law.at(at, _all(fitted))[0], axis=1)])
