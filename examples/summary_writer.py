"""A script written for TensorBoard: only the import of `SummaryWriter` has changed."""

import torch

from barograph.collectors.integrations.summary_writer import SummaryWriter

torch.manual_seed(0)
model = torch.nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
writer = SummaryWriter("summary-writer")
for step in range(100):
    x = torch.randn(32, 8)
    loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    writer.add_scalar("Loss/train", loss, step)
    writer.add_scalar("lr", optimizer.param_groups[0]["lr"], step)
    if step % 20 == 0:
        writer.add_scalar("Loss/val", loss, step)
writer.close()
print("recorded summary-writer")
