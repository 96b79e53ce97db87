"""TRL's trainers are Trainers: the same callback, with what they log besides."""

from __future__ import annotations

import importlib.util

import pytest
import torch

pytestmark = pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="trl is not installed")


@pytest.mark.parametrize("driver", ["huggingface"], indirect=True)
def test_fine_tuning_is_recorded(driver, tmp_path, recorded):
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    from trl import SFTConfig, SFTTrainer

    from barograph.collectors.integrations.huggingface import BarographCallback

    torch.manual_seed(0)
    words = {word: i for i, word in enumerate("<pad> <eos> one two three four five six".split())}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = SFTTrainer(
        driver.gpt2("sdpa"),
        SFTConfig(
            str(tmp_path / "out"), max_steps=6, per_device_train_batch_size=2, gradient_accumulation_steps=2,
            logging_steps=2, max_length=12, use_cpu=True, bf16=False, report_to=[], disable_tqdm=True,
            save_strategy="no",
        ),
        train_dataset=Dataset.from_dict({"text": ["one two three four"] * 24}),
        processing_class=PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>"),
        callbacks=[BarographCallback(store=tmp_path / "runs.db", name="tuned")],
    )  # fmt: skip
    trainer.train()
    store, run, values = recorded(tmp_path / "runs.db", "tuned")
    told = {row["step"]: row["loss"] for row in trainer.state.log_history if "loss" in row}
    losses = values("loss")
    assert list(losses) == [1, 2, 3, 4, 5, 6] and list(told) == [2, 4, 6]
    assert told == pytest.approx({step: (losses[step - 1] + losses[step]) / 2 for step in told}, rel=1e-6)
    assert list(values("mean_token_accuracy")) == [2, 4, 6]
    assert values("attn_logit_max", ("transformer.h.0.attn", "0")) and store.plans(run.id)
    assert (run.state, run.steps_planned) == ("finished", 6)
