"""CSV as tools and people write it, whole and broken."""

from __future__ import annotations

import math

import pytest

from barograph.db import Store
from barograph.db.importers import find
from barograph.db.importers._machinery import lines
from barograph.errors import StoreError
from tests.db.importers.written import bring, points, unpacked


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def imported(store, tmp_path, text: str | bytes, name: str = "a.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = bring(store, path)
    found = points(store, done.run.id)
    return done, {key: (steps, [float(v) for v in values]) for key, (steps, values) in found.items()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_line_ends_and_spaces(store, tmp_path, delimiter):
    text = "\ufeffStep, Loss ,acc\r\n1, 2.5,0.1\r\n\r\n2,2.25 ,0.2\r\n".replace(",", delimiter)
    done, found = imported(store, tmp_path, text)
    assert found == {"loss": ([1, 2], [2.5, 2.25]), "acc": ([1, 2], [0.1, 0.2])} and done.complete


def test_non_finite_values_stay_and_empty_cells_are_no_points(store, tmp_path):
    text = "step,loss,x\n1,nan,\n2,inf,N/A\n3,-Infinity,null\n4,1e400,7\n5,,\n"
    done, found = imported(store, tmp_path, text)
    assert found["loss"][0] == [1, 2, 3, 4]
    assert [repr(v) for v in found["loss"][1]] == ["nan", "inf", "-inf", "inf"]
    assert found["x"] == ([4], [7.0]) and done.complete


def test_columns_of_words_are_no_signals(store, tmp_path):
    _, found = imported(store, tmp_path, 'step,loss,phase,note\n1,2,warm,"a, b"\n2,1,train,"two\nlines"\n')
    assert found == {"loss": ([1, 2], [2.0, 1.0])}


@pytest.mark.parametrize(
    "bad", ["2,1.5", "2,1.5,3,4", "x,1.5,3", "2.5,1,1", "1e300,1,1", "nan,1,1", '"2,1.5,3', '2,"1.5,3', "\x00\ufffd"]
)
def test_a_corrupt_line_costs_itself(store, tmp_path, bad):
    rows = [f"{s},{s / 4},{s / 8}" for s in range(10)]
    done, found = imported(store, tmp_path, "step,loss,b\n" + "\n".join([*rows[:5], bad, *rows[5:]]) + "\n")
    assert found["loss"] == (list(range(10)), [s / 4 for s in range(10)])
    assert "line 7 could not be read" in done.sentence and "stopped" not in done.sentence


def test_an_open_quote_does_not_swallow_what_follows(store, tmp_path):
    rows = [f'{s},"{s}.5' if s % 100 == 3 else f"{s},{s}.5" for s in range(1000)]
    done, found = imported(store, tmp_path, "step,loss\n" + "\n".join(rows) + "\n")
    assert found["loss"][0] == [s for s in range(1000) if s % 100 != 3]
    assert "10 lines, from line 5 on, could not be read" in done.sentence


@pytest.mark.parametrize("tail", ["10,", "1", "10,2.5e", "10,2.", "10,-"])
def test_a_last_row_cut_off_is_left_for_the_next_time(store, tmp_path, tail):
    text = "step,loss,b\n8,1,1\n9,2,2\n"
    done, found = imported(store, tmp_path, text + tail)
    assert found["loss"][0] == [8, 9] and "reading stopped at line 4" in done.sentence
    done, found = imported(store, tmp_path, text + "10,2.5,3\n")
    assert found["loss"] == ([8, 9, 10], [1, 2, 2.5]) and done.complete


def test_a_number_cut_off_is_mended_once_the_file_has_grown(store, tmp_path):
    imported(store, tmp_path, "step,loss\n1,2.1\n2,2.2")  # nobody can see that this is half of 2.25
    assert imported(store, tmp_path, "step,loss\n1,2.1\n2,2.25\n")[1]["loss"] == ([1, 2], [2.1, 2.25])


def test_comments_and_headers_in_between(store, tmp_path):
    text = "# made by a script\n# step,loss\n1,3\n# restarted\nstep,loss\n2,2\n"
    _, found = imported(store, tmp_path, text.replace("\nstep,loss\n2", "\n2"))
    assert found == {"loss": ([1, 2], [3.0, 2.0])}
    _, found = imported(store, tmp_path, "step,loss\n1,3\nstep,loss\n2,2\n", "b.csv")
    assert found == {"loss": ([1, 2], [3.0, 2.0])}


def test_columns_of_the_same_name(store, tmp_path):
    _, found = imported(store, tmp_path, "step,loss,loss,train_loss,x,x\n1,2,3,4,5,6\n")
    assert found["loss"][1] == [2.0] and found["loss (2)"][1] == [3.0] and found["train_loss"][1] == [4.0]
    assert found["x"][1] == [5.0] and found["x (2)"][1] == [6.0]


def test_hostile_names(store, tmp_path):
    names = ["a/b/c", "[red]x[/red]", "'; DROP TABLE runs; --", "日本 🙂", "\x1b[31mred", '"q""q"']
    names += ["n" * 10_000, "n" * 10_001]
    done, found = imported(store, tmp_path, ",".join(["step", "loss", *names]) + "\n1" + ",2" * 9 + "\n", "ø 损失.csv")
    assert len(found) == 9 and {"a/b/c", "[red]x[/red]", "'; DROP TABLE runs; --", "日本 🙂", 'q"q'} <= set(found)
    assert max(map(len, found)) <= 200 and not any("\x1b" in name for name in found)
    assert done.run.name == "ø 损失" and store.check() == []


def test_a_file_name_that_is_no_utf_8(store, tmp_path):
    path = tmp_path / "a\udcff.csv"
    path.write_text("step,loss\n1,2\n")
    done = bring(store, path)
    assert store.run(done.run.id).name == "a?" and bring(store, path).points == 0


def test_huge_integers(store, tmp_path):
    _, found = imported(store, tmp_path, f"step,loss,big\n1,2,{2**63}\n2,3,{'9' * 5000}\n")
    assert found["big"] == ([1, 2], [float(2**63), math.inf])


@pytest.mark.parametrize("text", ["step,loss\n", "step,loss\nx,y\n", "loss,phase\n,warm\n"])
def test_no_number_is_a_sentence_and_no_run(store, tmp_path, text):
    with pytest.raises(StoreError, match="no number to import"):
        imported(store, tmp_path, text)
    assert store.runs() == []


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "1,2\n3,4\n", "\n\n", "words\n", "question,answer\nwhat,that\n"])
def test_other_tables_are_not_taken_for_logs(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    sources, refused = find([tmp_path])
    assert sources == [] and len(refused) == 1


def test_pieces_join_without_a_seam(store, tmp_path, monkeypatch):
    rows = [f"{s},{math.sqrt(s)!r},{'' if s % 3 else s}" for s in range(3000)]
    whole, found = imported(store, tmp_path, "step,loss,x\n" + "\n".join(rows) + "\n")
    monkeypatch.setattr(lines, "PIECE", 1000)
    small, again = imported(store, tmp_path, "step,loss,x\n" + "\n".join(rows) + "\n", "b.csv")
    assert found == again and found["loss"] == (list(range(3000)), [math.sqrt(s) for s in range(3000)])
    assert whole.points == small.points


def test_lightning_csv_with_its_hyper_parameters(store, tmp_path):
    folder = unpacked("lightning_csv", tmp_path / "csv")
    run = store.run(bring(store, folder / "version_0" / "metrics.csv").run.id)
    found = points(store, run.id)
    assert run.name == "version_0" and run.config == {"width": 4, "optim": "adamw"}
    assert found["loss"][0] == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23] and found["val_loss"][0] == [7, 15, 23]
    assert set(map(float, found[("lr", "0")][1])) == {1e-3, 5e-4, 2.5e-4}
