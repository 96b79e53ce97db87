"""Which runs share a tokenizer, and the factor to bits per byte."""

import numpy as np
import pytest

from barograph.dashboard.services.comparison.tokenizers import per_byte
from barograph.db import Run
from barograph.errors import NotRecorded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"tokenizer": "gpt2"}, {"tokenizer": "llama"}),
        ({"tokenizer_name_or_path": "gpt2"}, {"tokenizer_name_or_path": "llama"}),
        ({"tokenizer": {"path": "gpt2"}}, {"tokenizer": {"path": "llama"}}),
        ({"tokenizerType": "GPT2BPE"}, {"tokenizerType": "SP"}),
        ({"model": {"n_vocab": 50257}}, {"model": {"n_vocab": 32000}}),
        ({"padded_vocab_size": 50304}, {"padded_vocab_size": 32000}),
        ({"tokenizer": "gpt2"}, {"hf_tokenizer_name": "llama"}),
    ],
)
def test_a_tokenizer_is_recognised_however_its_key_is_called(one, other):
    with pytest.raises(NotRecorded, match="different tokenizers"):
        per_byte([Run("a", "a", config=one), Run("b", "b", config=other)], "loss")


def test_a_run_that_names_no_tokenizer_contradicts_none():
    runs = [
        Run("a", "a", config={"tokenizer": "gpt2"}),
        Run("b", "b"),
        Run("c", "c", config={"tokenizer_name": "gpt2"}),
    ]
    assert per_byte(runs, "loss") == ([1.0] * 3, "")


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
