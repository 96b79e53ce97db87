"""A readable name for a run that was given none."""

from __future__ import annotations

import random
import secrets

_HOW = (
    "amber brisk calm clear cold deep early faint gentle grey high hushed late light low mild misty pale "
    "quiet rising steady still swift warm"
).split()
_WHAT = (
    "anticyclone aurora breeze calm cirrus cloud cumulus current drift dusk fog front gale haze isobar "
    "mistral monsoon nimbus rain ridge squall sunrise tide trough zephyr"
).split()


def readable_name() -> str:
    """Two words of weather and a number, e.g. `steady-front-417`; draws from no random state that training uses."""
    draw = random.Random(secrets.randbits(64))
    return f"{draw.choice(_HOW)}-{draw.choice(_WHAT)}-{draw.randrange(100, 1000)}"
