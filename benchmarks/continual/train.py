"""Four ways to learn a sequence of tasks, each evaluated on every task after every step and recorded by `watch`.

fine-tuning  the new task's examples alone
replay       half of each batch from a memory of 20 examples a class of earlier tasks (experience replay)
ewc          fine-tuning with a penalty on moving weights that earlier tasks needed (Kirkpatrick et al. 2017)
joint        batches from all tasks so far: what could be had without forgetting
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from barograph.collectors import watch
from benchmarks.continual.tasks import Task, sequence

METHODS = ("fine-tuning", "replay", "ewc", "joint")
WIDTH, BATCH, RATE, MOMENTUM = 100, 32, 0.05, 0.9
MEMORY = 20  # examples of each class, taken when its task is over
STIFFNESS = 500.0  # of the penalty


@dataclass(frozen=True)
class Plan:
    """One run: kind of sequence, method and seed; `degrees` for a domain sequence of other angles."""

    kind: str
    method: str
    seed: int
    steps: int  # for each task
    degrees: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        turned = "" if self.degrees is None else f"-{self.degrees[-1]}deg"
        return f"{self.kind}{turned}-{self.method}-s{self.seed}"


def train(plan: Plan, store: str) -> None:
    """Trains and records one run."""
    torch.manual_seed(plan.seed)
    tasks = sequence(plan.kind, plan.seed, *([plan.degrees] if plan.degrees else []))
    model = nn.Sequential(nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    learner = Learner(plan, model)
    config = {"method": plan.method, "sequence": plan.kind, "rate": RATE, "batch": BATCH, "memory": MEMORY}
    with watch(
        model, optimizer, store=store, name=plan.name, project="continual", preset="light", seed=plan.seed,
        tags=(plan.kind, plan.method), total_steps=plan.steps * len(tasks), config=config,
    ) as run:  # fmt: skip
        evaluate(run, learner, tasks)
        for task in tasks:
            run.begin_task(task.name)
            for _ in range(plan.steps):
                loss = learner.loss(task)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                run.log(loss=loss)
                evaluate(run, learner, tasks)
            learner.over(task)
        run.end_task()


@torch.no_grad()
def evaluate(run, learner: Learner, tasks: list[Task]) -> None:
    """Accuracy and loss of every task on all its test examples, in one pass."""
    answers = learner.logits(torch.cat([t.test[0] for t in tasks]), classes := torch.cat([t.test[1] for t in tasks]))
    right = (answers.argmax(1) == classes).float()
    losses = F.cross_entropy(answers, classes, reduction="none")
    sizes = [len(t.test[1]) for t in tasks]
    for task, mine, loss in zip(tasks, right.split(sizes), losses.split(sizes), strict=True):
        run.evaluate(run.step, task.name, accuracy=mine.mean(), loss=loss.mean(), n=len(mine), subset="test")


class Learner:
    """A method: the loss of the next batch of a task, and what it keeps when the task is over."""

    def __init__(self, plan: Plan, model: nn.Module):
        self.plan, self.model = plan, model
        self.random = torch.Generator().manual_seed(plan.seed)
        self.memory: tuple[Tensor, Tensor] | None = None
        self.seen: list[Task] = []
        self.anchors: list[tuple[list[Tensor], list[Tensor]]] = []  # (weights, their Fisher information) of each task

    def loss(self, task: Task) -> Tensor:
        method = self.plan.method
        if method == "joint":
            every = [*self.seen, task]
            return self._loss(*self._draw(*(torch.cat([t.train[i] for t in every]) for i in (0, 1))))
        new = self._loss(*self._draw(*task.train))
        if method == "replay" and self.memory is not None:
            return (new + self._loss(*self._draw(*self.memory))) / 2
        if method == "ewc":
            return new + STIFFNESS / 2 * self._moved()
        return new

    def over(self, task: Task) -> None:
        self.seen.append(task)
        if self.plan.method == "replay":
            kept = torch.cat([self._some(task.train[1] == c) for c in task.train[1].unique()])
            old = self.memory or (task.train[0][:0], task.train[1][:0])
            self.memory = tuple(torch.cat([old[i], task.train[i][kept]]) for i in (0, 1))
        if self.plan.method == "ewc":
            weights = [p.detach().clone() for p in self.model.parameters()]
            self.anchors.append((weights, self._fisher(task)))

    def logits(self, pixels: Tensor, classes: Tensor) -> Tensor:
        """Answers [n, 10]; where the task is known, the classes of other tasks are out of question."""
        answers = self.model(pixels)
        if self.plan.kind != "task":
            return answers
        return answers.masked_fill(torch.arange(10) // 2 != classes[:, None] // 2, -1e9)

    def _loss(self, pixels: Tensor, classes: Tensor) -> Tensor:
        return F.cross_entropy(self.logits(pixels, classes), classes)

    def _draw(self, pixels: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        at = torch.randint(len(classes), (BATCH,), generator=self.random)
        return pixels[at], classes[at]

    def _some(self, which: Tensor) -> Tensor:
        at = which.nonzero().squeeze(1)
        return at[torch.randperm(len(at), generator=self.random)[:MEMORY]]

    def _moved(self) -> Tensor:
        """sum over anchors and weights of F (w - w*)^2."""
        parts = [
            (f * (p - w) ** 2).sum() for weights, fisher in self.anchors
            for p, w, f in zip(self.model.parameters(), weights, fisher, strict=True)
        ]  # fmt: skip
        return torch.stack(parts).sum() if parts else torch.zeros(())

    def _fisher(self, task: Task) -> list[Tensor]:
        """The diagonal of the Fisher information: mean squared gradient of single examples' log-likelihood."""
        total = [torch.zeros_like(p) for p in self.model.parameters()]
        for at in torch.randint(len(task.train[1]), (64,), generator=self.random):
            pixels, classes = task.train[0][at][None], task.train[1][at][None]
            drawn = torch.distributions.Categorical(logits=self.logits(pixels, classes)).probs.multinomial(
                1, generator=self.random
            )
            loss = F.cross_entropy(self.logits(pixels, classes), drawn[:, 0])
            for mass, grad in zip(total, torch.autograd.grad(loss, list(self.model.parameters())), strict=True):
                mass += grad**2 / 64
        return total
