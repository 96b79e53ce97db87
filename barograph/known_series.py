"""What series of well-known names mean, for logs that do not describe them and runs recorded before they were titled.

A run that `watch` records describes its own signals, and what it says goes before this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .formatting import short


@dataclass(frozen=True)
class Known:
    """The title of a chart, one sentence, a unit, which way is better, and what to do where it was not recorded."""

    title: str = ""
    sentence: str = ""
    unit: str = ""
    better: str = "neither"
    remedy: str = ""
    axes: tuple[str, ...] = field(default=())


_OPTIMIZER = "pass the optimizer to watch"
_STANDARD = 'pass the optimizer to watch, with preset="standard" or "full"'
_LOGITS = "pass the output logits: run.logits(logits)"
_EVALUATE = "evaluate tasks: run.evaluate(step, task, accuracy=..., n=...), or use barograph.evaluator"

SERIES: dict[str, Known] = {
    "loss": Known("Loss", "Training loss", better="lower", remedy="log it: run.log(loss=loss)"),
    "val_loss": Known(
        "Validation loss", "Loss on held-out data", better="lower",
        remedy='log held-out losses: run.log(loss=loss, split="val")',
    ),
    "loss_p05": Known("Loss of the easy samples (5 %)", "5 % of the samples have a smaller loss", "", "lower"),
    "loss_p50": Known("Loss of the median sample", "Loss of the median sample of a step", "", "lower"),
    "loss_p95": Known(
        "Loss of the hard samples (95 %)",
        "5 % of the samples of a step have a larger loss: hard, unusual or mislabelled ones", "", "lower",
    ),
    "loss_unweighted": Known(
        "Unweighted loss", "Unweighted mean loss of the samples, by which weighted runs are to be compared", "", "lower"
    ),
    "lr": Known("Learning rate", "Learning rate of each parameter group", remedy=_OPTIMIZER, axes=("group",)),
    "grad_norm": Known("Gradient norm", "Global norm of the gradients", remedy=_OPTIMIZER),
    "grad_norm_applied": Known("Gradient norm, after clipping", remedy=_OPTIMIZER),
    "tokens": Known("Tokens", "Tokens seen since the run started", "tokens"),
    "time": Known("Time", "Seconds since the run started", "s"),
    "step_time": Known("Step time", unit="s"),
    "tokens_per_s": Known("Throughput", remedy="log the tokens of each step: run.log(loss=loss, tokens=n)"),
    "steps_per_s": Known("Steps per second"),
    "attn_logit_max": Known("Largest attention logit by head"),
    "attn_entropy": Known("Attention entropy by head"),
    "attn_first": Known("Attention to the first token by head"),
    "attn_q_norm": Known("Query norm by head"),
    "attn_k_norm": Known("Key norm by head"),
    "grad_spike_max": Known("Largest gradient spike by tensor"),
    "grad_norm_tensor": Known("Gradient norm by tensor"),
    "grad_norm_module": Known("Gradient norm by module"),
    "update_ratio_tensor": Known("Update-to-weight ratio by tensor"),
    "update_norm_tensor": Known("Update norm by tensor"),
    "weight_norm_tensor": Known("Weight norm by tensor"),
    "init_distance": Known("Distance from initialization"),
    "update_cosine": Known("Cosine of successive updates"),
    "noise_scale": Known("Gradient noise scale"),
    "spectral_norm": Known("Largest singular value by matrix"),
    "stable_rank": Known("Stable rank by matrix"),
    "spectral_residual": Known("Residual of the largest singular value"),
    "activation_rms": Known("Activation size by block"),
    "dead_units": Known("Dead units by layer"),
    "loss_scale": Known("Loss scale", remedy="pass the gradient scaler of mixed precision to watch"),
    "eval_n_invalid": Known(
        "Invalid answers", remedy="count them: run.evaluate(step, task, accuracy=..., n=..., n_invalid=...)"
    ),
}  # fmt: skip
FAMILIES: dict[str, str] = {  # the beginning of a name -> the remedy
    "grad_": _OPTIMIZER,
    "grad_spike": 'pass an Adam-like optimizer to watch, with preset="standard" or "full"',
    "update": _STANDARD,
    "attn_": 'pass the model to watch, with preset="standard" or "full"; custom kernels call run.attention(q, k)',
    "log_z": _LOGITS,
    "max_prob": _LOGITS,
    "eval_": _EVALUATE,
    "new_class": "record some: run.predictions(logits, new=classes, targets=targets, weight=head)",
}


_LOWER = {
    "loss", "nll", "ce", "xent", "perplexity", "ppl", "bpb", "bpc", "error", "err", "mse", "rmse", "mae", "wer", "cer",
    "fid", "regret",
}  # fmt: skip
_HIGHER = {
    "acc", "accuracy", "f1", "auc", "auroc", "bleu", "rouge", "meteor", "chrf", "precision", "recall", "score",
    "reward", "return", "map", "map50", "iou", "miou", "dice", "psnr", "ssim", "ndcg", "mrr", "mcc", "r2", "success",
    "top1", "top5",
}  # fmt: skip
_OF_IT = {"scale", "weight", "weights", "coef", "coefficient", "factor", "std", "var", "count", "threshold", "time"}


def direction(name: str) -> str:
    """Which way of a series is better, by the words of its name: of two that say so the last; else "neither".

    >>> direction("val_loss"), direction("eval/bbox_mAP"), direction("reward_loss"), direction("loss_weight")
    ('lower', 'higher', 'lower', 'neither')
    """
    if name in SERIES:
        return SERIES[name].better
    words = re.findall(r"[a-z0-9]+", name.replace("mAP", "map").lower().replace("bits_per_byte", "bpb"))
    told = [word for word in words if word in _LOWER or word in _HIGHER]
    if not told or not _OF_IT.isdisjoint(words):
        return "neither"
    return "lower" if told[-1] in _LOWER else "higher"


def known(name: str) -> Known:
    """What is known of a series by its name; an unknown one has a title made of its name.

    >>> known("loss").title, known("grad_l1").remedy
    ('Loss', 'pass the optimizer to watch')
    >>> known("my_metric")
    Known(title='My metric', sentence='', unit='', better='neither', remedy='log it: run.log(my_metric=...)', axes=())
    """
    found = SERIES.get(name, Known())
    title = found.title or short(name.replace("_", " "), 60).capitalize()
    return Known(title, found.sentence, found.unit, direction(name), found.remedy or _remedy(name), found.axes)


def _remedy(name: str) -> str:
    family = max((start for start in FAMILIES if name.startswith(start)), key=len, default="")
    return FAMILIES[family] if family else f"log it: run.log({name}=...)"
