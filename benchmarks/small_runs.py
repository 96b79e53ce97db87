"""Train small runs of many kinds and write their loss curves: what a forecast meets that is no language model.

    python -m benchmarks.small_runs --out DIR [--seeds 2]

makes one set in the curve layout that `benchmarks.forecast` reads. Each task of `TASKS` (regression, classes,
an autoencoder, contrastive pairs, sequence tags, clicks ...) is one project, trained under several optimizers, peaks,
lengths and schedules; the training loss of every step and a held-out loss at 40 steps are two kinds of loss."""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, BATCH, HELD_OUT, EVALUATIONS = 48, 32, 512, 40
OPTIMIZERS: dict[str, tuple[Callable, tuple[float, ...]]] = {
    "adamw": (torch.optim.AdamW, (1e-3, 4e-3)),
    "sgd": (lambda parameters, lr: torch.optim.SGD(parameters, lr, momentum=0.9), (1e-2, 5e-2)),
}
SHAPES = ("cosine", "linear", "wsd", "steps", "constant")
TOTALS = (150, 300, 400, 1000, 2500)


@dataclass(frozen=True)
class Task:
    """A model and its data: `draw(n)` gives a batch, `loss(model, batch)` what is trained on it."""

    model: nn.Module
    draw: Callable[[int], tuple[Tensor, ...]]
    loss: Callable[[nn.Module, tuple[Tensor, ...]], Tensor]


def mlp(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, outputs)
    )


def squared(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    return F.mse_loss(model(batch[0]), batch[1])


def entropy(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    return F.cross_entropy(model(batch[0]).flatten(0, -2), batch[1].flatten())


def from_table(*columns: Tensor) -> Callable[[int], tuple[Tensor, ...]]:
    """Batches drawn from a small table again and again, as in training over many epochs."""

    def draw(count: int) -> tuple[Tensor, ...]:
        rows = torch.randint(len(columns[0]), (count,))
        return tuple(column[rows] for column in columns)

    return draw


def regression() -> Task:
    """A linear target without noise: the loss falls towards 0."""
    weight = torch.randn(16)

    def draw(count: int) -> tuple[Tensor, ...]:
        x = torch.randn(count, 16)
        return x, (x @ weight)[:, None]

    return Task(mlp(16, 1), draw, squared)


def noisy_regression() -> Task:
    """A smooth target with noise that no model removes."""
    weight = torch.randn(8, 3)

    def draw(count: int) -> tuple[Tensor, ...]:
        x = torch.randn(count, 8)
        return x, torch.sin(x @ weight).sum(1, keepdim=True) + 0.5 * torch.randn(count, 1)

    return Task(mlp(8, 1), draw, squared)


def tabular() -> Task:
    """Few rows seen over many epochs."""
    x = torch.randn(400, 12)
    y = (x[:, :1] * x[:, 1:2]).tanh() + 0.3 * torch.randn(400, 1)
    return Task(mlp(12, 1), from_table(x, y), squared)


def clusters() -> Task:
    """Classes that overlap a little, fresh examples."""
    centres = 1.2 * torch.randn(10, 12)

    def draw(count: int) -> tuple[Tensor, ...]:
        y = torch.randint(10, (count,))
        return centres[y] + torch.randn(count, 12), y

    return Task(mlp(12, 10), draw, entropy)


def noise() -> Task:
    """Labels that say nothing: the loss can only reach log 10."""

    def draw(count: int) -> tuple[Tensor, ...]:
        return torch.randn(count, 16), torch.randint(10, (count,))

    return Task(nn.Linear(16, 10), draw, entropy)


def memorised() -> Task:
    """Random labels of few examples, learned by heart: the training loss falls to 0, the held-out loss rises."""
    return Task(mlp(16, 10), from_table(torch.randn(200, 16), torch.randint(10, (200,))), entropy)


def images() -> Task:
    """Handwritten digits under a small convolution, many epochs."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    x, y = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16, torch.tensor(digits.target)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, stride=2), nn.ReLU(), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 10)
    )
    return Task(model, from_table(x, y.long()), entropy)


def autoencoder() -> Task:
    mixing = torch.randn(6, 32)

    def draw(count: int) -> tuple[Tensor, ...]:
        x = (torch.randn(count, 6) @ mixing).tanh() + 0.1 * torch.randn(count, 32)
        return x, x

    model = nn.Sequential(nn.Linear(32, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 4), nn.Linear(4, WIDTH), nn.ReLU())
    return Task(nn.Sequential(model, nn.Linear(WIDTH, 32)), draw, squared)


def contrastive() -> Task:
    mixing = torch.randn(8, 24)

    def draw(count: int) -> tuple[Tensor, ...]:
        hidden = torch.randn(count, 8)
        return tuple(hidden @ mixing + 1.5 * torch.randn(count, 24) for _ in range(2))

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        one, two = (F.normalize(model(x[:64]), dim=-1) for x in batch)
        return F.cross_entropy(one @ two.T / 0.2, torch.arange(len(one)))

    return Task(mlp(24, 16), draw, loss)


class Tagger(nn.Module):
    def __init__(self, tokens: int, tags: int):
        super().__init__()
        self.token, self.over = nn.Embedding(tokens, WIDTH), nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.tag = nn.Linear(WIDTH, tags)

    def forward(self, x: Tensor) -> Tensor:
        return self.tag(self.over(self.token(x))[0])


def tagging() -> Task:
    """Each tag depends on the last two tokens."""
    table = torch.randint(6, (20, 20))

    def draw(count: int) -> tuple[Tensor, ...]:
        x = torch.randint(20, (count, 12))
        return x[:, 1:], table[x[:, :-1], x[:, 1:]]

    return Task(Tagger(20, 6), draw, entropy)


def language() -> Task:
    """The next token of a random Markov chain."""
    chain = torch.softmax(2 * torch.randn(30, 30), 1)

    def draw(count: int) -> tuple[Tensor, ...]:
        tokens = [torch.randint(30, (count,))]
        for _ in range(12):
            tokens.append(torch.multinomial(chain[tokens[-1]], 1)[:, 0])
        x = torch.stack(tokens, 1)
        return x[:, :-1], x[:, 1:]

    return Task(Tagger(30, 30), draw, entropy)


def clicks() -> Task:
    """Rare clicks on pairs of categories: most of the loss is chance."""
    taste = 0.7 * torch.randn(200, 8)

    def draw(count: int) -> tuple[Tensor, ...]:
        x = (torch.rand(count, 2) ** 2 * 200).long()
        click = torch.rand(count) < torch.sigmoid((taste[x[:, 0]] * taste[x[:, 1]]).sum(1) - 1.5)
        return x, click.float()

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        return F.binary_cross_entropy_with_logits(model(batch[0])[:, 0], batch[1])

    model = nn.Sequential(nn.Embedding(200, 8), nn.Flatten(), nn.Linear(16, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
    return Task(model, draw, loss)


def ranking() -> Task:
    weight = torch.randn(10)

    def draw(count: int) -> tuple[Tensor, ...]:
        pairs = torch.randn(count, 2, 10)
        first = torch.sigmoid(2 * ((pairs[:, 0] - pairs[:, 1]) @ weight)) > torch.rand(count)
        return pairs, first.float()

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        scores = model(batch[0])[..., 0]
        return F.binary_cross_entropy_with_logits(scores[:, 0] - scores[:, 1], batch[1])

    return Task(mlp(10, 1), draw, loss)


def modular() -> Task:
    """Addition modulo 11 from part of the table: a plateau, then a fall."""
    pairs = torch.cartesian_prod(torch.arange(11), torch.arange(11))
    rows = pairs[torch.randperm(len(pairs))[:90]]
    model = nn.Sequential(nn.Embedding(11, 16), nn.Flatten(), mlp(32, 11))
    return Task(model, from_table(rows, rows.sum(1) % 11), entropy)


TASKS: tuple[Callable[[], Task], ...] = (
    regression,
    noisy_regression,
    tabular,
    clusters,
    noise,
    memorised,
    images,
    autoencoder,
    contrastive,
    tagging,
    language,
    clicks,
    ranking,
    modular,
)


def rate(shape: str, step: int, total: int) -> float:
    """The LR of optimizer step `step` (1..total) as a share of the peak; the first 5 % are warm-up."""
    warmup = total // 20
    if step <= warmup:
        return step / warmup
    done = (step - warmup) / (total - warmup)
    return {
        "cosine": 0.5 * (1 + math.cos(math.pi * done)),
        "linear": 1 - done,
        "wsd": min(1.0, (1 - done) / 0.25),
        "steps": 0.1 ** (int(done >= 0.5) + int(done >= 0.8)),
        "constant": 1.0,
    }[shape]


def train(task: Task, optimizer: torch.optim.Optimizer, shape: str, total: int) -> tuple[list[float], dict[int, float]]:
    """The training loss of every step and the held-out loss at `EVALUATIONS` steps."""
    held_out, peak = task.draw(HELD_OUT), optimizer.param_groups[0]["lr"]
    losses, validation = [], {}
    for step in range(1, total + 1):
        optimizer.param_groups[0]["lr"] = peak * rate(shape, step, total)
        loss = task.loss(task.model, task.draw(BATCH))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % max(total // EVALUATIONS, 1) == 0:
            with torch.no_grad():
                validation[step] = task.loss(task.model, held_out).item()
    return losses, validation


def write(out: Path, name: str, rates: list[float], column: dict[int, float]) -> str:
    file = f"runs/{name}.csv"
    with open(out / file, "w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerows([["step", "lr", "loss"], [0, 0, ""]])
        writer.writerows(
            (k, f"{lr:.6g}", f"{column[k]:.6g}" if k in column else "") for k, lr in enumerate(rates, start=1)
        )
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2, help="runs of each task, optimizer and peak")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    (arguments.out / "runs").mkdir(parents=True, exist_ok=True)
    index = []
    for number, make in enumerate(TASKS):
        for optimizer, (build, peaks) in OPTIMIZERS.items():
            for peak in peaks:
                for seed in range(arguments.seeds):
                    torch.manual_seed(number)  # one task is one set of data
                    task = make()
                    torch.manual_seed(1000 + len(index))
                    shape, total = (
                        SHAPES[len(index) // 2 % len(SHAPES)],
                        TOTALS[(len(index) // 2 + number) % len(TOTALS)],
                    )
                    losses, validation = train(task, build(task.model.parameters(), lr=peak), shape, total)
                    rates = [peak * rate(shape, step, total) for step in range(1, total + 1)]
                    for kind, column in (("train", dict(enumerate(losses, start=1))), ("validation", validation)):
                        name = f"{make.__name__}_{optimizer}_{peak:g}_{seed}_{kind}"
                        index.append(
                            {
                                "run": name,
                                "file": write(arguments.out, name, rates, column),
                                "params": sum(p.numel() for p in task.model.parameters()),
                                "peak_lr": peak,
                                "schedule": shape,
                                "warmup": total // 20,
                                "total_steps": total,
                                "setup": f"{make.__name__}_{optimizer}_{peak:g}_{kind}",
                                "optimizer": optimizer,
                                "project": make.__name__,
                                "loss_kind": kind,
                                "final_window": max(total // 50, 3) if kind == "train" else 0,
                            }
                        )
        print(make.__name__, flush=True)
    with open(arguments.out / "index.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(index[0]))
        writer.writeheader()
        writer.writerows(index)


if __name__ == "__main__":
    main()
