"""Console logs, line by line as the tools' own print statements write them, with what else is in such a log."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.db import Store
from tests.db.importers.written import bring

NANOGPT = """Overriding config with config/train_shakespeare_char.py:
# train a miniature character-level shakespeare model
out_dir = 'out-shakespeare-char'
eval_interval = 250 # keep frequent because we'll overfit
always_save_checkpoint = False
gradient_accumulation_steps = 1
batch_size = 64
learning_rate = 1e-3 # with baby networks can afford to go a bit higher
max_iters = 5000
lr_decay_iters = 5000 # make equal to max_iters usually
min_lr = 1e-4 # learning_rate / 10 usually
warmup_iters = 100 # not super necessary potentially
Overriding: max_iters = 4000
tokens per iteration will be: 16,384
number of parameters: 10.65M
step 0: train loss 4.2874, val loss 4.2823
iter 0: loss 4.2649, time 31000.45ms, mfu -100.00%
iter 10: loss 3.2438, time 18.06ms, mfu 20.62%
iter 2000: loss nan, time 18.06ms, mfu 20.62%
saving checkpoint to out-shakespeare-char
step 4000: train loss 1.1, val loss 1.4812
"""

MODDED = """import os
import sys
with open(sys.argv[0]) as f:
    code = f.read() # read the code of this file ASAP, for logging
class Hyperparameters:
    # optimization hyperparams
    batch_size : int = 8*64 # batch size, in sequences, across all devices
    sequence_length : int = 1024 # sequence length, in tokens
    num_iterations : int = 3 # number of iterations to run
print0(f"step:{step}/{args.num_iterations} val_loss:{val_loss:.4f} train_time:{training_time_ms:.0f}ms")
====================================================================================================
Running pytorch 2.6.0.dev20241203+cu124 compiled for CUDA 12.4
step:0/3 val_loss:10.8258 train_time:0ms step_avg:nanms
step:1/3 train_loss:10.8123 train_time:30013ms step_avg:nanms
step:2/3 train_loss:9.5 train_time:60013ms step_avg:140.52ms
step:3/3 val_loss:3.2759 train_time:198213ms step_avg:141.22ms
peak memory consumption: 33724 MiB
"""

LLMC = """+-----------------------+----------------------------------------------------+
| Parameter             | Value                                              |
+-----------------------+----------------------------------------------------+
| train data pattern    | dev/data/fineweb10B/fineweb_train_*.bin            |
| micro batch size B    | 64                                                 |
| sequence length T     | 1024                                               |
| total batch size      | 524288                                             |
| LR scheduler          | cosine                                             |
| learning rate (LR)    | 6.000000e-04                                       |
+-----------------------+----------------------------------------------------+
| num_parameters        | 124475904                                          |
+-----------------------+----------------------------------------------------+
val loss 11.009380
step    1/19560 | loss 11.009014 (+nanz)| norm 15.3658 (+nanz)| lr 8.57e-07 | 3368.96 ms | 50.2% bf16 MFU | 155 tok/s
step    2/19560 | loss 10.953091 (+nanz)| norm 15.1 (+nanz)| lr 1.71e-06 | 3316.96 ms | 50.2% bf16 MFU | 158 tok/s
step    3/19560 | loss -nan (+nanz)| norm inf (-1.5z)| lr 2.57e-06 | 3316.96 ms | 50.2% bf16 MFU | 158064 tok/s
val loss 9.5
HellaSwag: 2565/10042 = 0.255427
generating:
---
The step 4/5 | loss of words is 3
"""

MEGATRON = """using world size: 8, data-parallel size: 8
------------------------ arguments ------------------------
  global_batch_size ............................... 256
  lr .............................................. 0.00015
  seq_length ...................................... 1024
  train_iters ..................................... 500000
-------------------- end of arguments ---------------------
 [2024-05-01 10:00:00.250000] iteration      100/  500000 | consumed samples:        25600 | elapsed time per \
iteration (ms): 1234.5 | throughput per GPU (TFLOP/s/GPU): 123.4 | learning rate: 1.500000E-05 | global batch size: \
  256 | lm loss: 7.923456E+00 | loss scale: 1.0 | grad norm: 1.234 | number of skipped iterations:   0 | number of nan \
iterations:   0 |
 [2024-05-01 10:02:03.750000] iteration      200/  500000 | consumed samples:        51200 | elapsed time per \
iteration (ms): 1234.5 | learning rate: 3.000000E-05 | global batch size:   256 | lm loss: 6.5E+00 | loss scale: 1.0 | \
grad norm: NAN |
(min, max) time across ranks (ms):
-----------------------------------------------------------------------------------------------
 validation loss at iteration 200 | lm loss value: 6.400000E+00 | lm loss PPL: 6.018450E+02 |
"""

TITAN = (
    "[rank0]:[titan] 2025-01-01 12:00:00,500 - root - INFO - Model llama3 8B size: 8,030,261,248 total parameters\n"
    "[rank0]:[titan] 2025-01-01 12:00:01,000 - root - INFO - Training starts at step 1, with local batch size 1, "
    "global batch size 8, sequence length 8192, total steps 1000 (warmup 200)\n"
    "[rank0]:[titan] 2025-01-01 12:00:10,000 - root - INFO - \x1b[31mstep:  1  \x1b[32mloss: 12.2301  "
    "\x1b[38;2;180;60;0mgrad_norm:  4.1234  \x1b[38;2;54;234;195mmemory: 47.50GiB(50.00%)  \x1b[34mtps: 1,402  "
    "\x1b[36mtflops: 81.20  \x1b[35mmfu: 8.21%\x1b[39m\n"
    "[rank0]:[titan] 2025-01-01 12:00:20,000 - root - INFO - \x1b[31mstep: 10  \x1b[32mloss: 10.5  \x1b[38;2;180;60;0m"
    "grad_norm:  2.5  \x1b[38;2;54;234;195mmemory: 47.50GiB(50.00%)  \x1b[34mtps: 5,762  \x1b[36mtflops: 333.20  "
    "\x1b[35mmfu: N/A\x1b[39m\n"
    "[rank0]:[titan] 2025-01-01 12:00:21,000 - root - INFO - \x1b[33mvalidate step: 10  \x1b[32mloss: 10.25  "
    "\x1b[38;2;54;234;195mmemory: 47.50GiB(50.00%)  \x1b[34mtps: 9,000\x1b[39m\n"
)


@pytest.fixture
def read(tmp_path):
    """read(text) -> (run, {key: {step: value}}) of an imported log."""
    store = Store(tmp_path / "runs.db")

    def read(text: str, name: str = "train.txt"):
        (tmp_path / name).write_text(text)
        done = bring(store, tmp_path / name)
        assert done.complete, done.sentence
        found = {}
        for signal, description in store.signals(done.run.id).items():
            for part in description.parts:
                series = store.series(done.run.id, signal, part)
                values = dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
                found[(signal, *part) if part else signal] = values
        return store.run(done.run.id), found

    yield read
    store.close()


def test_nanogpt(read):
    run, found = read(NANOGPT)
    assert found["loss"][0] == 4.2649 and found["loss"][10] == 3.2438 and np.isnan(found["loss"][2000])
    assert found["val_loss"] == {0: 4.2823, 4000: 1.4812} and found["train_loss (estimated)"][0] == 4.2874
    assert (run.tokens_per_step, run.steps_planned, run.size) == (16384, 4000, {"total": 10_650_000})
    assert run.config["batch_size"] == 64 and run.config["out_dir"] == "out-shakespeare-char"
    assert run.config["learning_rate"] == 1e-3 and run.config["always_save_checkpoint"] is False


def test_nanogpt_learning_rate_follows_from_its_settings(read):
    lr = read(NANOGPT)[1][("lr", "0")]
    assert lr[0] == pytest.approx(1e-3 / 101) and lr[10] == pytest.approx(1e-3 * 11 / 101)
    half = 0.5 * (1 + np.cos(np.pi * (2000 - 100) / (5000 - 100)))
    assert lr[2000] == pytest.approx(1e-4 + half * 9e-4)
    without = read(NANOGPT.replace("min_lr", "# min_lr"), "b.txt")[1]
    assert ("lr", "0") not in without


def test_modded_nanogpt(read):
    run, found = read(MODDED)
    assert found["loss"] == {1: 10.8123, 2: 9.5} and found["val_loss"] == {0: 10.8258, 3: 3.2759}
    assert found["time"] == {0: 0, 1: 30.013, 2: 60.013, 3: 198.213}
    assert (run.tokens_per_step, run.steps_planned) == (512 * 1024, 3)
    assert run.config["num_iterations"] == 3


def test_llm_c(read):
    run, found = read(LLMC)
    assert [repr(value) for value in found["loss"].values()] == ["11.009014", "10.953091", "nan"]
    assert found[("lr", "0")] == {1: 8.57e-07, 2: 1.71e-06, 3: 2.57e-06}
    assert found["grad_norm"] == {1: 15.3658, 2: 15.1, 3: np.inf}
    assert found["val_loss"] == {0: 11.00938, 3: 9.5} and found["hellaswag"] == {3: 0.255427}
    assert (run.tokens_per_step, run.steps_planned, run.size) == (524288, 19560, {"total": 124475904})
    assert run.config["LR scheduler"] == "cosine" and run.config["learning rate (LR)"] == 6e-4


@pytest.mark.parametrize(
    "text",
    [
        "s:0 tel:11.0100\ns:0 trl:11.0090 lr:0.000001 norm:15.37\ns:1 trl:10.9500 lr:0.000002 norm:15.10\n",
        "0 val 11.0100\n0 hella 0.2463\n0 train 11.009000\n1 train 10.950000\n",
        "step    0/10 | train loss 11.009000 | norm 15.37 | lr 1.00e-06 | (3.00 ms | 100 tok/s)\n"
        "step    1/10 | train loss 10.950000 | norm 15.37 | lr 2.00e-06 | (3.00 ms | 100 tok/s)\n",
        "step     0 | loss: 11.009000 | lr 1.0000e-06 | norm: 15.3700 | dt: 3000.00ms | tok/sec: 100.00\n"
        "step     1 | loss: 10.950000 | lr 2.0000e-06 | norm: 15.3700 | dt: 3000.00ms | tok/sec: 100.00\n",
    ],
)
def test_the_other_logs_of_llm_c_and_build_nanogpt(read, text):
    found = read(text)[1]
    assert found["loss"] == {0: 11.009, 1: 10.95}
    if "lr" in text:
        assert found[("lr", "0")] == {0: 1e-6, 1: 2e-6} and found["grad_norm"][0] == 15.37
    if "val" in text or "tel" in text:
        assert found["val_loss"] == {0: 11.01}


def test_megatron(read):
    run, found = read(MEGATRON)
    assert found["loss"] == {100: 7.923456, 200: 6.5} and found["val_loss"] == {200: 6.4}
    assert found[("lr", "0")] == {100: 1.5e-5, 200: 3e-5}
    assert found["tokens"] == {100: 25600 * 1024, 200: 51200 * 1024}
    assert found["grad_norm"][100] == 1.234 and np.isnan(found["grad_norm"][200])
    assert found["time"] == {100: 0, 200: 123.5}
    assert run.steps_planned == 500000 and run.config["lr"] == 0.00015


def test_megatrons_loss_scale_and_nan_counts_have_the_names_that_detectors_read(read):
    line = (
        " iteration {}/ 90 | consumed samples: 8 | lm loss: 4.0E+00 | loss scale: {} | number of nan iterations: {} |\n"
    )
    _, found = read(line.format(10, 512.0, 0) + line.format(20, 256.0, 3))
    assert found["loss_scale"] == {10: 512, 20: 256} and found["nan_iterations"] == {10: 0, 20: 3}


def test_torchtitan(read):
    run, found = read(TITAN)
    assert found["loss"] == {1: 12.2301, 10: 10.5} and found["val_loss"] == {10: 10.25}
    assert found["grad_norm"] == {1: 4.1234, 10: 2.5} and found["tokens_per_s_per_device"] == {1: 1402, 10: 5762}
    assert found["mfu (%)"] == {1: 8.21} and found["time"] == {1: 0, 10: 11}
    assert (run.tokens_per_step, run.steps_planned, run.size) == (8 * 8192, 1000, {"total": 8_030_261_248})


def test_megabyte_lines_and_other_words_cost_nothing(read):
    noise = "step " * 1_000_000 + "\n" + "iter 5: losses\n" + "<script>alert(1)</script>'; DROP TABLE runs; --\n"
    _, found = read(NANOGPT + noise)
    assert set(found["loss"]) == {0, 10, 2000}


def test_source_code_is_no_log(tmp_path):
    from barograph.db.importers import find

    (tmp_path / "train_gpt.py").write_text(MODDED)
    assert find([tmp_path])[0] == []
