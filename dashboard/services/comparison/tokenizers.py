"""Losses of runs with different tokenizers: a loss per token of one is not that of another, bits per byte are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....db import Run
from ....errors import NotRecorded
from ...analysis.statistics.configs import flat

VOCABULARY = ("tokenizer", "tokenizer_name", "vocab_size", "vocabulary")  # keys, last part of a nested one
BYTES = "bytes_per_token"


def vocabulary(config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What a configuration has about the tokenizer."""
    named = ((key.split(".")[-1], value) for key, value in flat(config).items())
    return tuple(sorted((key, repr(value)) for key, value in named if key in VOCABULARY))


def per_byte(runs: Sequence[Run], signal: str) -> tuple[list[float], str]:
    """The factor for each run's losses, and the unit they have then; 1 and "" where all runs share a tokenizer.

    Bits per byte = nats per token / (ln 2 * bytes per token). NotRecorded where that is needed and a run's
    configuration lacks `bytes_per_token`.
    """
    kinds = [vocabulary(run.config) for run in runs]
    if "loss" not in signal or all(kind == kinds[0] for kind in kinds):
        return [1.0] * len(runs), ""
    return [1 / (np.log(2) * _bytes_per_token(run)) for run in runs], "bits per byte"


def _bytes_per_token(run: Run) -> float:
    found = next((value for key, value in flat(run.config).items() if key.split(".")[-1] == BYTES), None)
    if not isinstance(found, int | float) or not found > 0:
        raise NotRecorded(
            "these runs have different tokenizers, so a loss per token of one is not that of another: expected "
            f"{BYTES} in the configuration of {run.name[:60]!r}, to compare bits per byte"
        )
    return float(found)
