"""Whole made-up runs for every detector: a healthy one, and one where much goes wrong."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.detectors.detector import Happening
from barograph.dashboard.analysis.detectors.scan import needed

# parts of a signal; those of the others by the beginning of their names
PARTS = {"lr": (("0",),), "step_time_rank": (("0",), ("1",), ("2",))}
SEVERAL = {
    "attn_": (("blocks.0", "0"), ("blocks.0", "1"), ("blocks.1", "0")),
    "grad_spike_": (("emb.weight",), ("blocks.0.w",)),
    "grad_rms": (("emb.weight",), ("blocks.0.w",)),
    "eval_": (("math",), ("code",)),
}
WHOLE = "attn_logit_peak", "attn_sink_rate"  # without axes, though they begin so
LEVELS = {
    "nan_iterations": 0.0,  # of a healthy run; the others are about 1
    "grad_rms_to_eps": 1e5,
    "loss_scale": 65536.0,
    "log_z_mean": 0.3,
    "log_z_max": 2.0,
    "max_prob": 0.3,
    "eval_accuracy": 0.5,
    "eval_n": 1000.0,
    "eval_n_invalid": 20.0,
    "new_class_share": 0.2,
    "new_class_due": 0.2,
    "attn_first": 0.05,
    "attn_sink_rate": 0.0,
    "attn_entropy": 3.0,
    "attn_logit_max": 6.0,
    "attn_logit_peak": 8.0,
    "grad_spike_max": 30.0,
    "grad_spike": 40.0,
    "grad_spike_share": 0.0,
    "clip_fraction": 0.1,
    "tokens_per_s": 1e5,
    "steps_per_s": 10.0,
    "step_time": 0.1,
    "step_time_rank": 0.1,
    "train_accuracy": 0.7,
    "accuracy": 0.7,
    "val_accuracy": 0.6,
}
RISING = "proxy_reward", "proxy_score", "proxy", "reward"  # what is optimised; what is meant stands still
Signals = dict[tuple, tuple[np.ndarray, np.ndarray]]


def parts(signal: str) -> tuple:
    if signal in WHOLE:
        return ((),)
    return PARTS.get(signal) or next((p for start, p in SEVERAL.items() if signal.startswith(start)), ((),))


def healthy(n: int, seed: int = 0, scale: float = 1.0, noise: float = 0.02, names=None) -> Signals:
    """(signal, *part) -> (steps, values): a loss that falls like a power law, everything else steady, some sampled."""
    rng = np.random.default_rng(seed)
    found: Signals = {}
    for signal in sorted(names or needed()):
        if signal.startswith("log_z") and scale != 1:
            continue  # a loss of that size is no cross-entropy: it has no log Z
        for part in parts(signal):
            steps = np.arange(0, n, 10 if signal.startswith("attn_") else 1)
            shake = rng.standard_normal(len(steps))
            if signal in ("loss", "val_loss"):
                values = scale * (1 + 2 * (1 + steps / 20) ** -0.5 + noise * shake)
            elif signal == "lr":
                values = 1e-3 * np.minimum(1, (steps + 1) / 100) * (0.55 + 0.45 * np.cos(np.pi * steps / n))
            elif signal in ("tokens", "time"):
                values = (steps + 1.0) * (4096 if signal == "tokens" else 0.1)
            elif signal in ("loss_scale", "grad_spike_share", "attn_sink_rate", "nan_iterations"):
                values = np.full(len(steps), LEVELS[signal])
            elif signal in RISING:
                values = np.sqrt(1 + steps) + noise * shake
            else:
                values = LEVELS.get(signal, 1.0) * np.exp(0.1 * shake)
            found[(signal, *part)] = steps, values
    return found


def faulty(n: int, seed: int = 0, names=None) -> tuple[Signals, tuple[Happening, ...]]:
    """The same with jumps, growth, collapse, holes, values that are not finite, and things done to the run."""
    rng = np.random.default_rng(seed + 100)
    found: Signals = {}
    for key, (steps, values) in healthy(n, seed, names=names).items():
        keep = rng.random(len(steps)) > 0.05
        steps, values = steps[keep], values[keep].copy()
        m = len(steps)
        if key[0] not in ("tokens", "time"):
            jumps = rng.integers(0, m, 6)
            values[jumps] *= 10.0 ** rng.uniform(0.5, 4, 6)
            lo, hi = np.sort(rng.integers(m // 4, m, 2))
            values[lo:hi] *= np.exp(np.linspace(0, rng.choice([-8, -2, 2, 8]), hi - lo))
            values[rng.integers(m // 2, m, 4)] = [np.nan, np.inf, -np.inf, np.nan]
        if key[0] == "lr":
            values[m // 2 : m // 2 + m // 8] *= 3
        found[key] = steps, values
    kinds = ["data", "restart", "checkpoint", "note", "task", "task", "task"]
    texts, sides = ["", "", "", "", "math", "math", "code"], ["", "", "", "", "begin", "end", "begin"]
    steps = np.sort(rng.integers(0, n, len(kinds))).tolist()
    return found, tuple(map(Happening, steps, kinds, texts, sides))
