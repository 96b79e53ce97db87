"""Losses of runs with different tokenizers: a loss per token of one is not that of another, bits per byte are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....db import Run
from ....errors import NotRecorded
from ...analysis.statistics.config_keys import KeyRole
from ...analysis.statistics.configs import contradict, flat

BYTES = "bytes_per_token"


def per_byte(runs: Sequence[Run], signal: str) -> tuple[list[float], str]:
    """The factor for each run's losses, and the unit they have then; 1 and "" where no two name other tokenizers.

    Bits per byte = nats per token / (ln 2 * bytes per token). NotRecorded where that is needed and a run's
    configuration lacks `bytes_per_token`.
    """
    keys = contradict([run.config for run in runs], KeyRole.TOKENIZER) if "loss" in signal else []
    if not keys:
        return [1.0] * len(runs), ""
    return [1 / (np.log(2) * _bytes_per_token(run, keys)) for run in runs], "bits per byte"


def _bytes_per_token(run: Run, keys: Sequence[str]) -> float:
    found = next((value for key, value in flat(run.config).items() if key.split(".")[-1] == BYTES), None)
    if not isinstance(found, int | float) or not found > 0:
        raise NotRecorded(
            f"these runs have different tokenizers ({', '.join(keys[:4])}), so a loss per token of one is not that of "
            f"another: expected {BYTES} in the configuration of {run.name[:60]!r}, to compare bits per byte"
        )
    return float(found)
