"""What each process of `test_ranks.py` does: trains one small model in several ways of many ranks, watched.

RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=... python -m tests.collectors.distributed.on_ranks STORE WAY...
"""

from __future__ import annotations

import os
import signal
import sys
import time

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh

from barograph.collectors import watch

STEPS, BATCH = 6, 8


class Net(nn.Module):
    """Two linear layers of odd sizes around a normalisation, so that shards are uneven and some tensors whole."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.norm, self.down = nn.Linear(5, 12), nn.LayerNorm(5), nn.Linear(12, 7)

    def forward(self, x):
        return self.down(torch.relu(self.up(self.norm(x))))


def model_and_data() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    net = Net().double()
    return net, torch.randn(BATCH, 5, dtype=torch.float64), torch.randn(BATCH, 7, dtype=torch.float64)


def train(net, x, y, store, name, clip=None, late=0.0, die=None, steps=STEPS) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    with watch(net, optimizer, store=store, name=name, preset="full", total_steps=steps) as run:
        for step in range(steps):
            time.sleep(late)
            if die == step:
                os.kill(os.getpid(), signal.SIGKILL)
            loss = (net(x) - y).square().mean()
            run.log(loss=loss, tokens=len(x))
            loss.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
            optimizer.step()
            optimizer.zero_grad()


def share(x: torch.Tensor) -> torch.Tensor:
    rows = BATCH // dist.get_world_size()
    return x[dist.get_rank() * rows :][:rows]


def ddp(store: str, name: str, **options) -> None:
    net, x, y = model_and_data()
    train(nn.parallel.DistributedDataParallel(net), share(x), share(y), store, name, **options)


def fsdp(store: str, name: str, **options) -> None:
    from torch.distributed.fsdp import fully_shard

    net, x, y = model_and_data()
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    for module in (net.up, net.down):
        fully_shard(module, mesh=mesh)
    train(fully_shard(net, mesh=mesh), share(x), share(y), store, name, **options)


def fsdp_clipped(store: str, name: str) -> None:
    fsdp(store, name, clip=0.1)


def hybrid(store: str, name: str) -> None:
    from torch.distributed.fsdp import fully_shard

    net, x, y = model_and_data()
    mesh = init_device_mesh("cpu", (2, dist.get_world_size() // 2), mesh_dim_names=("replicate", "shard"))
    train(fully_shard(net, mesh=mesh), share(x), share(y), store, name)


class Attending(nn.Module):
    """Two heads of attention over a sequence, and a class for each position."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.out = nn.Linear(5, 8), nn.Linear(5, 8), nn.Linear(8, 7)

    def heads(self, x):
        return [layer(x).unflatten(-1, (2, 4)).transpose(1, 2) for layer in (self.q, self.k)]

    def forward(self, x):
        q, k = self.heads(x)
        return self.out(nn.functional.scaled_dot_product_attention(q, k, k).transpose(1, 2).flatten(2))


def attending_and_data() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """A sequence for each of two ranks."""
    torch.manual_seed(1)
    return Attending(), 3 * torch.randn(2, 6, 5), torch.randint(7, (2, 6))


def attention(store: str, name: str) -> None:
    net, x, y = attending_and_data()
    net, mine = nn.parallel.DistributedDataParallel(net), slice(dist.get_rank(), dist.get_rank() + 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    with watch(net, optimizer, store=store, name=name, preset="full") as run:
        for _ in range(2):
            loss = nn.functional.cross_entropy(net(x[mine]).flatten(0, 1), y[mine].flatten())
            run.log(loss=loss)
            loss.backward()
            optimizer.step()


def tensor_parallel(store: str, name: str) -> None:
    from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

    net, x, y = model_and_data()
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    train(parallelize_module(net, mesh, {"up": ColwiseParallel(), "down": RowwiseParallel()}), x, y, store, name)


def late(store: str, name: str) -> None:
    ddp(store, name, late=0.1 if dist.get_rank() == 1 else 0.0, steps=12)


def killed(store: str, name: str) -> None:
    ddp(store, name, die=3 if dist.get_rank() == 1 else None, late=0.3)


def killed_first(store: str, name: str) -> None:
    """Rank 0 is the one that writes, and that keeps the job's store."""
    ddp(store, name, die=3 if dist.get_rank() == 0 else None, late=0.3)


def unwatched(store: str, name: str) -> None:
    """Only rank 0 calls watch."""
    if dist.get_rank() == 0:
        fsdp(store, name)
    else:
        import contextlib

        globals()["watch"] = lambda *_, **__: contextlib.nullcontext(type("Run", (), {"log": lambda self, **_: None})())
        fsdp(store, name)


if __name__ == "__main__":
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    for way in sys.argv[2:]:
        globals()[way](sys.argv[1], way)
    dist.barrier()
    dist.destroy_process_group()
