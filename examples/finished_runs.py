"""Finished runs read from Python: their series as frames, a comparison, and a forecast scored against what came."""

import numpy as np
import torch

from barograph import Store, forecast, watch
from barograph.dashboard.analysis.forecasting import Schedule, Setup

STEPS, STORE = 150, "finished.db"


def train(lr: float) -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.GELU(), torch.nn.Linear(64, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    options = {"store": STORE, "name": f"lr-{lr}", "config": {"lr": lr}, "preset": "light"}
    with watch(model, optimizer, scheduler=scheduler, total_steps=STEPS, **options) as run:
        for _ in range(STEPS):
            x = torch.randn(64, 16)
            loss = (model(x) - x.abs().mean(1, keepdim=True)).square().mean()
            loss.backward()
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            run.log(loss=loss, tokens=64)


for lr in (1e-3, 3e-3):
    train(lr)

store = Store(STORE)
for run in store.runs()[:2]:
    frame = store.frame(run.id, "loss")
    print(f"{run.name}: mean of the last 15 losses {frame.value.tail(15).mean():.4f}, lr {run.config['lr']}")

run = store.run("lr-0.003")
loss, rate = store.series(run.id, "loss"), store.series(run.id, "lr", ("0",))
half = loss.steps <= STEPS // 2
made = forecast(
    loss.steps[half],
    loss.values[half],
    Schedule(rate.steps, rate.values),
    setup=Setup("small", peak_lr=3e-3, params=1e3),
)
print(made.verdict.value)
if made.mid is not None:
    print(f"half way: {made.mid:.4f}, 90 % interval {made.low90:.4f} to {made.high90:.4f}")
    print(f"the end: {np.mean(loss.values[-10:]):.4f}")
store.close()
