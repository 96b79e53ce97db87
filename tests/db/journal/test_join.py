"""Waiting journals become journals of the run that they go on with, whatever happens in between."""

import os
from dataclasses import asdict

import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.journal import frames, join
from barograph.db.journal.frames import MAGIC, Cursor


@pytest.fixture
def waits(tmp_path):
    """The folder of a run that waits: two journals, three attempts, an event in each attempt."""
    writer = RunWriter(tmp_path / "runs.db", Run("w", "r"), 0, 10, {"step": 10})
    for attempt in range(3):
        for step in range(11, 14):
            writer.points(step, ("loss",), [10.0 * attempt + step])
        writer.event(Event(12, "note", str(attempt)))
        if attempt == 0:
            writer._journal._next()
        if attempt < 2:
            writer.begin_attempt(10)
    writer._journal.close()
    return writer._journal.folder


JOINING = join.Joining("w", asdict(Run("r", "r", started=1.0)) | {"tags": []}, {0: 4, 1: 6, 2: 7}, 10)


def read(folder):
    """(attempt, loss) of every point, and (attempt, text) of every event, of the run's journals."""
    points, events = [], []
    for path in sorted(folder.glob("r.*.journal")):
        blocks, notes, stopped = frames.read(path.read_bytes()[len(MAGIC) :], Cursor())
        assert stopped is None and notes[0].entry["run"]["id"] == "r" and "resumes" not in notes[0].entry["run"]
        points += [(block.attempt, value) for block in blocks for value in block.values[:, 0].tolist()]
        events += [
            (note.entry["event"]["attempt"], note.entry["event"]["text"]) for note in notes if "event" in note.entry
        ]
    return sorted(points), sorted(events)


JOINED = (
    [(4, 11.0), (4, 12.0), (4, 13.0), (6, 21.0), (6, 22.0), (6, 23.0), (7, 31.0), (7, 32.0), (7, 33.0)],
    [(4, "0"), (6, "1"), (7, "2")],
)


def test_its_contents_and_its_first_step(waits):
    files = join.waiting(waits.iterdir())["w"]
    assert len(files) == 2 and join.contents(files) == ({0, 1, 2}, 11)


@pytest.mark.parametrize("act", range(6))
def test_one_that_is_interrupted_is_done_to_the_end_by_the_next(waits, monkeypatch, act):
    join.decide(waits, JOINING)
    acts = iter(range(100))

    def interrupted(call):
        def may_end(*arguments, **options):
            if next(acts) == act:
                raise KeyboardInterrupt
            return call(*arguments, **options)

        return may_end

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted(os.replace))
        patch.setattr(type(waits), "unlink", interrupted(type(waits).unlink))
        with pytest.raises(KeyboardInterrupt):
            join.join(waits, JOINING)
    decision = join.decided(waits, "w")
    assert decision == JOINING or act > 4
    if decision is not None:
        join.join(waits, decision)
    assert read(waits) == JOINED and not list(waits.glob("w.*.journal")) and join.decided(waits, "w") is None


def test_what_follows_a_damaged_frame_stays_as_it_is(waits):
    path = min(join.waiting(waits.iterdir())["w"])
    data = bytearray(path.read_bytes())
    data[-4] ^= 1
    path.write_bytes(data)
    join.join(waits, JOINING)
    joined = min(waits.glob("r.*.journal"))
    assert joined.read_bytes()[-40:] == bytes(data[-40:])
    assert Store(waits.parent / "runs.db").run("r").name == "r"
