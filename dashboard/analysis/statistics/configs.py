"""In what the configurations of runs differ: the first thing to look at beside "A beats B"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ABSENT = "–"  # this run does not have the key
SEEDS = ("seed", "random_seed", "data_seed", "torch_seed")


def flat(config: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested keys joined by dots; lists are values.

    >>> flat({"lr": 1, "model": {"width": 64, "heads": [1, 2]}, "empty": {}})
    {'lr': 1, 'model.width': 64, 'model.heads': [1, 2], 'empty': {}}
    """
    found: dict[str, Any] = {}
    for key, value in config.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{name}.")
        else:
            found[name] = value
    return found


def differing(configs: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The keys whose values are not the same in all, each with its values in the runs' order.

    >>> differing([{"lr": 1, "n": 2}, {"lr": 3, "n": 2, "warmup": 5}])
    {'lr': [1, 3], 'warmup': ['–', 5]}
    """
    rows = [flat(config) for config in configs]
    keys = list(dict.fromkeys(key for row in rows for key in row))
    table = {key: [row.get(key, ABSENT) for row in rows] for key in keys}
    return {key: values for key, values in table.items() if any(repr(v) != repr(values[0]) for v in values)}


def but_for_seed(config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What two runs share that differ in the seed alone."""
    rows = flat(config)
    return tuple(sorted((key, repr(value)) for key, value in rows.items() if key.split(".")[-1].lower() not in SEEDS))
