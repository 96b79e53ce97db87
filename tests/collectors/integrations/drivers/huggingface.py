"""Trains a tiny GPT-2 with the Trainer."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from barograph.collectors.integrations.huggingface import BarographCallback


class Log(TrainerCallback):
    """What the framework itself logs and uses, at the steps as it counts them."""

    def __init__(self):
        self.losses, self.rates, self.val = {}, {}, {}

    def on_pre_optimizer_step(self, args, state, control, optimizer=None, **more):
        self.rates[state.global_step + 1] = optimizer.param_groups[0]["lr"]

    def on_log(self, args, state, control, logs=None, **more):
        if "loss" in logs:
            self.losses[state.global_step] = logs["loss"]

    def on_evaluate(self, args, state, control, metrics=None, **more):
        self.val[state.global_step] = metrics.get("eval_loss")


def failing(at):
    """A forward pre-hook that raises at its call number `at`."""
    calls = []

    def hook(*arguments):
        calls.append(1)
        if len(calls) == at:
            raise RuntimeError("out of memory")

    return hook


def gpt2(attention="eager"):
    return GPT2LMHeadModel(
        GPT2Config(
            n_layer=2, n_head=2, n_embd=16, vocab_size=17, n_positions=12, attn_implementation=attention,
            bos_token_id=0, eos_token_id=0,
        )
    )  # fmt: skip


def llama(attention="eager"):
    return LlamaForCausalLM(
        LlamaConfig(
            num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, hidden_size=16, intermediate_size=32,
            vocab_size=17, max_position_embeddings=12, attn_implementation=attention,
        )
    )  # fmt: skip


def train(
    folder, store, *, steps=10, until=None, accumulate=1, resume=False, watched=True, fail_at=None, name="conformance",
    make=gpt2, log_every=1, several=False, kind=Trainer, alter=None, then=lambda trainer: None,
):  # fmt: skip
    """`alter(call, output)` changes a forward pass, `then(trainer)` goes on after training, `several` sets to test."""
    torch.manual_seed(0)
    model = make()
    if alter:
        calls = iter(range(1, 10**6))
        model.register_forward_hook(lambda module, inputs, output: alter(next(calls), output))
    model.register_forward_pre_hook(failing(fail_at))
    rows = torch.randint(17, (4 * accumulate * steps, 12), generator=torch.Generator().manual_seed(1))
    data = [{"input_ids": row, "labels": row} for row in rows]
    arguments = TrainingArguments(
        str(folder / "out"), max_steps=steps, per_device_train_batch_size=4, gradient_accumulation_steps=accumulate,
        logging_steps=log_every, lr_scheduler_type="cosine", warmup_steps=3, learning_rate=3e-3, report_to=[],
        save_steps=steps // 2, eval_strategy="steps", eval_steps=steps // 2, use_cpu=True, disable_tqdm=True,
        run_name=name, save_total_limit=2,
    )  # fmt: skip
    log, callback = Log(), BarographCallback(store=store, preset="full")
    callbacks = [log, *([callback] if watched else []), *([Until(until)] if until else [])]

    def metrics(found):
        return {"accuracy": float((found.predictions[:, :-1].argmax(-1) == found.label_ids[:, 1:]).mean())}

    held = {"prose": data[:8], "code": data[8:16]} if several else data[:8]
    trainer = kind(model, arguments, None, data, held, callbacks=callbacks, compute_metrics=metrics)
    raised = None
    try:
        trainer.train(resume_from_checkpoint=resume or None)
    except RuntimeError as problem:
        raised = str(problem)
    then(trainer)
    return SimpleNamespace(
        losses=log.losses, rates=log.rates, val=log.val, model=model, optimizer=trainer.optimizer.optimizer,
        clean="training_step" not in vars(trainer), raised=raised, config={"learning_rate": 3e-3},
        bridge=callback.bridge,
    )  # fmt: skip


class Until(TrainerCallback):
    """Stops early, as a job that is cut; the plan stays what it was."""

    def __init__(self, step):
        self.step = step

    def on_step_end(self, args, state, control, **more):
        control.should_training_stop = state.global_step >= self.step


def example(folder):
    """What the example takes for granted; the name of its run."""
    rows = torch.randint(17, (16, 12))
    arguments = TrainingArguments(str(folder / "example"), max_steps=4, use_cpu=True, report_to=[], disable_tqdm=True)
    return {"model": gpt2(), "arguments": arguments, "data": [{"input_ids": r, "labels": r} for r in rows]}, "example"
