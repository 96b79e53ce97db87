"""Which runs make up the zoo: about 75 recipes, the same for each set of seeds but for seed, size and moments.

Thresholds of the detectors are tuned on the set `calibration` alone; what is reported comes from the set `report`:
other seeds, another size, other moments. A rule that is changed after that set was seen is looked at in `fresh`.
"""

from __future__ import annotations

import random
from dataclasses import replace

from benchmarks.zoo.recipes import Recipe

SETS = {"calibration": (1000, 48), "report": (2000, 64), "fresh": (3000, 56)}  # first seed, width
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
WIDTHS = (16, 24, 32, 48, 64, 112)


def recipes(seed_set: str) -> list[Recipe]:
    """All runs of one set. Raises ValueError for a set that is none."""
    if seed_set not in SETS:
        raise ValueError(f"seed set {seed_set!r}: expected one of {', '.join(SETS)}")
    seed, width = SETS[seed_set]
    draws = random.Random(seed)
    made = [*sweep(), *ramps(draws), *faults(draws), *hard_to_believe(draws)]
    families = list(dict.fromkeys(family(r) for r in made))  # a run and its cured twins share their seed
    made = [replace(r, seed=seed + families.index(family(r)), width=width) for r in made]
    return made + [replace(r, seed=seed - 1) for r in sizes()]


def family(recipe: Recipe) -> str:
    """The name without its cure."""
    return recipe.name.removesuffix("-cured").removesuffix("-z")


def pair(sick: Recipe, cures: str, **cure) -> list[Recipe]:
    """A run and its twin, which differs in the cure alone."""
    return [replace(sick, twin=f"{sick.name}-cured", cures=cures), replace(sick, name=f"{sick.name}-cured", **cure)]


def sweep() -> list[Recipe]:
    """A cosine at seven learning rates over three decades: as it is, with qk-norm, with z-loss too."""
    made = []
    for rate in RATES:
        sick, cured = pair(Recipe(f"lr-{rate:g}", rate, 0, steps=600, qk_norm=False), "attention_logits", qk_norm=True)
        made += [sick, cured, replace(cured, name=f"lr-{rate:g}-z", z_loss=1e-4)]
    return made


def sizes() -> list[Recipe]:
    """One high learning rate without qk-norm at several widths: the largest logit is foretold for the last of them."""
    return [
        Recipe(f"width-{width}", 0.03, 0, steps=400, width=width, schedule="constant", qk_norm=False)
        for width in WIDTHS
    ]


def ramps(draws: random.Random) -> list[Recipe]:
    """The learning rate grows exponentially until it is too large: for attention without qk-norm, or for all."""
    made = []
    for i, begin in enumerate((0.1, 0.2, 0.3, 0.4)):
        sick = Recipe(f"logits-{i}", 0.2, 0, schedule="ramp", begin=begin + draws.uniform(-0.04, 0.04), rise=0.3,
                      floor=0.02, qk_norm=False, weight_decay=0.0)  # fmt: skip
        made += pair(sick, "attention_logits", qk_norm=True)
    for i, begin in enumerate((0.1, 0.3, 0.5, 0.65)):
        begin += draws.uniform(-0.04, 0.04)
        made.append(Recipe(f"ramp-{i}", (1.0, 2.0)[i % 2], 0, schedule="ramp", begin=begin))
    made.append(Recipe("early-0", 1.0, 0, steps=600, warmup=0, clip=0.0, qk_norm=False, schedule="constant"))
    made.append(Recipe("early-1", 3.0, 0, steps=600, warmup=0, clip=0.0, schedule="constant"))
    return made


def faults(draws: random.Random) -> list[Recipe]:
    """Something breaks at a random step of a run that is well."""
    made = []
    for i, about in enumerate((0.15, 0.35, 0.5)):
        shared = {"seed": 0, "schedule": "constant", "weight_decay": 0.0}
        at = [about + draws.uniform(-0.08, 0.08) for _ in range(5)]
        grows = Recipe(f"growth-{i}", 0.01, fault="growth", force=0.02, begin=at[0], qk_norm=False, **shared)
        made += [
            *pair(grows, "attention_logits", qk_norm=True),
            Recipe(f"drift-{i}", 0.03, fault="drift", force=1.5, begin=at[1] - 0.05, coarse=True, **shared),
            Recipe(f"spikes-{i}", 0.02, 0, fault="spikes", force=1000, begin=at[2], beta2=0.999, schedule="constant"),
            Recipe(f"scale-{i}", 0.01, 0, fault="overflows", force=100, begin=at[3], half=True, schedule="wsd"),
            Recipe(f"embedding-{i}", 0.01, 0, fault="embedding", force=0.1, begin=at[4], schedule="constant"),
        ]
    return made


def hard_to_believe(draws: random.Random) -> list[Recipe]:
    """Runs that look alarming and are well."""
    late = lambda: 0.5 + draws.uniform(-0.1, 0.1)  # noqa: E731
    return [
        Recipe("rewarm-0", 0.003, 0, schedule="rewarm"),
        Recipe("rewarm-1", 0.01, 0, schedule="rewarm"),
        Recipe("wsds-0", 0.003, 0, schedule="wsds"),
        Recipe("wsds-1", 0.01, 0, schedule="wsds"),
        Recipe("wsd-0", 0.01, 0, schedule="wsd", beta2=0.999),
        Recipe("switch-0", 0.003, 0, data="switch", begin=late()),
        Recipe("switch-1", 0.01, 0, data="switch", begin=late(), schedule="wsd"),
        Recipe("noise-0", 0.001, 0, batch=2, schedule="wsd"),
        Recipe("noise-1", 0.003, 0, batch=3),
        Recipe("repeated-0", 0.003, 0, data="repeated", steps=1200),
        Recipe("repeated-1", 0.01, 0, data="repeated", schedule="constant"),
        Recipe("half-0", 0.003, 0, half=True),
        Recipe("half-1", 0.01, 0, half=True, schedule="wsd"),
        *pair(Recipe("spike-0", 0.003, 0, fault="one_spike", force=1000, begin=late()), "", fault=""),
        *pair(Recipe("spike-1", 0.01, 0, fault="one_spike", force=1000, begin=late(), beta2=0.999), "", fault=""),
        Recipe("bad-batches-0", 0.003, 0, fault="bad_batches", begin=0.3 + draws.uniform(0, 0.2)),
        Recipe("rare-bytes-0", 0.003, 0, beta2=0.95, clip=0.0),
        Recipe("rare-bytes-1", 0.003, 0, beta2=0.999, clip=0.0),
        Recipe("no-decay-0", 0.01, 0, weight_decay=0.0, schedule="constant"),
        Recipe("eps-0", 0.003, 0, eps=1e-6),
        Recipe("edge-0", 0.1, 0, schedule="constant", weight_decay=0.0),
        Recipe("no-warmup-0", 0.003, 0, warmup=0),
    ]
