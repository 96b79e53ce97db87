"""In what the configurations of runs differ: the first thing to look at beside "A beats B"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .config_keys import KeyRole, key_role

ABSENT = "–"  # this run does not have the key


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

    What a trainer adds at the end of a run, such as `train_runtime`, is an outcome and no key here.

    >>> differing([{"lr": 1, "n": 2}, {"lr": 3, "n": 2, "warmup": 5}])
    {'lr': [1, 3], 'warmup': ['–', 5]}
    """
    rows = [flat(config) for config in configs]
    keys = [key for key in dict.fromkeys(key for row in rows for key in row) if key_role(key) is not KeyRole.OUTCOME]
    table = {key: [row.get(key, ABSENT) for row in rows] for key in keys}
    return {key: values for key, values in table.items() if any(repr(v) != repr(values[0]) for v in values)}


def but_for_seed(config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What two runs share that differ in the seed alone: no seed, name, folder or outcome.

    >>> but_for_seed({"lr": 1, "seed": 7, "output_dir": "out/7", "train_runtime": 12.5})
    (('lr', '1'),)
    """
    return tuple(sorted((key, repr(value)) for key, value in flat(config).items() if key_role(key) not in _FREE))


_FREE = (KeyRole.SEED, KeyRole.LABEL, KeyRole.OUTCOME)


def about(config: Mapping[str, Any], role: KeyRole) -> dict[str, str]:
    """What a configuration says of the tokenizer, the data and so on: key -> value as text."""
    return {key: repr(value) for key, value in flat(config).items() if key_role(key) is role}


def contradict(configs: Sequence[Mapping[str, Any]], role: KeyRole) -> list[str]:
    """The keys of a role in which configurations that both speak of it differ; of one that is silent nothing is known.

    Values are held against each other by key, or, where two configurations use other keys for it, by value.

    >>> contradict([{"tokenizer": "gpt2"}, {"tokenizer_name": "llama"}, {"lr": 1}], KeyRole.TOKENIZER)
    ['tokenizer', 'tokenizer_name']
    """
    spoken = [found for config in configs if (found := about(config, role))]
    out: list[str] = []
    for one in spoken[1:]:
        first, shared = spoken[0], spoken[0].keys() & one.keys()
        if shared:
            out += sorted(key for key in shared if first[key] != one[key])
        elif not set(first.values()) & set(one.values()):
            out += [*first, *one]
    return list(dict.fromkeys(out))
