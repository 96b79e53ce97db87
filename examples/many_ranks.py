"""Many processes, one run: `torchrun --nproc-per-node 2 many_ranks.py`. Every rank calls `watch`, rank 0 writes."""

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from barograph import watch

STEPS = 60

dist.init_process_group("gloo")
torch.manual_seed(0)
model = DistributedDataParallel(torch.nn.Linear(8, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
torch.manual_seed(1 + dist.get_rank())  # every rank sees data of its own
with watch(model, optimizer, scheduler=scheduler, total_steps=STEPS, name="many-ranks") as run:
    for _ in range(STEPS):
        x = torch.randn(32, 8)
        loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
        loss.backward()
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        run.log(loss=loss, tokens=len(x))
if dist.get_rank() == 0:
    print(f"recorded {run.name} from {dist.get_world_size()} ranks")
dist.destroy_process_group()
