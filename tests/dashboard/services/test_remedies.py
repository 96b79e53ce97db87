"""What was not recorded, and what to turn on."""

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.services.remedies import missing
from barograph.db import Description


def test_what_was_not_recorded_is_said_with_what_to_turn_on():
    told = missing({"loss", "lr"}, {})
    assert not any(sentence.startswith("Loss spike") for sentence in told)
    assert any("Gradient spike" in sentence and "pass the optimizer to watch" in sentence for sentence in told)
    assert any("Attention logits" in sentence and "run.attention(q, k)" in sentence for sentence in told)
    assert missing({"loss", "grad_norm", "attn_logit_peak"}, {}) != told
    own = {"grad_norm": Description("grad_norm", remedy="ask for it")}
    assert any("Gradient spike" in sentence and sentence.endswith("; ask for it.") for sentence in missing({"lr"}, own))


def test_a_detector_with_one_of_its_signals_is_not_missing():
    every = {name for detector in discover().values() for name in detector.signals}
    assert missing(every, {}) == () and len(missing((), {})) == len(discover())


def test_the_runs_own_description_has_the_remedy():
    described = {"grad_norm": Description("grad_norm", remedy="turn the norm on")}
    found = missing({"loss"}, described)
    assert any(sentence.startswith("Gradient spike") and "turn the norm on" in sentence for sentence in found)
