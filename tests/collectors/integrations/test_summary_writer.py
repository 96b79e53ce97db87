"""What a script for TensorBoard says, and what becomes of it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
import torch

from barograph.collectors.integrations._names import OWN, Place, place
from barograph.collectors.integrations.summary_writer import SummaryWriter


@pytest.fixture
def writer(tmp_path):
    return SummaryWriter(tmp_path / "runs" / "first", store=tmp_path / "runs.db")


@pytest.mark.parametrize(
    "tag, key, task",
    [
        ("Loss/train", "loss", ""), ("train/loss", "loss", ""), ("loss", "loss", ""), ("train_loss", "loss", ""),
        ("Loss/val", "val_loss", ""), ("val/loss", "val_loss", ""), ("eval_loss", "val_loss", ""),
        ("lr", ("lr", "0"), ""), ("learning_rate", ("lr", "0"), ""), ("lr/group_1", ("lr", "1"), ""),
        ("grad_norm", "grad_norm", ""), ("Accuracy/val", "accuracy", "validation"), ("val_f1", "f1", "validation"),
        ("test/bleu", "bleu", "test"), ("eval_squad_em", "squad_em", "validation"), ("epoch", "epoch", ""),
        ("reward", "reward", ""), ("time", "logged_time", ""), ("evaluator", "evaluator", ""),
    ],
)  # fmt: skip
def test_a_tag_becomes_what_it_means(tag, key, task):
    assert place(tag) == Place(key, task)


def test_a_meaning_is_taken_once():
    assert place("global_step") is None
    assert place("loss_metrics/train", {"loss"}) == Place("loss_metrics/train")
    assert place("loss", {"loss"}) == Place("logged_loss")
    assert place("eval_loss", {"val_loss"}) == Place("loss", "validation")
    assert place("step_time", {"step_time", *OWN}) == Place("logged_step_time")


def test_a_script_without_an_optimizer(writer, tmp_path, recorded):
    with writer:
        for step in range(0, 50, 5):
            writer.add_scalar("Loss/train", torch.tensor(1 / (step + 1)), global_step=step)
            writer.add_scalar(tag="lr", scalar_value=0.1, global_step=step)
        writer.add_hparams({"batch": 8}, {"hparam/loss": 0.1})
    store, run, values = recorded(tmp_path / "runs.db", "first")
    assert values("loss") == pytest.approx({s: 1 / (s + 1) for s in range(0, 50, 5)})
    assert set(values("lr", ("0",))) == set(range(0, 50, 5)) and len(store.attempts(run.id)) == 1
    assert run.config == {"batch": 8, "hparam/loss": 0.1} and run.state == "finished"


def test_scalars_without_steps_are_counted(writer, tmp_path, recorded):
    for value in (3.0, 2.0, 1.0):
        writer.add_scalar("loss", value)
        writer.add_scalar("lr", value / 10)
    writer.close()
    _, _, values = recorded(tmp_path / "runs.db", "first")
    assert values("loss") == {1: 3.0, 2: 2.0, 3: 1.0}
    assert values("lr", ("0",)) == pytest.approx({1: 0.3, 2: 0.2, 3: 0.1})


def test_what_counts_epochs_stands_where_the_loss_is(writer, tmp_path, recorded):
    """And goes back to nothing: only the loss itself can begin a new attempt."""
    for epoch in range(3):
        for step in range(epoch * 100 + 1, epoch * 100 + 101):
            writer.add_scalar("Loss/train", 1.0, step)
        writer.add_scalar("Loss/val", 2.0, epoch)
        writer.add_scalars("Accuracy", {"val": 0.5, "other": 0.1}, epoch)
        writer.add_scalar("Loss/val_of_an_older_checkpoint", 2.0, epoch * 100 + 70)
    writer.close()
    store, run, values = recorded(tmp_path / "runs.db", "first")
    assert list(values("val_loss")) == list(values("Accuracy/other")) == [100, 200, 300]
    assert [e.step for e in store.evaluations(run.id)] == [100, 200, 300]
    assert list(values("Loss/val_of_an_older_checkpoint")) == [70, 170, 270]
    assert len(values("loss")) == 300 and len(store.attempts(run.id)) == 1


def test_a_loss_that_goes_back_begins_a_new_attempt(writer, tmp_path, recorded):
    for step in (1, 2, 3, 2, 3):
        writer.add_scalar("loss", float(step), step)
    writer.close()
    store, run, values = recorded(tmp_path / "runs.db", "first")
    assert [a.from_step for a in store.attempts(run.id)] == [0, 1] and list(values("loss")) == [1, 2, 3]


def test_what_is_not_a_number_is_left_out(writer, tmp_path, recorded):
    writer.add_text("sample", "<b>", 1)
    writer.add_figure("figure", object(), 1)
    writer.add_something_new(1, 2, three=3)
    writer.add_scalar("loss", "a word", 1)
    writer.add_scalar("loss", torch.ones(3), 1)
    writer.add_scalar("loss", float("nan"), 2)
    writer.close()
    writer.add_scalar("loss", 1.0, 3)
    _, run, values = recorded(tmp_path / "runs.db", "first")
    assert list(values("loss")) == [2] and run.state == "diverged"
    with pytest.raises(AttributeError, match="SummaryWriter has no scalar"):
        writer.scalar("loss", 1.0)


def test_an_exception_under_with_is_a_run_that_stopped(writer, tmp_path, recorded):
    with pytest.raises(KeyError), writer:
        writer.add_scalar("loss", 1.0, 1)
        raise KeyError("theirs")
    store, run, _ = recorded(tmp_path / "runs.db", "first")
    assert run.state == "stopped" and any("theirs" in e.text for e in store.events(run.id))


def test_it_takes_what_tensorboards_takes(writer):
    """Every public method, and the same arguments in the same order: read from the source that torch ships."""
    tree = ast.parse((Path(torch.__file__).parent / "utils" / "tensorboard" / "writer.py").read_text())
    (theirs,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "SummaryWriter"]
    methods = {n.name: [a.arg for a in n.args.args] for n in theirs.body if isinstance(n, ast.FunctionDef)}
    assert all(callable(getattr(writer, name)) for name in methods if not name.startswith("_"))
    for name in ("__init__", "add_scalar", "add_scalars", "add_hparams"):
        parameters = inspect.signature(getattr(SummaryWriter, name)).parameters.values()
        ours = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert methods[name][: len(ours)] == ours
        assert len(ours) == len(methods[name]) or any(p.kind is p.VAR_POSITIONAL for p in parameters)
    writer.close()
