"""Logs as tools write them, for the importers' tests: the same short run in each format.

What is in `files/` was written by the tools themselves (`files/write.py`); a shorter run is the beginning of it.
"""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
import tarfile
from pathlib import Path

import numpy as np

from barograph.db.importers import find, take_in

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


def write_parquet(path: Path, n: int = 200) -> Path:
    import pandas as pd

    val = [LOSS[s] + 0.1 if s % 50 == 49 else None for s in range(n)]
    columns = {"step": STEPS[:n], "train/loss": LOSS[:n], "lr": LR[:n], "val_loss": val, "words": ["<b>"] * n}
    pd.DataFrame(columns).to_parquet(path)
    return path


def write_wandb_csv(path: Path, n: int = 200) -> Path:
    """As the button above a chart in W&B's pages does it."""
    names = [f"my-run - {metric}{end}" for metric in ("loss", "lr", "val_loss") for end in ("", "__MIN", "__MAX")]
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["Step", *names])
        for s in range(n):
            val = LOSS[s] + 0.1 if s % 50 == 49 else ""
            writer.writerow([s, *[LOSS[s]] * 3, *[LR[s]] * 3, *[val] * 3])
    return path


def write_text_log(path: Path, n: int = 200) -> Path:
    """As llm.c prints it."""
    with open(path, "w") as file:
        file.write("| train data pattern    | data/*.bin |\n| total batch size      | 4096 |\n")
        for s in range(n):
            file.write(f"step {s:4d}/400 | loss {LOSS[s]:7.6f} (+0.10z)| norm 1.0 (+0.10z)| lr {LR[s]:.2e} | 9.00 ms\n")
            if s % 50 == 49:
                file.write(f"val loss {LOSS[s] + 0.1:.6f}\n")
    return path


def unpacked(name: str, path: Path) -> Path:
    """A file that the tool itself wrote, or a folder of them, put at `path`."""
    if (FILES / f"{name}.gz").exists():
        path.write_bytes(gzip.decompress((FILES / f"{name}.gz").read_bytes()))
    else:
        with tarfile.open(FILES / f"{name}.tar.gz") as archive:
            archive.extractall(path, filter="data")
    return path


def beginning(name: str):
    """A writer that puts down the first bytes of a file, as it was while the run went on."""

    def write(path: Path, n: int = 200) -> Path:
        data = unpacked(name, path).read_bytes()
        path.write_bytes(data[: len(data) * n // 200])
        return path

    return write


def database(name: str):
    """A writer that puts down a database without the later steps."""

    def write(path: Path, n: int = 200) -> Path:
        with sqlite3.connect(unpacked(name, path)) as raw:
            raw.execute("DELETE FROM metrics WHERE step >= ?", (n,))
        raw.close()
        return path

    return write


def write_mlflow_folder(path: Path, n: int = 200) -> Path:
    """The folder of one run, as it lies in `mlruns/EXPERIMENT/`."""
    runs = unpacked("mlflow_files", path)
    (meta,) = [meta for meta in runs.glob("*/*/meta.yaml") if "run_name: my-run" in meta.read_text()]
    for metric in meta.parent.glob("metrics/**/*"):
        if metric.is_file():
            lines = metric.read_text().splitlines(keepends=True)
            metric.write_text("".join(line for line in lines if int(line.split()[2]) < n))
    return meta.parent


FILES = Path(__file__).parent / "files"
WRITERS = {
    "delimited": write_csv, "json_lines": write_jsonl, "mlflow_files": write_mlflow_folder,
    "mlflow_sqlite": database("mlflow_sqlite"), "parquet": write_parquet, "tensorboard": beginning("tensorboard"),
    "text_logs": write_text_log, "trackio": database("trackio"), "trainer_state": write_trainer_state,
    "wandb_csv": write_wandb_csv, "wandb_offline": beginning("wandb"),
}  # fmt: skip


def body(path: Path) -> Path:
    """The file that holds the loss."""
    return path if path.is_file() else path / "metrics" / "train" / "loss"


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
