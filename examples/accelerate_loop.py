"""Accelerate: Barograph as a tracker, and hooks on what the accelerator has prepared."""

import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader, TensorDataset

from barograph.collectors.integrations.accelerate import BarographTracker

torch.manual_seed(0)
tracker = BarographTracker(name="accelerate-loop")
accelerator = Accelerator(log_with=tracker, cpu=True)
model = torch.nn.Linear(8, 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40)
data = DataLoader(TensorDataset(torch.randn(320, 8)), batch_size=8)
model, optimizer, data, scheduler = accelerator.prepare(model, optimizer, data, scheduler)

tracker.watch(model, optimizer, scheduler=scheduler, total_steps=len(data))
accelerator.init_trackers("examples", config={"lr": 1e-2})
for (x,) in data:
    loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
    accelerator.backward(loss)
    accelerator.log({"loss": loss.item()})
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
accelerator.end_training()
print("recorded accelerate-loop")
