"""The Hugging Face Trainer: one callback records the loss of every step, whatever `logging_steps` is."""

import tempfile

import torch
from torch.utils.data import Dataset
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

from barograph.collectors.integrations.huggingface import BarographCallback


class Counting(Dataset):
    """Rows of numbers that count upwards from a random beginning."""

    def __len__(self) -> int:
        return 64

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        row = (torch.arange(16) + index) % 32
        return {"input_ids": row, "labels": row}


model = GPT2LMHeadModel(GPT2Config(vocab_size=32, n_positions=16, n_embd=32, n_layer=2, n_head=2))
with tempfile.TemporaryDirectory() as folder:
    arguments = TrainingArguments(
        folder, run_name="hf-trainer", max_steps=20, per_device_train_batch_size=8, learning_rate=3e-3,
        lr_scheduler_type="cosine", eval_strategy="steps", eval_steps=10, save_strategy="no", report_to=[],
        use_cpu=True,
    )  # fmt: skip
    trainer = Trainer(
        model, arguments, train_dataset=Counting(), eval_dataset=Counting(), callbacks=[BarographCallback()]
    )
    trainer.train()
print("recorded hf-trainer")
