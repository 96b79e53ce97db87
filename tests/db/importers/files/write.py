"""Writes the files beside it with the tools themselves, once; the tests only read them.

    pip install torch tensorboard wandb mlflow-skinny sqlalchemy alembic trackio lightning pandas
    cd tests/db/importers/files && python write.py [NAME...]

Written with torch 2.13.0, tensorboard 2.21.0, wandb 0.31.0, mlflow-skinny 3.17.2, trackio 0.43.0, lightning 2.6.6.
The run is that of `written.py`: 200 steps of a loss and a learning rate, and a held-out loss every 50.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
STEPS = np.arange(0, 200)
LOSS = 2 + 3 * np.exp(-STEPS / 40) + 0.01 * np.sin(STEPS)
LR = np.linspace(1e-3, 1e-4, len(STEPS))
CONFIG = {"model": "gpt", "batch_size": 32, "optim": {"lr": 1e-3, "betas": [0.9, 0.95]}}


def keep(name: str, path: Path) -> None:
    """A file as NAME.gz, a folder as NAME.tar.gz, without anything of the machine that wrote it."""

    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    if path.is_dir():
        with tarfile.open(HERE / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(path, ".", filter=anonymous)
    else:
        (HERE / f"{name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def rows(odd: bool = True):
    """What is logged at each step; the odd things are for tools that take them."""
    for s in STEPS:
        row = {"train/loss": LOSS[s], "train/learning_rate": LR[s], "tokens": 1024 * (int(s) + 1)}
        if s % 50 == 49:
            row["val/loss"] = LOSS[s] + 0.1
        if s == 100 and odd:
            row |= {"nan": float("nan"), "words": "<script>alert(1)</script>", "nest": {"a": 1.5, "b": {"c": 2}}}
        yield int(s), row


def write_tensorboard(folder: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(folder / "flat") as writer:
        for s in STEPS:
            writer.add_scalar("train/loss", LOSS[s], s, walltime=1.7e9 + s)
            writer.add_scalar("train/learning_rate", LR[s], s, walltime=1.7e9 + s)
            if s % 50 == 49:
                writer.add_scalar("val/loss", LOSS[s] + 0.1, s, walltime=1.7e9 + s)
    keep("tensorboard", next((folder / "flat").iterdir()))


def write_tensorboard_tree(folder: Path) -> None:
    """Everything that a folder of event files may hold."""
    from torch.utils.tensorboard import SummaryWriter

    logs = folder / "logs"
    for side, more in (("train", 0.0), ("validation", 0.1)):
        with SummaryWriter(logs / "keras-like" / side) as writer:
            for s in range(5):
                writer.add_scalar("epoch_loss", LOSS[s] + more, s, walltime=1.7e9 + s)
    with SummaryWriter(logs / "torch-like") as writer:
        for s in range(5):
            time = 1.7e9 + s
            writer.add_scalars("loss", {"train": LOSS[s], "val": LOSS[s] + 0.1}, s, walltime=time)
            writer.add_scalar("tensor", s + 0.5, s, walltime=time, new_style=True)
            writer.add_scalar("double", 1 / 3, s, walltime=time, new_style=True, double_precision=True)
            writer.add_scalar("big steps", s, 10 ** (3 * s), walltime=time)
            writer.add_histogram("weights", np.arange(10.0), s, walltime=time)
        writer.add_text("args", '{"learning_rate": 0.001, "optim": "adamw"}')
        writer.add_text("notes", "<b>no config</b>")
        settings = {"width": 64, "depth": 2.5, "name": "<i>a</i>", "bias": True}
        writer.add_hparams(settings, {"hparam/best": 2.0}, run_name="1700000000.5")
    keep("tensorboard_tree", logs)


def write_tensorboard_sweep(folder: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(folder / "sweep") as writer:
        for n in range(2):
            writer.add_hparams({"width": n}, {"hparam/loss": 2.0 - n}, run_name=f"170000000{n}.5", global_step=n)
    keep("tensorboard_sweep", folder / "sweep")


def write_wandb(folder: Path) -> None:
    import wandb

    quiet = dict.fromkeys(("x_disable_stats", "x_disable_meta", "disable_git", "disable_code"), True)
    settings = wandb.Settings(console="off", host="host", **quiet)
    texts = {"project": "tests", "name": "my-run", "notes": "a <b>note</b>", "tags": ["small", "cpu"]}
    run = wandb.init(mode="offline", dir=folder, config=CONFIG, settings=settings, **texts)
    for s, row in rows():
        run.log(row | ({"weights": wandb.Histogram([1, 2, 3])} if s == 100 else {}))
    run.config.update({"late": True})
    run.finish()
    keep("wandb", next(folder.glob("wandb/offline-run-*/*.wandb")))


def write_mlflow(folder: Path) -> None:
    import mlflow

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    for uri in (f"sqlite:///{folder}/mlflow.db", f"file://{folder}/mlruns"):
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment("tests")
        with mlflow.start_run(run_name="my-run", description="a <b>note</b>"):
            mlflow.log_params({"model": "gpt", "batch_size": 32, "lr": 1e-3, "decay": True, "none": None})
            for s, row in rows(odd=False):
                mlflow.log_metrics(row, step=s)
                if s == 100:
                    for n, value in enumerate((float("nan"), float("inf"), -float("inf"))):
                        mlflow.log_metric("odd", value, step=s + n)
        if "mlruns" in uri:
            with mlflow.start_run(run_name="no steps"):
                for n in range(5):
                    mlflow.log_metric("loss", 1 / (n + 1))
            with mlflow.start_run(run_name="deleted") as run:
                mlflow.log_metric("loss", 1, step=1)
            mlflow.delete_run(run.info.run_id)
    with sqlite3.connect(folder / "mlflow.db", isolation_level=None) as raw:
        for table, column in (("runs", "artifact_uri"), ("experiments", "artifact_location")):
            raw.execute(f"UPDATE {table} SET {column} = '/home/me'")
        raw.execute("VACUUM")
    keep("mlflow_sqlite", folder / "mlflow.db")
    for path in (folder / "mlruns").rglob("meta.yaml"):
        path.write_text(path.read_text().replace(str(folder), "/home/me"))
    keep("mlflow_files", folder / "mlruns")


def write_trackio(folder: Path) -> None:
    os.environ["TRACKIO_DIR"] = str(folder / "store")
    import trackio

    trackio.init(project="tests", name="my-run", config=CONFIG, auto_log_gpu=False, auto_log_cpu=False)
    for s, row in rows():
        trackio.log(row, step=s)
    trackio.finish()
    with sqlite3.connect(folder / "store" / "tests.db", isolation_level=None) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
        raw.execute("VACUUM")
    keep("trackio", folder / "store" / "tests.db")


def write_lightning(folder: Path) -> None:
    import torch
    from lightning.pytorch import LightningModule, Trainer
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

    class Model(LightningModule):
        def __init__(self, width: int = 4, optim: str = "adamw"):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(width, 1)

        def training_step(self, batch, index):
            loss = self.layer(batch[0]).square().mean()
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch, index):
            self.log("val_loss", self.layer(batch[0]).square().mean())

        def configure_optimizers(self):
            optimizer = torch.optim.AdamW(self.parameters(), lr=1e-3)
            return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)}

    torch.manual_seed(0)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(8, 4)))
    loggers = [CSVLogger(folder, name="csv"), TensorBoardLogger(folder, name="tb")]
    options = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    callbacks = [LearningRateMonitor("step")]
    trainer = Trainer(
        max_epochs=3, logger=loggers, callbacks=callbacks, log_every_n_steps=2, accelerator="cpu", **options
    )
    trainer.fit(Model(), data, data)
    for name in ("csv", "tb"):
        keep(f"lightning_{name}", folder / name)


if __name__ == "__main__":
    every = {name.removeprefix("write_"): value for name, value in list(globals().items()) if name.startswith("write_")}
    for chosen in sys.argv[1:] or every:
        with tempfile.TemporaryDirectory() as folder:
            every[chosen](Path(folder))
