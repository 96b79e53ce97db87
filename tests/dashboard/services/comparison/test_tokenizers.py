"""Which runs share a tokenizer, and the factor to bits per byte."""

import numpy as np
import pytest

from barograph.dashboard.services.comparison.tokenizers import per_byte, vocabulary
from barograph.db import Run
from barograph.errors import NotRecorded


def test_what_a_configuration_has_about_the_tokenizer():
    assert vocabulary({"model": {"vocab_size": 256, "width": 8}, "lr": 1}) == (("vocab_size", "256"),)
    assert vocabulary({"a": {"tokenizer": "gpt2"}}) == vocabulary({"tokenizer": "gpt2"})


def test_equal_tokenizers_and_other_signals_need_no_factor():
    same = [Run("a", "a", config={"vocab_size": 5}), Run("b", "b", config={"vocab_size": 5})]
    other = [same[0], Run("c", "c", config={"vocab_size": 6})]
    assert per_byte(same, "loss") == ([1.0, 1.0], "") and per_byte(other, "accuracy") == ([1.0, 1.0], "")


def test_bits_per_byte():
    runs = [Run(str(n), str(n), config={"vocab_size": n, "data": {"bytes_per_token": float(n)}}) for n in (2, 4)]
    factors, unit = per_byte(runs, "val_loss")
    assert factors == pytest.approx([1 / (2 * np.log(2)), 1 / (4 * np.log(2))]) and unit == "bits per byte"
    with pytest.raises(NotRecorded, match="bytes_per_token in the configuration of 'x'"):
        per_byte([*runs, Run("x", "x", config={"vocab_size": 9, "bytes_per_token": "four"})], "loss")
