"""`trainer_state.json`, which the Hugging Face Trainer writes with each checkpoint: the log so far, and the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._machinery.batch import Batch
from ._machinery.lines import Meter
from .json_lines import columns_of

FORMAT = "trainer_state.json"
EXPECTS = "a Hugging Face trainer_state.json"
_CONFIG = ("num_train_epochs", "train_batch_size", "logging_steps", "eval_steps", "save_steps", "trial_params")
_RESULT = ("total_flos", "best_metric", "best_global_step", "best_model_checkpoint", "epoch", "global_step")


def recognise(path: Path, head: bytes) -> bool:
    """Whether this is a JSON object with a log_history."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"log_history"' in head


def home(path: Path) -> Path:
    """The output folder: the states in `checkpoint-500/`, `checkpoint-1000/` and beside them are one run's."""
    folder = path.parent
    if path.name != "trainer_state.json":
        return path
    return folder.parent if re.fullmatch(r"checkpoint-\d+", folder.name) else folder


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch]:
    """The log of the newest state; the Trainer's summary of the whole run, its last entry, is no point of the run."""
    states = []
    for path in paths:
        raw = path.read_bytes()
        meter(len(raw))
        states.append(_state(raw.decode("utf-8-sig", "replace")))
    state, stopped = max(states, key=lambda found: _number(found[0].get("global_step")) or 0)
    log = state.get("log_history")
    entries = [entry for entry in log if isinstance(entry, dict)] if isinstance(log, list) else []
    summary = {k: v for entry in entries if "train_runtime" in entry for k, v in entry.items()}
    entries = [entry for entry in entries if "train_runtime" not in entry]
    batch = Batch(np.zeros(len(entries), np.int64), unread=[stopped] if stopped else [])
    columns_of(batch, entries)
    config = {name: state[name] for name in _CONFIG if state.get(name) is not None}
    batch.config = config | {name: state[name] for name in _RESULT if state.get(name) is not None} | summary
    batch.seconds = _number(summary.get("train_runtime"))
    planned, flops = _number(state.get("max_steps")), _number(state.get("total_flos"))
    tokens = _number(state.get("num_input_tokens_seen"))
    if planned and planned > 0:
        batch.run["steps_planned"] = int(planned)
    if flops and tokens:
        batch.run["flops_per_token"] = flops / tokens
    yield batch


def _number(value: Any) -> float | None:
    good = isinstance(value, int | float) and abs(value) < 2**1000 and value == value
    return float(value) if good else None


def _state(text: str) -> tuple[dict[str, Any], int]:
    """(the object, 0), or of a damaged file what stands before the damage and the line where that is."""
    try:
        found = json.loads(text)
        return (found, 0) if isinstance(found, dict) else ({}, 1)
    except RecursionError:
        return {}, 1
    except json.JSONDecodeError as error:
        at, line = error.pos, error.lineno
    except ValueError:  # an integer of thousands of digits
        return {}, 1
    comma, brace = text.rfind(",", 0, at), text.rfind("}", 0, at)
    for whole in (text[: max(comma, 0)] + "}", text[: brace + 1] + "]}", text[: brace + 1] + "}"):
        try:
            return json.loads(whole), line
        except (ValueError, RecursionError):
            continue
    return {}, line
