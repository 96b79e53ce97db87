"""Whatever is written, in whatever pieces, folded or not: every read equals a slow and obvious copy in dictionaries."""

from __future__ import annotations

import contextlib
import itertools
import tempfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph.db import Run, RunWriter, Store
from barograph.db.journal import file as journal
from barograph.db.series import pyramid, reader, stored, tiles

KEYS = ("loss", ("norm", "a"), ("norm", "b"))
NAN, INF = float("nan"), float("inf")

value = st.one_of(
    st.sampled_from([NAN, INF, -INF, 0.0, -0.0, 1e308, -1e308, 5e-324]),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
gaps = st.sampled_from([1, 1, 1, 1, 2, 7, 1000, 70_000])
# (what, keys, gap, number of points, how far back it starts, value)
write = st.tuples(
    st.sampled_from(["points", "columns"]), st.sets(st.sampled_from(KEYS), min_size=1), gaps, st.integers(1, 90),
    st.sampled_from([0, 0, 0, 0, 0, 1, 20, 3000]), value,
)  # fmt: skip
other = st.tuples(st.sampled_from(["fold", "look", "rotate", "attempt"]), st.integers(0, 120))
story = st.lists(st.one_of(write, write, other), min_size=1, max_size=14)


@pytest.fixture(autouse=True, scope="module")
def small_tiles():
    """Tiles of 16 points and buckets of 4, 16, 64 ...: a few hundred points go through every level."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, size in [
            *itertools.product((pyramid, tiles, reader, stored), ("TILE",), (16,)),
            *itertools.product((pyramid, tiles, stored), ("BUCKETS",), (4,)),
            *itertools.product((pyramid, tiles, reader, stored), ("SIZES",), ((1, 4, 16, 64, 256, 1024),)),
        ]:
            patch.setattr(module, name, size)
        yield


class Copy:
    """What was written: a dictionary of steps for each key, one for each attempt."""

    def __init__(self):
        self.attempts = [(0, {key: {} for key in KEYS})]
        self.top = 0

    def line(self, key) -> tuple[np.ndarray, np.ndarray]:
        """The surviving points: each attempt first takes away what lies behind the step it goes on from."""
        alive: dict[int, float] = {}
        for number, (start, points) in enumerate(self.attempts):
            alive = {step: v for step, v in alive.items() if step <= start}
            alive |= {step: v for step, v in points[key].items() if step > start or number == 0}
        return self.arrays(alive)

    @staticmethod
    def arrays(points: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
        steps = sorted(points)
        return np.array(steps, np.int64), np.array([points[s] for s in steps], float)


def play(writer: RunWriter, copy: Copy, deed: tuple, random: np.random.Generator) -> None:
    if deed[0] in ("points", "columns"):
        what, keys, gap, count, back, special = deed
        keys = tuple(sorted(keys, key=str))
        steps = copy.top - back + gap * np.arange(1, count + 1)
        values = random.normal(size=(count, len(keys))).astype(np.float32 if count % 2 else float).astype(float)
        values[random.integers(count), random.integers(len(keys))] = special
        if what == "columns":
            writer.columns(steps, keys, values)
        else:
            for step, row in zip(steps.tolist(), values.tolist(), strict=True):
                writer.points(step, keys, row)
        for key, column in zip(keys, values.T.tolist(), strict=True):
            copy.attempts[-1][1][key].update(zip(steps.tolist(), column, strict=True))
        copy.top = max(copy.top, int(steps[-1]))
    elif deed[0] == "fold":
        writer._fold()
    elif deed[0] == "rotate":
        writer._journal.rotate()
    elif deed[0] == "attempt":
        copy.top = max(copy.top - deed[1], 0)
        writer.begin_attempt(copy.top)
        copy.attempts.append((copy.top, {key: {} for key in KEYS}))


def same(found: tuple, wanted: tuple) -> None:
    np.testing.assert_array_equal(found[0], wanted[0])
    np.testing.assert_array_equal(found[1], wanted[1])


def name(key) -> tuple:
    return (key, ()) if isinstance(key, str) else (key[0], key[1:])


def check_buckets(found, steps: np.ndarray, values: np.ndarray, lo: int, hi: int, width: int, pieces: int) -> None:
    """Every surviving point in [lo, hi] is in exactly one bucket, and each bucket says the truth about its points."""
    assert (found.first <= found.last).all() and (found.last[:-1] < found.first[1:]).all()
    covered = np.zeros(len(steps), bool)
    for at in range(len(found)):
        inside = (steps >= found.first[at]) & (steps <= found.last[at])
        covered |= inside
        mine, where = values[inside], steps[inside]
        assert where[0] == found.first[at] and where[-1] == found.last[at]
        assert found.n[at] == len(mine) and found.bad[at] == (~np.isfinite(mine)).sum()
        assert found.last[at] >= lo and found.first[at] <= hi
        finite = mine[np.isfinite(mine)]
        if len(finite):
            assert found.low[at] == finite.min() and found.high[at] == finite.max()
            assert (
                mine[where == found.low_at[at]] == found.low[at] and mine[where == found.high_at[at]] == found.high[at]
            )
            scale = max(np.abs(finite).max(), 5e-324)
            assert abs(found.mean[at] / 2 - (finite / 2 / len(finite)).sum()) <= 1e-9 * scale + 5e-323
        else:
            assert np.isnan([found.low[at], found.high[at], found.mean[at]]).all()
    assert covered[(steps >= lo) & (steps <= hi)].all()
    assert len(found) <= 2 * width + 2 * pieces


def check(store: Store, copy: Copy, random: np.random.Generator) -> None:
    run = "r"
    lines = {key: copy.line(key) for key in KEYS}
    pieces = len(copy.attempts)
    newest = {key: (steps[-1], values[-1]) for key, (steps, values) in lines.items() if len(steps)}
    latest = store.latest(run)
    assert latest.keys() == newest.keys()
    for key, (steps, values) in lines.items():
        signal, part = name(key)
        got = store.series(run, signal, part)
        same((got.steps, got.values), (steps, values))
        if key in newest:
            same(tuple(map(np.array, latest[key])), tuple(map(np.array, newest[key])))
        lo, hi = sorted(random.integers(-5, copy.top + 5, 2).tolist())
        cut = (steps >= lo) & (steps <= hi)
        got = store.series(run, signal, part, lo=lo, hi=hi)
        same((got.steps, got.values), (steps[cut], values[cut]))
        got = store.series(run, signal, part, after=lo)
        same((got.steps, got.values), (steps[steps > lo], values[steps > lo]))
        for number, (_, points) in enumerate(copy.attempts):
            got = store.series(run, signal, part, attempt=number)
            same((got.steps, got.values), Copy.arrays(points[key]))
        for width in (1, 7, 1000):
            check_buckets(store.buckets(run, signal, part, width=width), steps, values, -(2**62), 2**62, width, pieces)
            found = store.buckets(run, signal, part, lo=lo, hi=hi, width=width)
            check_buckets(found, steps, values, lo, hi, width + 2 * 16, pieces)  # a range is known to a tile
    parts, edges, low, high, mean = store.grid(run, "norm", width=11)
    assert {("norm", *part) for part in parts} == newest.keys() - {"loss"}
    for row, part in enumerate(parts):
        steps, values = lines["norm", *part]
        finite = values[np.isfinite(values)]
        assert edges[0] <= steps[0] and steps[-1] < edges[-1]
        assert len(finite) == 0 or (np.nanmin(low[row]) == finite.min() and np.nanmax(high[row]) == finite.max())
        assert (np.isnan(low[row]) == np.isnan(mean[row])).all()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=story, seed=st.integers(0, 2**32 - 1), segment=st.sampled_from([64, 4000, 1 << 20]))
def test_reads_equal_what_was_written(story, seed, segment):
    random = np.random.default_rng(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.ExitStack() as stack,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(journal, "SEGMENT_BYTES", segment)
        path, copy = f"{folder}/runs.db", Copy()
        writer = RunWriter.open(path, Run("r", "r"))
        following = Store(path)  # a live reader: it keeps what it has parsed
        stack.callback(following.close)
        for deed in story:
            play(writer, copy, deed, random)
            if deed[0] == "look":
                check(following, copy, random)
        check(following, copy, random)
        fresh = Store(path)
        stack.callback(fresh.close)
        check(fresh, copy, random)
        writer.close()
        for store in (following, fresh):
            check(store, copy, random)
        assert fresh.check() == [] and fresh._database.tail.files() == []
        rows = fresh._database.engine.connect()
        stack.callback(rows.close)
        for attempt, signal, n, bad in rows.exec_driver_sql(
            "SELECT attempt, signal, n, bad FROM series WHERE part = '[]'"
        ):
            points = list(copy.attempts[attempt][1][signal].values())
            assert (n, bad) == (len(points), int((~np.isfinite(points)).sum()))


def test_buckets_stay_where_they_are_while_a_series_grows(tmp_path):
    store = Store(tmp_path / "runs.db")
    random = np.random.default_rng(0)
    before: dict[tuple[int, int], tuple] = {}
    moved = seen = 0
    for start in range(0, 1500, 50):
        steps = np.arange(start, start + 50) * 3
        store.append(Run("r", "r"), {"loss": (steps, random.normal(size=50))})
        found = store.buckets("r", "loss", width=20)
        now = {
            (int(n), int(first)): (last, low)
            for n, first, last, low in zip(found.n, found.first, found.last, found.low, strict=True)
        }
        for where, what in now.items():
            if where in before:
                seen += 1
                moved += before[where] != what
        whole = [where for where in before if where[0] == max(n for n, _ in before)]
        if max(n for n, _ in now) == max((n for n, _ in before), default=0):
            assert all(where in now for where in whole)
        before = now
    assert seen > 200 and moved == 0
    store.close()
