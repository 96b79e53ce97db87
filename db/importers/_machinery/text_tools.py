"""What the console logs of well-known trainers look like: one entry a tool."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .hyperparameters import scalar

_Columns = dict[str, np.ndarray]
_NUMBER = r"([-+]?(?:\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf))"
_END = r"(?=$|[\s,;|%)(/]|ms\b|s\b|GiB)"


def _pairs(key: str, between: str) -> re.Pattern[str]:
    return re.compile(rf"({key}){between}{_NUMBER}{_END}", re.IGNORECASE)


@dataclass(frozen=True)
class LogRow:
    """A kind of line that reports a step: `begins` finds the step (and the last one), `pairs` its names and numbers.

    `names` says what a name means here; one that stands for None is left out. A line without a step of its own
    belongs to the step before it.
    """

    begins: re.Pattern[str]
    pairs: re.Pattern[str]
    names: Mapping[str, str | None] = field(default_factory=dict)
    hint: str = "step"  # in every such line


@dataclass(frozen=True)
class Tool:
    """A trainer: what its logs are recognised by, its rows, and where they state what is constant over the run."""

    name: str
    mark: re.Pattern[str]
    rows: tuple[LogRow, ...]
    config: tuple[re.Pattern[str], ...] = ()  # (name, value)
    facts: Callable[[dict[str, Any]], dict[str, Any]] = lambda config: {}  # config -> fields of Run
    # what is no column but follows from others, on the same rows: (config, columns, steps) -> columns
    derive: Callable[[dict[str, Any], _Columns, np.ndarray], _Columns] = lambda config, columns, steps: {}


def _product(config: dict[str, Any], *names: str) -> float | None:
    values = [number(config.get(name)) for name in names]
    known = [value for value in values if value is not None]
    return math.prod(known) if len(known) == len(values) else None


def number(value: Any) -> float | None:
    """A number from a value of a config, thousands separators, products and all; None where it is none."""
    if isinstance(value, str) and re.fullmatch(r"[\d\s.*,_e+-]+", value):
        value = math.prod(_float(part) for part in value.replace(",", "").replace("_", "").split("*"))
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _run(steps: float | None = None, tokens: float | None = None, size: float | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if steps and steps > 0:
        found["steps_planned"] = int(steps)
    if tokens and tokens > 0:
        found["tokens_per_step"] = tokens
    if size and size > 0:
        found["size"] = {"total": int(size)}
    return found


# ---- nanoGPT: https://github.com/karpathy/nanoGPT (train.py) --------------------------------------------------------


def _nanogpt_facts(config: dict[str, Any]) -> dict[str, Any]:
    size = number(str(config.get("number of parameters", "")).rstrip("M"))
    return _run(number(config.get("max_iters")), number(config.get("tokens per iteration")), size and size * 1e6)


def _nanogpt_lr(config: dict[str, Any], columns: _Columns, steps: np.ndarray) -> _Columns:
    """It logs no learning rate; its schedule follows from five settings, where the log states them all."""
    top = number(config.get("learning_rate"))
    if top is None:
        return {}
    if config.get("decay_lr") is False:
        return {"lr": np.full(len(steps), top)}
    warm, end, low = (number(config.get(name)) for name in ("warmup_iters", "lr_decay_iters", "min_lr"))
    if warm is None or end is None or low is None:
        return {}
    part = np.clip((steps - warm) / max(end - warm, 1), 0, 1)
    cosine = low + 0.5 * (1 + np.cos(np.pi * part)) * (top - low)
    return {"lr": np.where(steps < warm, top * (steps + 1) / (warm + 1), cosine)}


NANOGPT = Tool(
    "nanoGPT",
    re.compile(r"^tokens per iteration will be: [\d,]+$|^iter \d+: loss [\d.]+, time [\d.]+ms", re.MULTILINE),
    (
        LogRow(re.compile(r"^iter (\d+): "), _pairs("loss|time|mfu", " "),
            {"time": "iteration (ms)", "mfu": "mfu (%)"}, "iter "),
        LogRow(re.compile(r"^step (\d+): train loss "), _pairs("train loss|val loss", " "),
            {"train loss": "train_loss (estimated)"}),
    ),
    (
        re.compile(r"^(tokens per iteration) will be: ([\d,]+)"),
        re.compile(r"^(number of parameters): ([\d.,]+M)"),
        re.compile(r"^Overriding: (\w+) = (.*)$"),
        re.compile(r"^([a-z]\w*) = (.*?)(?:\s+#.*)?$"),
    ),
    _nanogpt_facts,
    _nanogpt_lr,
)  # fmt: skip

# ---- modded-nanogpt: https://github.com/KellerJordan/modded-nanogpt -------------------------------------------------


def _modded_facts(config: dict[str, Any]) -> dict[str, Any]:
    steps = number(config.get("num_iterations")) or number(config.get("num_scheduled_iterations"))
    tokens = _product(config, "batch_size", "sequence_length")
    return _run(steps, tokens or number(config.get("train_batch_tokens")))


MODDED = Tool(
    "modded-nanogpt",
    re.compile(r"^[ \t]*code = f\.read\(\)|^step:\d+/\d+ (?:val_loss|train_loss|train_time):", re.MULTILINE),
    (
        LogRow(re.compile(r"^step:(\d+)/(\d+) "), _pairs(r"\b\w+", ":"),
            {"step": None, "train_time": "elapsed", "step_avg": "step_avg (ms)"}),
    ),
    (re.compile(r"^    (num_iterations|num_scheduled_iterations|batch_size|sequence_length|train_seq_len|cooldown_frac"
                r"|\w*learning_rate|warmup_iters|warmdown_iters|weight_decay|val_loss_every|val_tokens|train_batch_size"
                r"|train_batch_tokens)\s*(?::\s*\w+\s*)?=\s*([\d.eE*_ +-]+?)\s*(?:#.*)?$"),),
    _modded_facts,
)  # fmt: skip

# ---- llm.c, build-nanogpt: https://github.com/karpathy/llm.c (train_gpt2.cu, train_gpt2.py, llmc/logger.h) ----------


def _llmc_facts(config: dict[str, Any]) -> dict[str, Any]:
    tokens = number(config.get("total_batch_size")) or number(config.get("total batch size"))
    if not tokens or tokens < 0:
        tokens = _product(config, "micro batch size B", "sequence length T")
    return _run(number(config.get("train_num_batches")), tokens, number(config.get("num_parameters")))


_LLMC_NAMES = {"norm": "grad_norm", "trl": "loss", "tel": "val_loss", "val": "val_loss", "train": "loss",
               "dt": "step (ms)", "eval": "hellaswag", "hella": "hellaswag", "tok/sec": "tokens_per_s"}  # fmt: skip

LLMC = Tool(
    "llm.c",
    re.compile(r"^\| train data pattern |^step +\d+/\d+ \| (?:train )?loss |^step +\d+ \| loss: "
               r"|^s:\d+ (?:tel|trl|eval):|^\d+ (?:val|train) [\d.]+$", re.MULTILINE),
    (
        LogRow(re.compile(r"^step +(\d+)(?:/(\d+))? \|"), _pairs("train loss|loss|norm|lr|dt|tok/sec", ":? +"),
            _LLMC_NAMES),
        LogRow(re.compile(r"^s:(\d+) "), _pairs("tel|trl|lr|norm|eval", ":"), _LLMC_NAMES, "s:"),
        LogRow(re.compile(r"^(\d+) (?:val|train|hella) "), _pairs("val|train|hella", " "), _LLMC_NAMES, " "),
        LogRow(re.compile(r"^(?=val loss |validation loss: )"), _pairs("val loss|validation loss", ":? "), {}, "val"),
        LogRow(
            re.compile(r"^(?=HellaSwag: )"), _pairs("HellaSwag", r": \d+/\d+ = "), {"hellaswag": "hellaswag"}, "Hella"
        ),
    ),
    (
        re.compile(r"^\| ([^|]+?) +\| ([^|]+?) +\|$"),
        re.compile(r"(total_batch_size)=(\d+)"),
    ),
    _llmc_facts,
)  # fmt: skip

# ---- Megatron-LM: https://github.com/NVIDIA/Megatron-LM (megatron/training/training.py) -----------------------------


def _megatron_tokens(config: dict[str, Any], columns: _Columns, steps: np.ndarray) -> _Columns:
    length, samples = number(config.get("seq_length")), columns.get("consumed samples")
    return {} if length is None or samples is None else {"tokens": samples * length}


_MEGATRON_NAMES = {"loss scale": "loss_scale", "number of nan iterations": "nan_iterations"}

MEGATRON = Tool(
    "Megatron-LM",
    re.compile(
        r"^[^\w\n-]*(?:\d+: ?)?-+ (?:end of )?arguments -+|iteration +\d+/ *\d+ \| consumed samples: ", re.MULTILINE
    ),
    (
        LogRow(re.compile(r"\biteration +(\d+)/ *(\d+) \|"), _pairs(r"(?<=\| )[^|:]+?", r": +"), _MEGATRON_NAMES,
            "iteration"),
        LogRow(re.compile(r"\bvalidation loss at iteration (\d+)\b"), _pairs(r"lm loss value|lm loss PPL", ": "),
            {"lm loss value": "val_loss", "lm loss ppl": "val_ppl"}, "validation"),
    ),
    (re.compile(r"^(?:\d+: ?)?  (\w+) \.{2,} (.*)$"),),
    lambda config: _run(number(config.get("train_iters"))),
    _megatron_tokens,
)  # fmt: skip

# ---- torchtitan: https://github.com/pytorch/torchtitan (torchtitan/components/metrics.py) ---------------------------


def _titan_facts(config: dict[str, Any]) -> dict[str, Any]:
    tokens = _product(config, "global batch size", "sequence length")
    return _run(number(config.get("total steps")), tokens, number(config.get("total parameters")))


TITAN = Tool(
    "torchtitan",
    re.compile(r"\[titan\]|\bstep: +\d+ .{0,9} *loss: +.{0,12}\bgrad_norm: |\bstep: +\d+  (?:\x1b\[\d+m)?loss: "),
    (
        LogRow(re.compile(r"(?<!validate )\bstep: +(\d+)  "), _pairs(r"(?<= )\w+", ": +"),
            {"step": None, "tps": "tokens_per_s_per_device", "memory": "device_memory (GiB)", "mfu": "mfu (%)"}),
        LogRow(re.compile(r"\bvalidate step: +(\d+)  "), _pairs(r"(?<= )\w+", ": +"),
            {"step": None, "loss": "val_loss", "memory": None, "tps": None}, "validate"),
    ),
    (
        re.compile(r"(global batch size) ([\d,]+)"),
        re.compile(r"(sequence length) ([\d,]+)"),
        re.compile(r"(total steps) ([\d,]+)"),
        re.compile(r"(?P<value>[\d,]+) (?P<name>total parameters)"),
    ),
    _titan_facts,
)  # fmt: skip

TOOLS = (NANOGPT, MODDED, LLMC, MEGATRON, TITAN)


def setting(found: re.Match[str]) -> tuple[str, Any]:
    """(name, value) of a line that states one."""
    named = found.groupdict() or {"name": found[1], "value": found[2]}
    return named["name"], scalar(named["value"])
