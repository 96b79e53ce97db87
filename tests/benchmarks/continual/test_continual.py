"""The continual benchmark: its tasks, its methods, and figures that come from the recorded rows."""

import numpy as np
import pytest
import torch

pytest.importorskip("sklearn")

from barograph.dashboard.analysis.measures import discover  # noqa: E402
from barograph.dashboard.services.tasks.record import record as recorded  # noqa: E402
from barograph.db import Store  # noqa: E402
from benchmarks.continual import figures, language  # noqa: E402
from benchmarks.continual.command import name_of, plans  # noqa: E402
from benchmarks.continual.tasks import digits, sequence, turned  # noqa: E402
from benchmarks.continual.train import MEMORY, METHODS, Learner, Plan, train  # noqa: E402


def test_class_incremental_tasks_share_nothing_and_miss_nothing():
    tasks = sequence("class", seed=3)
    assert [sorted(task.train[1].unique().tolist()) for task in tasks] == [[2 * i, 2 * i + 1] for i in range(5)]
    assert sum(len(part[1]) for task in tasks for part in (task.train, task.test)) == 1797
    again = sequence("class", seed=4)
    assert {task.name for task in tasks} != {task.name for task in again}
    images, labels, held_out = digits()
    assert 0.45 < held_out.mean() < 0.55 and 0 <= images.min() and images.max() <= 1


def test_domains_are_the_same_digits_turned():
    straight, upright = sequence("domain", 0, (0, 90))
    assert torch.equal(straight.train[1], upright.train[1])
    images, _, held_out = digits()
    quarter = np.rot90(images[~held_out], axes=(1, 2)).reshape(-1, 64)
    assert np.abs(quarter - upright.train[0].numpy()).max() < 1e-6
    assert turned(images, 0) is images


def test_the_memory_is_balanced_and_of_earlier_tasks_only():
    tasks = sequence("class", seed=0)
    learner = Learner(Plan("class", "replay", 0, 1), torch.nn.Linear(64, 10))
    learner.over(tasks[0])
    learner.over(tasks[1])
    assert learner.memory[1].bincount().tolist() == [MEMORY] * 4


def test_where_the_task_is_known_other_classes_are_out_of_question():
    learner = Learner(Plan("task", "fine-tuning", 0, 1), torch.nn.Linear(64, 10))
    pixels, classes = sequence("task", 0)[2].test
    assert set(learner.logits(pixels, classes).argmax(1).tolist()) <= {4, 5}


def test_ewc_holds_what_was_needed():
    """Zero at the anchor, and its gradient pulls back."""
    torch.manual_seed(0)
    learner = Learner(Plan("class", "ewc", 0, 1), model := torch.nn.Linear(64, 10))
    learner.over(sequence("class", 0)[0])
    assert float(learner._moved().detach()) == 0
    with torch.no_grad():
        model.weight += 0.1
    moved = learner._moved()
    moved.backward()
    assert float(moved.detach()) > 0 and (model.weight.grad >= 0).all() and model.weight.grad.max() > 0


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("continual") / "cl.db")
    train(Plan("class", "replay", 0, 25), path)
    language.train(True, 0, 25, path)
    opened = Store(path)
    yield opened
    opened.close()


def test_replay_ends_well_and_had_lost_nearly_everything(store):
    """25 steps a task suffice: min-ACC at least 15 points under ACC, and not seen from the ends of tasks."""
    (run,) = [run for run in store.runs() if run.name.startswith("class")]
    record = recorded(store, run.id, "eval_accuracy")
    assert len(record.step) == 5 * 126 and len(record.visits) == 5
    found = figures.figures(record)
    assert found["min_acc"] < found["acc"] - 0.15
    assert found["min_acc_at_task_ends"] > found["min_acc"] + 0.15
    assert abs(found["min_acc_noise"]) < 0.05
    assert found["wc_acc"] <= found["acc"]
    assert len(discover()["gap_depth"](record).rows) == 4 + 3 + 2 + 1


def test_the_language_run_records_three_kinds_and_their_losses(store):
    (run,) = [run for run in store.runs() if run.name.startswith("language")]
    record = recorded(store, run.id, "eval_accuracy")
    assert record.tasks == ("code", "prose", "tables")
    assert np.isfinite(record.also["loss"]).all()
    assert discover()["loss_adaptation"](record).value > 0
    rates = [language.rate(step, 100) for step in range(1, 101)]
    assert max(rates) == rates[language.WARMUP - 1] == language.PEAK
    assert rates[-1] == pytest.approx(language.PEAK * language.LEAST)


def test_every_plan_has_a_name_of_its_own():
    for quick in (True, False):
        names = [name_of(plan) for plan in plans(quick)]
        assert len(set(names)) == len(names)
        assert {f"class-{method}-s0" for method in METHODS} <= set(names)


def test_means_over_seeds_leave_out_what_was_not_measured():
    found = figures.mean_and_sd([{"a": 1.0, "b": np.nan}, {"a": 2.0, "b": np.nan}])
    assert found == {"a": 1.5, "a_sd": 0.7071, "b": None}
