"""A plain PyTorch loop: one `with watch(...)` around it, one `run.log` in it."""

import torch
from torch import nn

from barograph import watch

STEPS = 100

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Linear(64, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(64, 16)
    return x, x.square().mean(1, keepdim=True)


def loss_of(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (model(x) - y).square().mean()


held_out = batch()
with watch(model, optimizer, scheduler=scheduler, total_steps=STEPS, name="plain-loop", config={"lr": 3e-3}) as run:
    for step in range(1, STEPS + 1):
        loss = loss_of(*batch())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        run.log(loss=loss, tokens=64)
        if step % 20 == 0:
            with torch.no_grad():
                run.log(loss=loss_of(*held_out), split="val")
        if run.should_stop:
            break
print(f"recorded {run.name}: {run.step} steps")
