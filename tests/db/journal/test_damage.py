"""A damaged journal gives every frame that is whole, and says what is missing."""

import os
import random
import shutil

import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.journal.frames import HEADER, MAGIC, POINTS, SHAPE

KEYS = ("loss", "lr", ("norm", "a"))
STEPS = 600
TRIALS = 8
KINDS = ("truncated", "flipped", "zeroed", "zeroed to the end", "overwritten")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A store whose writer has ended without folding: its journal alone."""
    folder = tmp_path_factory.mktemp("written")
    writer = RunWriter.open(folder / "runs.db", Run("r", "r", config={"lr": 1e-3}))
    for step in range(STEPS):
        writer.points(step, KEYS, (step / 2, step * 2, -step))
        if step % 100 == 50:
            writer.event(Event(step, "checkpoint", str(step)))
    writer._journal.close()
    (path,) = (folder / "runs.db.journals").glob("*.journal")
    os.utime(path, (1, 1))
    return folder, path.name


def frames_of(data: bytes) -> list[tuple[int, int, int]]:
    """(begin, end, kind) of each frame."""
    found, at = [], len(MAGIC)
    while at < len(data):
        length, _, _, kind = HEADER.unpack_from(data, at)
        found.append((at, at + HEADER.size + length, kind))
        at = found[-1][1]
    return found


def damaged(data: bytes, kind: str, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    bad = bytearray(data)
    if kind == "truncated":
        del bad[at:]
    elif kind == "flipped":
        bad[at] ^= 1 << dice.randrange(8)
    elif kind == "zeroed":
        bad[at : at + 4096] = bytes(len(bad[at : at + 4096]))
    elif kind == "zeroed to the end":
        bad[at:] = bytes(len(bad) - at)
    else:
        bad[at : at + 64] = dice.randbytes(len(bad[at : at + 64]))
    return bytes(bad)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folded", [False, True])
def test_nothing_whole_is_lost_and_what_is_missing_is_said(written, tmp_path, kind, folded):
    folder, name = written
    whole = (folder / "runs.db.journals" / name).read_bytes()
    dice = random.Random(f"{kind} {folded}")
    for trial in range(TRIALS):
        bad = damaged(whole, kind, dice)
        copy = tmp_path / str(trial)
        shutil.copytree(folder, copy)
        path = copy / "runs.db.journals" / name
        path.write_bytes(bad)
        os.utime(path, (1, 1))
        kept = [frame for frame in frames_of(whole) if bad[frame[0] : frame[1]] == whole[frame[0] : frame[1]]]
        named = any(frame[2] == SHAPE for frame in kept)
        steps = [
            int.from_bytes(whole[a + HEADER.size : a + HEADER.size + 8], "little")
            for a, _, k in kept
            if k == POINTS and named
        ]
        store = Store(copy / "runs.db")
        if folded:
            store.fold()
        if kept:
            (run,) = store.runs()
            assert run.id == "r"
            for key, factor in zip(KEYS, (0.5, 2.0, -1.0), strict=True):
                signal, part = (key, ()) if isinstance(key, str) else (key[0], key[1:])
                found = store.series("r", signal, part)
                assert found.steps.tolist() == steps, (kind, trial)
                assert (found.values == found.steps * factor).all()
        problems = store.check()
        if len(bad) == len(whole) or len(bad) not in (
            end for _, end, _ in kept
        ):  # nothing tells that a file once was longer
            assert bool(problems) == (len(kept) < len(frames_of(whole))), (kind, trial)
        store.close()
