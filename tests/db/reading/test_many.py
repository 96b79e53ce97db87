"""Following many series at once gives the same points as reading each of them whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.db import Run, RunWriter, Store

HEADS = tuple(("attn_logit_max", str(layer), str(head)) for layer in range(3) for head in range(2))


def write(writer, first: int, last: int) -> None:
    for step in range(first, last):
        writer.points(step, ("loss",), [float(step)])
        if step % 10 == 0:
            writer.points(step, HEADS, [step + k / 10 for k in range(len(HEADS))])


@pytest.mark.parametrize("folded", [False, True])
def test_ends_and_what_is_new(tmp_path, folded):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    write(writer, 0, 5000)
    if folded:
        writer.tend()
        write(writer, 5000, 5005)
    store = Store(tmp_path / "runs.db")
    ends = store.ends("a", {"loss", "attn_logit_max", "absent"})
    top = 5004 if folded else 4999
    assert ends["loss"] == (top, top + 1, 1.0) and set(ends) == {"loss", *HEADS}
    assert ends[HEADS[3]].gap == 10 and ends[HEADS[3]].last == top // 10 * 10
    assert "loss" not in store.ends("a", {"attn_logit_max"})
    found = store.newer("a", {"loss": top - 3, HEADS[1]: 4900, HEADS[2]: 5003})
    assert found["loss"][0].tolist() == [top - 2, top - 1, top] and set(found) == {"loss", HEADS[1]}
    assert found[HEADS[1]][1].tolist() == [step + 0.1 for step in range(4910, top + 1, 10)]
    assert store.newer("a", {"loss": 100}, 102)["loss"][0].tolist() == [101, 102]
    assert store.newer("a", {}) == {}
    writer.close()


def test_of_a_run_that_went_back_only_the_surviving_line(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("a", "a"))
    write(writer, 0, 100)
    writer.begin_attempt(49)
    store = Store(tmp_path / "runs.db")
    assert store.ends("a", {"loss", "attn_logit_max"})["loss"].last == 49
    write(writer, 50, 65)
    ends = store.ends("a", {"loss", "attn_logit_max"})
    assert ends["loss"].last == 64 and ends[HEADS[0]].last == 60
    assert store.newer("a", {"loss": 44, HEADS[0]: 39})["loss"][0].tolist() == list(range(45, 65))
    writer.close()


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 9000), max_size=6))
def test_piece_by_piece_is_the_whole(shared_store, cuts):
    store, run = shared_store
    after = dict.fromkeys(store.ends(run, {"loss", "attn_logit_max"}), -1)
    pieces = {key: [] for key in after}
    for cut in [*sorted(cuts), 2**62]:
        for key, points in store.newer(run, after, cut).items():
            pieces[key].append(points)
            after[key] = int(points[0][-1])
    for key in ("loss", HEADS[5]):
        whole = store.series(run, *((key,) if isinstance(key, str) else (key[0], key[1:])))
        assert np.array_equal(np.concatenate([steps for steps, _ in pieces[key]]), whole.steps)
        assert np.array_equal(np.concatenate([values for _, values in pieces[key]]), whole.values)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "runs.db"
    writer = RunWriter.open(path, Run("a", "a"))
    write(writer, 0, 6000)
    writer.begin_attempt(5000)
    write(writer, 5001, 9000)
    writer.close()
    return Store(path), "a"
