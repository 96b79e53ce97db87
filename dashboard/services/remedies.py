"""What a detector could not look at, and what to turn on so that it can."""

from __future__ import annotations

from collections.abc import Collection

from ..analysis.detectors import discover

CONTEXT = {"lr", "tokens", "time", "step_time", "clip_coefficient"}  # what explains other signals
REMEDIES = {
    "loss": "log it: run.log(loss=loss)",
    "val_loss": 'log held-out losses: run.log(loss=loss, split="val")',
    "grad_": "give watch the optimizer",
    "eval_": "evaluate tasks: run.evaluate(step, task, accuracy=..., n=...), or use barograph.evaluator",
    "eval_n_invalid": "count them: run.evaluate(step, task, accuracy=..., n=..., n_invalid=...)",
    "new_class": "show some: run.predictions(logits, new=classes, targets=targets, weight=head)",
    "attn_": 'give watch the model, with preset="standard" or "full"; custom kernels call run.attention(q, k)',
    "log_z": "hand over the output logits: run.logits(logits)",
    "max_prob": "hand over the output logits: run.logits(logits)",
    "loss_scale": "only mixed precision with a gradient scaler has one: give watch the scaler",
    "grad_spike": 'give watch an Adam-like optimizer, with preset="standard" or "full"',
    "update": 'give watch the optimizer, with preset="standard" or "full"',
    "tokens_per_s": "log the tokens of each step: run.log(loss=loss, tokens=n)",
}


def missing(recorded: Collection[str]) -> tuple[str, ...]:
    """A sentence for each detector that none of its own signals was recorded for."""
    out = []
    for detector in discover().values():
        own = [name for name in detector.signals if name not in CONTEXT] or list(detector.signals)
        if own and not any(name in recorded for name in own):
            out.append(f"{detector.name.replace('_', ' ').capitalize()}: not watched, {_remedy(own)}.")
    return tuple(out)


def _remedy(signals: list[str]) -> str:
    lacks = f"this run did not record {' or '.join(signals[:3])}"
    for name in signals:
        known = [prefix for prefix in REMEDIES if name.startswith(prefix)]
        if known:
            return f"{lacks}; {REMEDIES[max(known, key=len)]}"
    return f"{lacks}; log it: run.log({signals[0]}=...)"
