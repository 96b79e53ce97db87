"""Two tasks after another: both are evaluated at every step after the boundary, where forgetting happens."""

import torch
from torch.nn import functional as F

from barograph import evaluator, watch

STEPS = 40  # of each task

torch.manual_seed(0)


def examples(column: int) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(600, 8)
    return x, (x[:, column] > 0).long()


tasks = {"first": examples(0), "second": examples(1)}
model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)


def accuracy(held: tuple[torch.Tensor, torch.Tensor]) -> float:
    x, y = held
    return (model(x).argmax(1) == y).float().mean().item()


with watch(model, optimizer, total_steps=2 * STEPS, name="continual-tasks") as run:
    probe = evaluator(run, model, dict.fromkeys(tasks, accuracy), data=tasks)
    for name, (x, y) in tasks.items():
        run.begin_task(name)
        for _ in range(STEPS):
            rows = torch.randint(len(x), (64,))
            loss = F.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            run.log(loss=loss)
            probe()
print(f"recorded {run.name}; {probe.report}")
