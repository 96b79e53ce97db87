"""What the drivers share."""

from __future__ import annotations

import torch
from torch import nn


def evaluate(model, rows):
    """Loss and accuracy of the model on rows whose class is in the row itself."""
    model.eval()
    with torch.no_grad():
        out, target = model(rows), rows.argmax(1) % 3
        found = nn.functional.cross_entropy(out, target).item(), (out.argmax(1) == target).float().mean().item()
    model.train()
    return found
