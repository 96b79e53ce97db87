"""Logs as tools write them, for the importers' tests: the same short run in each format."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from db.importers import find, take_in

STEPS = np.arange(0, 200)
LOSS = 2 + 3 * np.exp(-STEPS / 40) + 0.01 * np.sin(STEPS)
LR = np.linspace(1e-3, 1e-4, len(STEPS))


def write_csv(path: Path, n: int = 200) -> Path:
    """As Lightning's CSVLogger does it: the validation in rows of its own, the cells of the others empty."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "lr", "step", "train_loss", "val_loss"])
        for s in range(n):
            writer.writerow([s // 50, LR[s], s, LOSS[s], ""])
            if s % 50 == 49:
                writer.writerow([s // 50, "", s, "", LOSS[s] + 0.1])
    return path


def write_jsonl(path: Path, n: int = 200) -> Path:
    with open(path, "w") as file:
        file.write(json.dumps({"config": {"model": "gpt", "batch_size": 32}}) + "\n")
        for s in range(n):
            file.write(json.dumps({"step": s, "train": {"loss": LOSS[s]}, "learning_rate": LR[s]}) + "\n")
            if s % 50 == 49:
                file.write(json.dumps({"step": s, "eval_loss": LOSS[s] + 0.1}) + "\n")
    return path


def trainer_state(n: int = 200) -> dict:
    """As the Trainer writes it: sorted keys, every entry with its epoch and step, a summary at the end."""
    log = []
    for s in range(n):
        log.append({"epoch": s / 50, "grad_norm": 1.0, "learning_rate": LR[s], "loss": LOSS[s], "step": s})
        if s % 50 == 49:
            log.append({"epoch": s / 50, "eval_accuracy": 0.5, "eval_loss": LOSS[s] + 0.1, "eval_runtime": 2})
            log[-1]["step"] = s
    return {
        "best_metric": None, "epoch": n / 50, "global_step": n - 1, "log_history": log, "max_steps": 400,
        "num_input_tokens_seen": 1000, "num_train_epochs": 8, "total_flos": 6e6, "trial_params": None,
    }  # fmt: skip


def write_trainer_state(path: Path, n: int = 200) -> Path:
    path.write_text(json.dumps(trainer_state(n), indent=2, sort_keys=True) + "\n")
    return path


WRITERS = {"delimited": write_csv, "json_lines": write_jsonl, "trainer_state": write_trainer_state}


def bring(store, path, **options):
    """Imports the one log at `path`."""
    (source,), refused = find([path])
    assert not refused
    return take_in(store, source, **options)


def points(store, run: str) -> dict:
    """All the surviving points of a run: {key: (steps, values)} as lists, so that two of them compare (NaN as text)."""
    out = {}
    for name, description in store.signals(run).items():
        for part in description.parts:
            found = store.series(run, name, part)
            out[(name, *part) if part else name] = (found.steps.tolist(), [repr(v) for v in found.values.tolist()])
    return out
