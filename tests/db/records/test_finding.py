"""What identifies a finding."""

from dataclasses import replace

from barograph.db import Finding
from barograph.db.records import JUDGEMENTS


def test_a_finding_found_again_has_the_same_key():
    one = Finding("spike", "layer 3", 5, 9, 6, 1, "a spike")
    assert one.key == ("spike", "layer 3", 5) == replace(one, last=20, severity=2, sentence="worse").key
    assert replace(one, part="").key != one.key and one.judgement in JUDGEMENTS and one.alerted == 0.0
