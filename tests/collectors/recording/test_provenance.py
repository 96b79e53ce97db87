"""Where a run comes from."""

from __future__ import annotations

import torch

from barograph.collectors import watch
from barograph.collectors.recording import provenance


def test_parameter_counts(small):
    table = 11 * 6
    body = 6 * 5 + 5 + 5 + 5 + 5 * 6 + 6
    assert provenance.size(small) == {"total": table + body + 3, "non_embedding": body + 3, "embedding": table}
    assert provenance.size(None) == {}


def test_secrets_are_masked():
    line = provenance.command(["python", "train.py", "--api-key", "abc", "--hub_token=def", "--tokenizer", "bytes"])
    assert line == "python train.py --api-key *** --hub_token=*** --tokenizer bytes"


def test_what_a_run_knows_of_itself(writers, small):
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.25)
    watch(small, optimizer, config={"lr": 0.1}, seed=7, tags=["a"], project="p", total_steps=9).finish()
    watch(small, optimizer, flops_per_token=5.0).finish()
    run, other = writers[0].run, writers[1].run
    assert run.provenance["optimizers"][0]["name"] == "AdamW"
    assert run.provenance["optimizers"][0]["groups"][0]["lr"] == 0.25
    assert run.provenance["seed"] == 7 and run.provenance["versions"]["torch"] == torch.__version__
    assert run.flops_per_token == 6 * run.size["non_embedding"] and other.flops_per_token == 5.0
    assert (run.tags, run.project, run.steps_planned, run.config["lr"]) == (("a",), "p", 9, 0.1)
    assert run.name != other.name and other.provenance["seed"] == torch.initial_seed()
