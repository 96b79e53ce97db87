"""Where a run comes from: command, commit, versions, device, seed, optimizers, parameter counts."""

from __future__ import annotations

import os
import platform
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from ...masking import Masking
from .configuration import plain


def facts(optimizers: Sequence[Optimizer], model: nn.Module | None, seed: int | None) -> dict[str, Any]:
    """What is known at once; `commit` adds what git has to be asked for."""
    device = next((p.device for p in model.parameters()), None) if model is not None else None
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    if torch.version.cuda:
        versions["cuda"] = torch.version.cuda
    return {
        "command": command(getattr(sys, "orig_argv", sys.argv)),
        "folder": os.getcwd(),
        "host": socket.gethostname(),
        "versions": versions,
        "device": _device_name(device),
        "model": type(model).__name__ if model is not None else "",
        "threads": torch.get_num_threads(),
        "seed": torch.initial_seed() if seed is None else seed,
        "optimizers": [describe_optimizer(o) for o in optimizers],
    }


def command(argv: Sequence[str]) -> str:
    """The command line as a shell takes it, with what looks like a secret masked.

    >>> command(["train.py", "--lr=1e-3", "--api-key", "abc", "--hub_token=def"])
    'train.py --lr=1e-3 --api-key *** --hub_token=***'
    """
    return Masking().command(shlex.join(argv))


def script_folder() -> Path:
    """The folder of the script that runs, or the working directory in a notebook."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).resolve().parent if file else Path.cwd()


def size(model: nn.Module | None) -> dict[str, int]:
    """Parameter counts: total, non_embedding, embedding; a tied tensor counts once, as an embedding."""
    if model is None:
        return {}
    counts = {id(p): p.numel() for p in model.parameters() if not nn.parameter.is_lazy(p)}
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding | nn.EmbeddingBag)}
    total, embedding = sum(counts.values()), sum(counts.get(table, 0) for table in tables)
    return {"total": total, "non_embedding": total - embedding, "embedding": embedding}


def _device_name(device: torch.device | None) -> str:
    if device is not None and device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return str(device) if device is not None else ""


def describe_optimizer(optimizer: Optimizer) -> dict[str, Any]:
    """An optimizer's kind, and of each of its first groups the options and how many parameters it has."""
    groups = []
    for group in optimizer.param_groups:
        count = sum(p.numel() for p in group["params"])
        groups.append({k: plain(v) for k, v in group.items() if k != "params"} | {"parameters": count})
    return {"name": type(optimizer).__name__, "groups": groups[:16]}
