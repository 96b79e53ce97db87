"""Losses of samples become losses of domains."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors import watch
from barograph.collectors.recording.domains import Domains
from barograph.collectors.recording.run_descriptions import RunDescriptions


class Recorder:
    """Where domains are written; jobs wait as they do for a device."""

    def __init__(self):
        self.writer, self.rows, self.said, self.described = self, {}, [], {}

    def describe(self, description):
        self.described[description.name] = description

    def points(self, step, keys, values):
        self.rows |= {(key, step): value for key, value in zip(keys, values, strict=True)}

    def failed(self, what, problem):
        self.said.append(f"{what}: {problem}")


def test_domain_losses_are_means_and_micro_batches_add_up():
    recorder = Recorder()
    domains = Domains(recorder, RunDescriptions(recorder, {}))
    domains.take(1, torch.tensor([1.0, 2.0, 6.0]), ["web", "code", "web"])
    assert recorder.rows == {
        (("domain_loss", "web"), 1): 3.5, (("domain_loss", "code"), 1): 2.0,
        (("domain_share", "web"), 1): pytest.approx(2 / 3), (("domain_share", "code"), 1): pytest.approx(1 / 3),
    }  # fmt: skip
    domains.take(1, torch.tensor([4.0]), ["math"])  # the second micro-batch of the step
    assert recorder.rows[("domain_share", "web"), 1] == 0.5 and recorder.rows[("domain_loss", "math"), 1] == 4.0
    domains.take(2, torch.tensor([4.0]), ["web"])
    assert recorder.rows[("domain_share", "code"), 2] == 0 and (("domain_loss", "code"), 2) not in recorder.rows
    assert set(recorder.described) == {"domain_loss", "domain_share"}


def test_domain_ids_may_have_names_and_what_has_none_is_said():
    recorder = Recorder()
    domains = Domains(recorder, RunDescriptions(recorder, {}))
    domains.take(1, torch.tensor([1.0, 3.0, 5.0]), torch.tensor([1, 1, 7]), ["a", "b"])
    assert recorder.rows[("domain_loss", "b"), 1] == 2.0 and (("domain_loss", "a"), 1) not in recorder.rows
    assert recorder.said == ["domains are incomplete: 1 samples of step 1 are of no domain: expected 0 to 1"]
    domains.take(2, torch.tensor([[1.0], [3.0]]), torch.tensor([3, 250]))
    assert recorder.rows[("domain_loss", "250"), 2] == 3.0
    with pytest.raises(ValueError, match="one domain for each loss"):
        domains.take(3, torch.ones(3), ["a"])
    with pytest.raises(ValueError, match="integers"):
        domains.take(3, torch.ones(3), torch.ones(3))


def test_log_takes_domains_weights_and_an_unweighted_loss(writers):
    with watch() as run:
        for _ in range(2):
            losses = torch.tensor([1.0, 2.0])
            run.log(loss=9.0, sample_loss=losses, domain=["a", "b"], domain_weight={"a": 0.9, "b": 0.1})
    (writer,) = writers
    assert writer.series(("domain_loss", "b")) == [(1, 2.0), (2, 2.0)]
    assert writer.series(("domain_weight", "a")) == [(1, 0.9), (2, 0.9)]
    assert writer.series("loss") == [(1, 9.0), (2, 9.0)] and writer.series("loss_unweighted") == [(1, 1.5), (2, 1.5)]
    assert all(writer.descriptions[f"domain_{name}"].axes == ("domain",) for name in ("loss", "share", "weight"))


def test_domains_never_wait_for_the_device(monkeypatch):
    """On the meta device nothing can be read: who waits for a value fails."""
    monkeypatch.setattr(
        "barograph.collectors.recording.domains.start_copy", lambda flat, device: (torch.cuda.Event, flat)
    )
    recorder = Recorder()
    jobs = []
    recorder.later = jobs.append
    domains = Domains(recorder, RunDescriptions(recorder, {}))
    domains.take(1, torch.ones(3, device="meta"), torch.ones(3, dtype=torch.long, device="meta"), ["a", "b"])
    domains.take(1, torch.ones(3, device="meta"), ["a", "b", "a"])
    assert len(jobs) == 2, "what is to be read waits for the recorder's thread"
