"""The filter: right answers, a place for every mistake, and no harm whatever is typed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.services.run_filter import kept, matching
from barograph.errors import InvalidInput

ROWS = [
    {"id": "a", "name": "it's", "final_loss": 2.5, "config_lr": 1e-3, "config_opt": "adam"},
    {"id": "b", "name": '"; drop', "final_loss": 3.5, "config_lr": 1e-2, 'config_"x': 1},
    {"id": "c", "name": "ünïcode 🔥", "final_loss": float("nan"), "config_lr": 1e-2, "config_big": 10**30},
]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", "abc"),
        ("final_loss < 3", "a"),
        ("final_loss < 9 and config_lr >= 1e-2", "b"),
        ("final_loss is null", "c"),
        ("config_opt = 'adam' or name like '%drop%'", "ab"),
        ("lower(name) glob '*code*' -- a comment", "c"),
        ('"config_""x" = 1', "b"),
        ("config_big > 1e29", "c"),
        ("1", "abc"),
        ("0", ""),
    ],
)
def test_what_holds(where, found):
    assert matching(ROWS, where) == list(found)


def test_no_odd_run_takes_the_filter_from_the_others():
    odd = {"id": "odd", "name": "a\ud800", "config_LR": 0.5, "config_huge": 10**400, "config_a\0b": 1}
    odd |= {f"config_key{i}": i for i in range(5000)}
    assert matching([*ROWS, odd], "config_lr > 1e-3") == ["b", "c", "odd"]
    assert matching([odd, *ROWS], "config_lr < 1 and config_huge is null and name <> ''") == ["odd", "a", "b", "c"]
    assert matching([*ROWS, odd], "config_key4999 = 4999") == ["odd"]
    with pytest.raises(InvalidInput, match="filter"):
        matching([*ROWS, odd], "name = '\udcff'")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("final_los < 3", "at character 1, 'final_los'; there is final_loss"),
        ("final_loss < 3 and and 1", "at character 20, 'and'|at character 16, 'and'"),
        ("final_loss <", "mistake"),
        ("(final_loss < 3", "ends too early|mistake"),
        ("frobnicate(name) > 1", "unknown function in the filter at character 1"),
        ("final_loss ? 3", "mistake|mistake at"),
        ("1); DROP TABLE runs; --", "mistake"),
        ("exists (select 1 from sqlite_master)", "may only compare"),
        ("randomblob(100000000) is not null", "may only compare|unknown function"),
        ("load_extension('x')", "may only compare|unknown function"),
        ("id in (with recursive n(i) as (select 1 union all select i + 1 from n) select i from n)", "may only|longer"),
        ("1 = (select count(*) from pragma_table_list)", "may only compare|no such|mistake"),
        ("x" * 20_000, "20,000 characters"),
        ("a\0b", "characters"),
    ],
)
def test_mistakes_are_named(where, said):
    with pytest.raises(InvalidInput, match=said):
        matching(ROWS, where)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("IT'S", "a"), ("adam", "a"), ("opt=adam", "a"), ("lr=0.01", "bc"), ("lr=0.01 code", "c"), ("lr > 5e-3", "bc"),
        ("lr >= 1e-3 and final_loss < 3", "a"), ("opt like 'ad%'", "a"), ("1", "abc"), ("", "abc"), ("nothing", ""),
        ("adam lr=7", ""),
    ],
)  # fmt: skip
def test_one_language_of_words_and_conditions(text, found):
    assert kept(ROWS, text) == list(found)


def test_a_condition_with_a_mistake_is_named_where_no_run_holds_its_words():
    with pytest.raises(InvalidInput, match="'final_los'; there is final_loss"):
        kept(ROWS, "final_los < 3")


def test_keys_that_differ_in_case_alone_are_one_column():
    rows = [{"id": 1, "config_LR": 2.0, "config_lr": 3.0, "config_name": "x", "name": "y"}]
    assert kept(rows, "lr > 1") == [1] and kept(rows, "name = 'y'") == [1], "a run's own columns go first"


def test_what_takes_too_long_is_ended():
    rows = [{"id": i, "n": i} for i in range(3000)]
    began = time.monotonic()
    with pytest.raises(InvalidInput, match="took longer"):
        matching(rows, "(select count(*) from runs a, runs b, runs c) > 0", seconds=0.2)
    assert time.monotonic() - began < 5


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_an_answer_or_a_sentence(text):
    try:
        assert set(matching(ROWS, text)) <= {"a", "b", "c"}
    except InvalidInput as error:
        assert "filter" in str(error)
