"""The news of a run: every point once and in order, and never a step that some signal has yet to reach."""

import time

import numpy as np
import pytest

from barograph.dashboard.services import detector_feed as news
from barograph.dashboard.services.detector_feed import Feed, common_step
from barograph.db import Event, Run, RunWriter, Store
from barograph.db.reading.many import End

SIGNALS = frozenset({"loss", "grad_norm", "attn_logit_max", "val_loss", "time"})
HEAD = ("attn_logit_max", "0", "1")


@pytest.fixture
def live(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a", steps_planned=1000))
    yield writer, Store(tmp_path / "runs.db")
    writer.close()


def gathered(pieces) -> dict:
    """{(signal, part): [steps]} of pieces of news, checked to lie inside their cuts."""
    out, before = {}, -1
    for piece in pieces:
        for signal, parts in piece.points.items():
            for part, (steps, _) in parts.items():
                assert not len(steps) or before < steps[0] <= steps[-1] <= piece.until
                out.setdefault((signal, part), []).extend(steps.tolist())
        before = piece.until
    return out


def test_each_point_comes_once_however_the_signals_lag(live):
    writer, store = live
    feed, rng = Feed(store, "a", SIGNALS), np.random.default_rng(0)
    seen, waiting = [], []
    for step in range(1, 400):
        writer.points(step, ("loss",), [step * 1.0])
        waiting.append(step)
        if step < 3 or rng.random() < 0.2:  # a device gives back what it has computed meanwhile
            for late in waiting:
                writer.points(late, ("grad_norm",), [late * 2.0])
                if late % 10 == 0:
                    writer.points(late, (HEAD,), [late * 3.0])
            waiting = []
        if step % 100 == 0:
            writer.points(step, ("val_loss",), [1.0])
        if rng.random() < 0.2:
            seen += feed.next(store.run("a"))
            assert seen[-1].until == step - len(waiting), "the device's signals are waited for"
    writer.close()
    seen += feed.next(store.run("a"))
    found = gathered(seen)
    assert found["loss", ()] == list(range(1, 400)) and found["attn_logit_max", ("0", "1")] == list(range(10, 400, 10))
    assert found["grad_norm", ()] == list(range(1, 400 - len(waiting))) and found["val_loss", ()] == [100, 200, 300]
    assert seen[-1].until == 399 and seen[-1].state == "finished" and not feed.behind


@pytest.mark.parametrize(
    "ends, until",
    [
        ({"loss": End(100, 101, 1.0), "grad_norm": End(93, 94, 1.0)}, 93),
        ({"loss": End(100, 101, 1.0), "heads": End(90, 10, 10.0)}, 99),
        ({"loss": End(100, 101, 1.0), "heads": End(80, 9, 10.0)}, 89),
        ({"loss": End(500, 501, 1.0), "grad_norm": End(93, 94, 1.0)}, 500),  # switched off
        ({"loss": End(500, 501, 1.0), "val_loss": End(250, 2, 250.0)}, 500),  # not waited for
        ({"loss": End(500, 501, 1.0), "log-spaced": End(450, 9, 55.3)}, 500),
        ({"loss": End(500, 501, 1.0), "once": End(490, 1, float("inf"))}, 500),
        ({}, None),
    ],
)
def test_the_common_step(ends, until):
    assert common_step(ends, waiting=True) == until
    assert common_step(ends, waiting=False) == max((end.last for end in ends.values()), default=None)


def test_a_long_run_is_shown_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(news, "MOST", 300)
    store, steps = Store(tmp_path / "runs.db"), np.arange(1000)
    store.append(Run("a", "a", state="finished"), {"loss": (steps, steps), HEAD: (steps[::10], steps[::10])})
    pieces = list(Feed(store, "a", SIGNALS).next(store.run("a")))
    assert [piece.until for piece in pieces] == [249, 499, 749, 999]
    assert gathered(pieces)["loss", ()] == steps.tolist()


def test_a_point_for_a_step_already_passed_is_told(live):
    writer, store = live
    writer.columns(np.arange(200), ("loss",), np.ones((200, 1)))
    feed = Feed(store, "a", SIGNALS)
    (first,) = feed.next(store.run("a"))
    assert first.until == 199 and not feed.behind
    writer.points(150, ("val_loss",), [2.0])
    (second,) = feed.next(store.run("a"))
    assert feed.behind and gathered([second]) == {("val_loss", ()): []}


def test_what_happened_comes_once_at_its_step(live):
    writer, store = live
    writer.event(Event(3, "data", "code"))
    writer.event(Event(50, "checkpoint"))
    writer.columns(np.arange(10), ("loss",), np.ones((10, 1)))
    feed = Feed(store, "a", SIGNALS)
    assert [[(h.step, h.kind, h.text) for h in piece.happenings] for piece in feed.next(store.run("a"))] == [
        [(3, "data", "code")]
    ]
    writer.columns(np.arange(10, 60), ("loss",), np.ones((50, 1)))
    (piece,) = feed.next(store.run("a"))
    assert [h.step for h in piece.happenings] == [50]
    writer.event(Event(20, "task", "math"))
    assert [piece.happenings for piece in feed.next(store.run("a"))] == [()] and feed.behind


def test_a_run_that_went_back_shows_its_surviving_line_and_where_it_was_restarted(live):
    writer, store = live
    writer.columns(np.arange(100), ("loss",), np.zeros((100, 1)))
    writer.event(Event(80, "data", "abandoned"))
    writer.begin_attempt(49)
    writer.columns(np.arange(50, 70), ("loss",), np.ones((20, 1)))
    feed = Feed(store, "a", SIGNALS)
    (piece,) = feed.next(store.run("a"))
    steps, values = piece.of("loss")
    assert steps.tolist() == list(range(70)) and values.tolist() == [0.0] * 50 + [1.0] * 20
    assert [(h.step, h.kind) for h in piece.happenings] == [(49, "restart")]
    assert [feed.attempt_of(step) for step in (0, 49, 50, 69)] == [0, 0, 1, 1]


def test_a_run_without_points_is_news_too(live):
    _, store = live
    (piece,) = Feed(store, "a", SIGNALS).next(store.run("a"))
    assert piece.until == -1 and not piece.points and piece.state == "running"


def test_a_hanging_run_is_idle_though_its_heart_beats(live):
    writer, store = live
    now = time.time()
    writer.points(1, ("loss", "time"), [1.0, now - 500 - writer.run.started])
    writer.points(2, ("loss",), [1.0])
    writer.tend()
    feed = Feed(store, "a", SIGNALS)
    (piece,) = feed.next(store.run("a"))
    assert 500 <= piece.idle < 560
    assert piece.until == 2, "nothing more is expected soon"
    writer.points(3, ("loss",), [1.0])
    (piece,) = feed.next(store.run("a"))
    assert piece.idle < 50


@pytest.mark.parametrize(
    "config, said", [({"unlearning": True}, ["unlearning"]), ({"unlearning": False}, []), ({}, [])]
)
def test_a_configuration_can_say_that_the_run_unlearns(tmp_path, config, said):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a", state="finished", config=config), {"loss": (np.arange(5), np.ones(5))})
    (piece,) = Feed(store, "a", SIGNALS).next(store.run("a"))
    assert [one.kind for one in piece.happenings] == said
