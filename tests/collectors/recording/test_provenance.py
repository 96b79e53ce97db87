"""Where a run comes from."""

from __future__ import annotations

import subprocess

import torch

from barograph.collectors import watch
from barograph.collectors.recording import provenance


def git(folder, *arguments):
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    told = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return told.stdout.strip()


def test_the_commit_and_what_changed_since(tmp_path):
    assert provenance.commit(tmp_path) == {}
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("lr = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert provenance.commit(tmp_path) == {"commit": head, "diff": ""}
    (tmp_path / "train.py").write_text("lr = 2\n")
    first = provenance.commit(tmp_path)
    (tmp_path / "train.py").write_text("lr = 3\n")
    second = provenance.commit(tmp_path)
    assert first["commit"] == second["commit"] == head and len({"", first["diff"], second["diff"]}) == 3


def test_git_that_hangs_is_left_behind(tmp_path, monkeypatch):
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nsleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert provenance.commit(tmp_path, seconds=0.2) == {}


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
