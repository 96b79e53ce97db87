"""Lightning: the callback records training, the logger what `self.log` says."""

import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

from barograph.collectors.integrations.lightning import BarographCallback, BarographLogger


class Module(pl.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Linear(8, 1)

    def loss_of(self, batch: list[torch.Tensor]) -> torch.Tensor:
        (x,) = batch
        return (self.net(x) - x.sum(1, keepdim=True)).square().mean()

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        loss = self.loss_of(batch)
        self.log("weight", self.net.weight.detach().norm())
        return loss

    def validation_step(self, batch: list[torch.Tensor], index: int) -> None:
        self.log("val_loss", self.loss_of(batch))

    def configure_optimizers(self) -> dict:
        optimizer = torch.optim.AdamW(self.parameters(), lr=1e-2)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


torch.manual_seed(0)
data = DataLoader(TensorDataset(torch.randn(160, 8)), batch_size=8)
trainer = pl.Trainer(
    max_epochs=2, callbacks=[BarographCallback(name="lightning-trainer")], logger=BarographLogger(), accelerator="cpu",
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
)  # fmt: skip
trainer.fit(Module(), data, data)
print("recorded lightning-trainer")
