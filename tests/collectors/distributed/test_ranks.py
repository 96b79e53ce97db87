"""Runs of 2 and 4 real processes against the same training in one: global norms, stragglers, lost ranks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from barograph.db import Store
from tests.collectors.distributed import on_ranks

ROOT = Path(__file__).resolve().parents[3]
TENSORS = [f"{module}.{kind}" for module in ("up", "norm", "down") for kind in ("weight", "bias")]


def launch(world: int, store: Path, *ways: str) -> list[subprocess.CompletedProcess]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
                        "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}  # fmt: skip
    command = [sys.executable, "-m", "tests.collectors.distributed.on_ranks", str(store), *ways]
    begun = [
        subprocess.Popen(command, env=env | {"RANK": str(rank)}, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for rank in range(world)
    ]
    try:
        said = [process.communicate(timeout=120)[1] for process in begun]
        return [
            subprocess.CompletedProcess(command, p.returncode, None, err) for p, err in zip(begun, said, strict=True)
        ]
    finally:
        for process in begun:
            process.kill()


def norms(clip: float | None = None) -> tuple[list[float], list[dict[str, float]], list[float]]:
    """Of the training in one process, by torch alone: at each step |g| before clipping, |g| of each tensor, |w|."""
    net, x, y = on_ranks.model_and_data()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    totals, tensors, weights = [], [], []
    for _ in range(on_ranks.STEPS):
        (net(x) - y).square().mean().backward()
        totals.append(float(torch.nn.utils.clip_grad_norm_(net.parameters(), clip or 1e9)))
        tensors.append({name: float(p.grad.norm()) for name, p in net.named_parameters()})
        optimizer.step()
        weights.append(float(torch.cat([p.detach().flatten() for p in net.parameters()]).norm()))
        optimizer.zero_grad()
    return totals, tensors, weights


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    path = tmp_path_factory.mktemp("two") / "runs.db"
    done = launch(2, path, "ddp", "fsdp", "fsdp_clipped", "tensor_parallel", "attention", "late", "unwatched")
    assert [one.returncode for one in done] == [0, 0], done[0].stderr[-3000:]
    with_store = Store(path)
    yield with_store
    with_store.close()


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    path = tmp_path_factory.mktemp("four") / "runs.db"
    done = launch(4, path, "fsdp", "hybrid")
    assert [one.returncode for one in done] == [0] * 4, done[0].stderr[-3000:]
    with_store = Store(path)
    yield with_store
    with_store.close()


def check(store: Store, way: str, clip: float | None = None) -> None:
    run = store.run(way)
    totals, tensors, weights = norms(clip)
    found = store.series(run.id, "grad_norm")
    assert found.steps.tolist() == list(range(1, on_ranks.STEPS + 1))
    assert found.values == pytest.approx(totals, rel=1e-5)
    assert store.series(run.id, "weight_norm").values == pytest.approx(weights, rel=1e-5)
    for name in TENSORS:
        values = store.series(run.id, "grad_norm_tensor", (name,)).values
        assert values == pytest.approx([step[name] for step in tensors], rel=1e-5)
    assert run.state == "finished" and not [e for e in store.events(run.id) if e.kind == "rank"]
    assert not [name for name in store.signals(run.id) if name in ("grad_norm_local", "weight_norm_local")]


@pytest.mark.slow
@pytest.mark.parametrize(("way", "clip"), [("ddp", None), ("fsdp", None), ("tensor_parallel", None)])
def test_norms_of_two_ranks_are_those_of_one_process(two, way, clip):
    check(two, way, clip)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["fsdp", "hybrid"])
def test_norms_of_four_ranks_are_those_of_one_process(four, way):
    check(four, way)


@pytest.mark.slow
def test_clipped_shards_tell_the_norm_before(two):
    check(two, "fsdp_clipped", clip=0.1)
    assert "grad_norm_applied" not in two.signals(two.run("fsdp_clipped").id)


@pytest.mark.slow
def test_the_largest_logits_are_those_of_all_ranks(two):
    run = two.run("attention").id
    net, x, _ = on_ranks.attending_and_data()
    q, k = net.heads(x)
    peaks = (q @ k.transpose(-1, -2) / 2).abs().amax(dim=(2, 3))  # [ranks, heads]
    assert peaks.argmax(dim=0).tolist() == [1, 0]  # the one head's largest is on the one rank, the other's on the other
    assert two.series(run, "attn_logit_peak").values[0] == pytest.approx(peaks.max().item(), rel=1e-5)
    found = [two.series(run, "attn_logit_max", part).values[0] for part in two.signals(run)["attn_logit_max"].parts]
    assert found == pytest.approx(peaks.amax(dim=0).tolist(), rel=1e-5)
    assert two.series(run, "log_z_max").values[0] == pytest.approx(net(x).logsumexp(-1).max().item(), rel=1e-5)


@pytest.mark.slow
def test_who_is_late_and_whose_loss_is_which(two):
    assert len(two.runs()) == 7  # rank 0 alone writes
    run = two.run("late").id
    described = two.signals(run)
    assert described["step_time_rank"].axes == described["loss_rank"].axes == ("rank",)
    early, late = (two.series(run, "step_time_rank", (rank,)) for rank in "01")
    assert len(early) == len(late) == 11 and np.median(late.values) > 0.1 > 2 * np.median(early.values)
    losses = [two.series(run, "loss_rank", (rank,)).values for rank in "01"]
    net, x, y = on_ranks.model_and_data()
    for values, rows in zip(losses, (slice(4), slice(4, 8)), strict=True):
        assert values[0] == pytest.approx((net(x[rows]) - y[rows]).square().mean().item())


@pytest.mark.slow
def test_loss_tokens_and_throughput_are_those_of_the_job(two):
    for way in ("ddp", "late"):
        run = two.run(way)
        losses = [two.series(run.id, "loss_rank", (rank,)) for rank in "01"]
        loss, tokens = two.series(run.id, "loss"), two.series(run.id, "tokens")
        assert loss.steps.tolist() == losses[0].steps.tolist() == list(range(1, run.steps_planned + 1))
        assert loss.values == pytest.approx((losses[0].values + losses[1].values) / 2, rel=1e-12)
        assert tokens.values.tolist() == [on_ranks.BATCH * step for step in tokens.steps]
        assert run.tokens_per_step == on_ranks.BATCH
    speed, steps = two.series(run.id, "tokens_per_s"), two.series(run.id, "steps_per_s")
    assert len(speed) and speed.values == pytest.approx(on_ranks.BATCH * steps.values, rel=0.2)
    alone = two.run("unwatched")
    assert two.series(alone.id, "tokens").values.tolist() == [4.0 * step for step in range(1, on_ranks.STEPS + 1)]


@pytest.mark.slow
def test_a_killed_rank_leaves_a_run_that_says_so_and_nobody_hangs(tmp_path):
    done = launch(2, tmp_path / "runs.db", "killed")
    assert done[1].returncode == -9 and done[0].returncode not in (0, None)
    assert "Connection" in done[0].stderr or "RuntimeError" in done[0].stderr  # torch's own way to end
    store = Store(tmp_path / "runs.db")
    run = store.run("killed")
    assert run.state == "stopped" and store.series(run.id, "grad_norm").steps.tolist() == [1, 2, 3]
    events = {event.kind: event.text for event in store.events(run.id)}
    assert "Rank 1 of 2 fell silent, last seen at step" in events["rank"] and "exception" in events
    assert store.check() == []


@pytest.mark.slow
def test_a_killed_rank_zero_leaves_what_it_had_written(tmp_path):
    done = launch(2, tmp_path / "runs.db", "killed_first")
    assert done[0].returncode == -9 and done[1].returncode not in (0, None)
    store = Store(tmp_path / "runs.db")
    assert store.fold() == 1
    run = store.run("killed_first")
    assert run.state == "killed" and run.last_step == 3 and store.check() == []


@pytest.mark.slow
def test_ranks_that_do_not_call_watch_cost_the_global_norms_only(two):
    run = two.run("unwatched")
    assert len(two.series(run.id, "grad_norm_local")) == on_ranks.STEPS and run.state == "finished"
    (event,) = [event.text for event in two.events(run.id) if event.kind == "rank"]
    assert "Rank 1 of 2 did not call watch" in event
    assert "grad_norm" not in two.signals(run.id) and len(two.series(run.id, "loss")) == on_ranks.STEPS
