"""A folder that is followed: logs appear, grow, are renamed, rotated, cut and deleted."""

from __future__ import annotations

import os
import sqlite3
import threading
import time

import numpy as np
import pytest

from barograph.db import Store
from barograph.db.importers import Folder, json_lines
from barograph.db.places.process import SILENT_SECONDS
from tests.db.importers.test_every_format import NAMES
from tests.db.importers.written import LOSS, WRITERS, bring


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "store" / "runs.db") if (tmp_path / "store").mkdir() is None else None
    yield opened
    opened.close()


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def loss(store, name: str) -> list[float]:
    return store.series(store.run(name).id, "loss").values.tolist()


def lines(n: int, first: int = 0) -> str:
    return "".join(f'{{"step": {s}, "loss": {float(LOSS[s])!r}, "lr": 0.1}}\n' for s in range(first, n))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_log_of_any_format_appears_and_grows(store, logs, name):
    (logs / "my-run").mkdir()
    folder = Folder(store, logs)
    assert folder.look() == 0 and store.runs() == []
    for n in (120, 200):
        path = WRITERS[name](logs / "my-run" / NAMES[name], n)
        assert folder.look() > 0
        (run,) = [run for run in store.runs() if run.name == "my-run"]
        found = len(store.series(run.id, "loss"))
        assert n - 20 < found < n + 5  # the last record of a binary file is cut
    assert folder.look() == 0 and found == 200
    assert bring(store, path).points == 0


def test_only_what_changed_is_looked_at(store, logs):
    (logs / "a.jsonl").write_text(lines(10))
    (logs / "b.jsonl").write_text(lines(10))
    folder = Folder(store, logs)
    folder.look()
    for name in "ab":
        (logs / f"{name}.jsonl").write_text(lines(20))
    folder.look([logs / "b.jsonl"])
    assert (len(loss(store, "a")), len(loss(store, "b"))) == (10, 20)


def test_a_growing_log_is_a_running_run_and_a_silent_one_has_ended(store, logs):
    now = [time.time()]
    folder = Folder(store, logs, clock=lambda: now[0])
    (logs / "a.jsonl").write_text(lines(10))
    (logs / "old.jsonl").write_text(lines(10))
    os.utime(logs / "old.jsonl", (now[0] - 1e4, now[0] - 1e4))
    folder.look()
    assert {run.name: run.state for run in store.runs()} == {"a": "running", "old": "finished"}
    assert store.run("a").ended is None
    now[0] += SILENT_SECONDS + 1
    folder.look()
    ended = store.run("a")
    assert ended.state == "finished" and abs(ended.ended - (logs / "a.jsonl").stat().st_mtime) < 1
    now[0] = time.time()
    (logs / "a.jsonl").write_text(lines(20))
    folder.look()
    assert store.run("a").state == "running" and len(loss(store, "a")) == 20


def test_logs_that_have_not_changed_are_not_read_again_by_the_next_server(store, logs, monkeypatch):
    for name in ("a", "b"):
        (logs / f"{name}.jsonl").write_text(lines(10))
        os.utime(logs / f"{name}.jsonl", (1e9, 1e9))
    Folder(store, logs).look()
    with open(logs / "b.jsonl", "a") as file:
        file.write(lines(20, 10))
    read = []
    real = json_lines.read
    monkeypatch.setattr(json_lines, "read", lambda paths, meter: read.append(paths[0].name) or real(paths, meter))
    folder = Folder(store, logs)
    for _ in range(3):
        folder.look()
    assert read == ["b.jsonl"] and {one.run.name for one in folder.logs.values()} == {"a", "b"}
    with open(logs / "a.jsonl", "a") as file:
        file.write(lines(30, 10))
    folder.look()
    assert len(loss(store, "a")) == 30 and store.run("a").state == "running"


def test_a_run_short_of_its_plan_was_stopped(store, logs):
    now = [time.time()]
    folder = Folder(store, logs, clock=lambda: now[0])
    WRITERS["text_logs"](logs / "half.txt", 200)  # of 400
    folder.look()
    assert store.run("half").state == "running" and store.run("half").steps_planned == 400
    now[0] += SILENT_SECONDS + 1
    folder.look()
    assert store.run("half").state == "stopped"


def test_a_followed_run_nobody_follows_any_more_reads_as_stopped(store, logs):
    (logs / "a.jsonl").write_text(lines(10))
    Folder(store, logs).look()
    with sqlite3.connect(store.path) as raw:
        raw.execute("UPDATE runs SET last_seen = last_seen - ?", (SILENT_SECONDS + 1,))
    assert store.run("a").state == "stopped"
    now = time.time() + SILENT_SECONDS + 1
    Folder(store, logs, clock=lambda: now).look()
    assert store.run("a").state == "finished"


def test_a_deleted_log_leaves_its_run_and_says_so_once(store, logs, caplog):
    (logs / "a.jsonl").write_text(lines(10))
    folder = Folder(store, logs)
    folder.look()
    (logs / "a.jsonl").unlink()
    for _ in range(3):
        folder.look()
    (one,) = folder.logs.values()
    assert "a.jsonl: is gone" in one.trouble and len(loss(store, "a")) == 10
    assert len([record for record in caplog.records if "is gone" in record.message]) == 1
    (logs / "a.jsonl").write_text(lines(15))
    folder.look()
    assert one.trouble == "" and len(loss(store, "a")) == 15


def test_a_renamed_log_goes_on_as_the_same_run(store, logs):
    writer = open(logs / "a.jsonl", "w")
    writer.write(lines(10))
    writer.flush()
    folder = Folder(store, logs)
    folder.look()
    (logs / "a.jsonl").rename(logs / "b.jsonl")
    folder.look()
    writer.write(lines(20, 10))
    writer.close()
    folder.look()
    assert [run.name for run in store.runs()] == ["a"] and loss(store, "a") == LOSS[:20].tolist()


def test_a_rotated_log_goes_on_as_the_same_run(store, logs):
    folder = Folder(store, logs)
    for k in range(4):
        with open(logs / "a.jsonl", "w") as writer:
            writer.write(lines(50 * k + 25, 50 * k))
            writer.flush()
            folder.look()
            writer.write(lines(50 * k + 50, 50 * k + 25))  # between two looks, right before it is rotated
        (logs / "a.jsonl").rename(logs / f"a.jsonl.{k}")
    (logs / "a.jsonl").write_text("")
    folder.look()
    assert [run.name for run in store.runs()] == ["a"]
    assert loss(store, "a")[:150] == LOSS[:150].tolist() and store.check() == []


@pytest.mark.parametrize("kept", [0, 3])
def test_a_log_that_is_cut_and_grows_beyond_where_it_was_is_read_anew(store, logs, kept):
    path = logs / "a.jsonl"
    path.write_text(lines(10))
    folder = Folder(store, logs)
    folder.look()
    os.truncate(path, len(lines(kept)))
    with open(path, "a") as file:
        file.write(lines(200, 10))
    folder.look()
    assert loss(store, "a") == LOSS.tolist()


def test_another_file_with_the_number_of_a_deleted_one_is_another_run(store, logs):
    (logs / "a.jsonl").write_text(lines(10))
    folder = Folder(store, logs)
    folder.look()
    (logs / "a.jsonl").unlink()
    (logs / "b.jsonl").write_text("\n" + lines(20))  # most file systems give it the same number
    folder.look()
    assert {run.name: run.last_step for run in store.runs()} == {"a": 9, "b": 19}


def test_what_is_no_log_is_said_and_looked_into_again_when_it_changes(store, logs):
    (logs / "weights.bin").write_bytes(bytes(range(256)) * 1000)
    (logs / "a.csv").write_text("")
    (logs / ".hidden.csv").write_text("step,loss\n1,2\n")
    folder = Folder(store, logs)
    folder.look()
    assert {path.name for path in folder.no_logs} == {"weights.bin", "a.csv"} and store.runs() == []
    (logs / "a.csv").write_text("step,loss\n1,2\n")
    folder.look()
    assert {path.name for path in folder.no_logs} == {"weights.bin"} and loss(store, "a") == [2.0]


def test_the_store_itself_is_never_opened(tmp_path, monkeypatch):
    with Store(tmp_path / "runs.db")._database.engine.connect():
        (tmp_path / "a.csv").write_text("step,loss\n1,2\n")
        (tmp_path / "link.db").symlink_to(tmp_path / "runs.db")
        store = Store(tmp_path / "runs.db")
        folder = Folder(store, tmp_path)
        folder.look()
        assert [run.name for run in store.runs()] == ["a"] and not folder.no_logs


def test_a_link_out_of_the_folder_is_not_followed(store, logs, tmp_path):
    (tmp_path / "private.jsonl").write_text(lines(10))
    (logs / "own.jsonl").write_text(lines(10))
    (logs / "link.jsonl").symlink_to(tmp_path / "private.jsonl")
    (logs / "near.jsonl").symlink_to(logs / "own.jsonl")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "more.jsonl").write_text(lines(10))
    (logs / "folder").symlink_to(tmp_path / "elsewhere")
    folder = Folder(store, logs)
    folder.look()
    folder.look([logs / "link.jsonl", logs / "folder" / "more.jsonl"])
    assert [run.name for run in store.runs()] == ["own"]
    assert "link out of the folder" in folder.no_logs[logs / "link.jsonl"]
    (logs / "own.jsonl").unlink()
    (logs / "own.jsonl").symlink_to(tmp_path / "private.jsonl")
    (tmp_path / "private.jsonl").write_text(lines(20))
    folder.look()
    assert len(loss(store, "own")) == 10 and "link out" in next(iter(folder.logs.values())).trouble


def test_a_broken_log_says_so_once_and_the_others_go_on(store, logs, caplog):
    (logs / "bad.jsonl").write_bytes(lines(10).encode() + b"\xff\xfe rubbish\n")
    (logs / "good.jsonl").write_text(lines(10))
    folder = Folder(store, logs)
    for n in (20, 30):
        folder.look()
        (logs / "good.jsonl").write_text(lines(n))
    folder.look()
    assert len(loss(store, "good")) == 30 and len(loss(store, "bad")) == 10
    (trouble,) = [one.trouble for one in folder.logs.values() if one.trouble]
    assert "line 11" in trouble and len([r for r in caplog.records if "bad.jsonl" in r.message]) == 1


def test_whatever_happens_to_logs_while_they_are_followed(store, logs):
    """Writers in threads; the renames and cuts come in any order, and at the end every run is what its log says."""
    ended = threading.Event()

    def write(name: str) -> None:
        path = logs / f"{name}.jsonl"
        for n in range(0, 200, 5):
            with open(path, "a") as file:
                file.write(lines(n + 5, n))
            time.sleep(0.005)
            if name == "deleted" and n == 100:
                path.unlink()
            if name == "cut" and n == 100:
                os.truncate(path, 300)
            if name == "rotated" and n in (60, 120):
                path.rename(logs / f"rotated.jsonl.{n}")

    writers = [threading.Thread(target=write, args=(n,)) for n in ("plain", "deleted", "cut", "rotated")]
    folder = Folder(store, logs)
    for thread in writers:
        thread.start()
    while any(thread.is_alive() for thread in writers):
        folder.look()
    ended.set()
    folder.look()
    folder.look()
    assert loss(store, "plain") == LOSS.tolist()
    for name in ("deleted", "cut", "rotated"):
        found = store.series(store.run(name).id, "loss")
        assert np.isin(found.steps, np.arange(200)).all() and found.values[-1] == LOSS[199]
        assert np.array_equal(found.values, LOSS[found.steps])
    assert store.check() == []
