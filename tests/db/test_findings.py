"""Findings are rows: renewed when said again, judged by the user, gone with the run, and on the surviving line only."""

import math
import sqlite3

import numpy as np
import pytest

from barograph.db import Finding, Run, RunWriter, Store
from barograph.errors import StoreError

NAMES = ["'; DROP TABLE runs; --", '"; x', "<script>alert(1)</script>", "🔥 损失 \u202e", "x" * 10_000, "a\0b", "%s {}"]


def spike(first: int = 5, **more) -> Finding:
    fields = {"last": first, "flagged": first, "severity": 1, "sentence": "a spike", "time": 7.0}
    return Finding("gradient_spike", "", first, **fields | more)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a"), {"loss": (np.arange(9), np.ones(9))})
    return store


def test_said_again_is_renewed_and_keeps_what_the_user_thinks_of_it(store):
    store.findings.save("a", [spike(5), spike(2)])
    store.findings.judge("a", "gradient_spike", "", 5, "acknowledged")
    store.findings.save(
        "a", [spike(5, last=8, severity=2, sentence="it grows", open=False, evidence={"sd": 9.5}, time=99.0)]
    )
    earlier, later = store.findings("a")
    assert earlier == spike(2)
    grown = {"last": 8, "severity": 2, "sentence": "it grows", "open": False, "evidence": {"sd": 9.5}}
    assert later == spike(5, **grown, judgement="acknowledged"), "the time is when it was first said"
    store.findings.judge("a", "gradient_spike", "", 5, "")
    assert store.findings("a")[1].judgement == ""


def test_a_judgement_must_be_one_and_of_something(store):
    store.findings.save("a", [spike(5)])
    with pytest.raises(StoreError, match="expected one of '', 'acknowledged', 'silenced', 'wrong'"):
        store.findings.judge("a", "gradient_spike", "", 5, "nice")
    with pytest.raises(StoreError, match="no finding 'gradient_spike' at step 6"):
        store.findings.judge("a", "gradient_spike", "", 6, "wrong")


def test_one_finding_of_many_is_judged(store):
    store.findings.save("a", [spike(5, severity=0), Finding("gradient_spike", "w", 5, 5, 5, 1, "in one tensor")])
    store.findings.save("b", [spike(5)])
    store.findings.judge("a", "gradient_spike", "w", 5, "wrong")
    assert [(f.part, f.judgement) for f in store.findings("a")] == [("", ""), ("w", "wrong")]
    assert store.findings("b")[0].judgement == ""


def test_a_whole_scan_takes_away_what_it_does_not_repeat_but_not_what_somebody_has_seen(store):
    store.findings.save("a", [spike(1), spike(2), spike(3), spike(4)])
    store.findings.save("b", [spike(1)])
    store.findings.judge("a", "gradient_spike", "", 2, "silenced")
    store.findings.mark_alerted("a", [spike(3)], when=5.0)
    store.findings.save("a", [spike(4), spike(6)], whole=True)
    assert [(f.first, f.alerted) for f in store.findings("a")] == [(2, 0.0), (3, 5.0), (4, 0.0), (6, 0.0)]
    assert len(store.findings("b")) == 1


def test_what_was_found_on_abandoned_steps_is_not_shown(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    writer.columns(np.arange(100), ("loss",), np.ones((100, 1)))
    store = Store(tmp_path / "runs.db")
    store.findings.save("a", [spike(40), spike(60), spike(55, flagged=70), spike(30, last=90, flagged=35)])
    assert len(store.findings("a")) == 4
    assert writer.begin_attempt(50) == 1
    assert [f.first for f in store.findings("a")] == [30, 40]
    store.findings.save("a", [spike(55, attempt=1), spike(40, attempt=1, sentence="seen by the new attempt")])
    assert [(f.first, f.sentence) for f in store.findings("a")] == [
        (30, "a spike"),
        (40, "seen by the new attempt"),
        (55, "a spike"),
    ]
    assert [f.first for f in store.findings("a", attempt=0)] == [30, 40, 55, 60]
    writer.close()


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_comes_back_as_it_was(store, name):
    told = Finding(name, name, 1, 2, 2, 2, name, name, {name: 1.5}, 0.5, True, 0, 3.0)
    store.findings.save("a", [told])
    assert store.findings("a") == [told]
    store.findings.judge("a", name, name, 1, "wrong")
    assert store.findings("a")[0].judgement == "wrong" and store.run("a").id == "a"


def test_numbers_that_are_none_and_a_very_long_sentence(store):
    evidence = {"nan": math.nan, "up": math.inf, "down": -math.inf, "one": np.float64(1.5), "n": np.int64(3)}
    words = "the loss is 🔥 " * 25_000
    first = np.int64(2**62)
    store.findings.save("a", [Finding("k", "p", first, first, first, np.int64(1), words, words, evidence, math.nan)])
    (found,) = store.findings("a")
    assert found.sentence == words and found.advice == words and found.first == 2**62 and math.isnan(found.confidence)
    assert repr(found.evidence) == "{'nan': nan, 'up': inf, 'down': -inf, 'one': 1.5, 'n': 3.0}"
    with sqlite3.connect(store.path) as raw:
        (held,) = raw.execute("SELECT json_extract(evidence, '$.up') FROM findings").fetchone()
        assert held == "inf", "plain SQL can read it"
    raw.close()


def test_half_a_character_is_a_question_mark(store):
    store.findings.save("a", [Finding("k\ud83d", "", 1, 1, 1, 1, "\ud83d", evidence={"\ud83d": 1.0})])
    (found,) = store.findings("a")
    assert (found.kind, found.sentence) == ("k?", "?")


def test_they_go_with_the_run(store):
    store.findings.save("a", [spike()])
    store.append(Run("b", "b"), {"loss": ([1], [1.0])})
    store.findings.save("b", [spike()])
    store.delete("a")
    assert store.findings("a") == [] and len(store.findings("b")) == 1 and store.check() == []


def test_the_number_of_a_finding_rises_when_it_is_new_or_graver(store):
    def numbers():
        with sqlite3.connect(store.path) as raw:
            out = dict(raw.execute("SELECT first, id FROM findings"))
        raw.close()
        return out

    store.findings.save("a", [spike(1), spike(2)])
    one, two = numbers()[1], numbers()[2]
    store.findings.save("a", [spike(1, last=9)])
    assert numbers() == {1: one, 2: two}
    store.findings.save("a", [spike(1, severity=2)])
    assert numbers()[1] > two
    store.findings.save("a", [spike(3)])
    assert numbers()[3] > numbers()[1]
