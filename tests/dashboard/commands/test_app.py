"""The command `barograph`: what it says, what it leaves behind, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import barograph
from barograph.dashboard.commands._app import app
from barograph.db import Run, RunWriter, Store

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The path of a store with two runs, in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs.db"
    opened = Store(path)
    steps = np.arange(1500)
    first = Run("id-a", "[red]a[/red]", state="finished", started=1e9, ended=1e9 + 7300, steps_planned=1500)
    opened.append(first, {"loss": (steps, 3 - steps / 1000), ("lr", "0"): (steps, steps / 1e6)})
    opened.append(Run("id-b", "b\x1b[31m", state="diverged", started=2e9), {"loss": ([0, 1], [1.0, float("nan")])})
    opened.close()
    return path


def ask(*words: object, **options):
    return CliRunner().invoke(app, [str(word) for word in words], **options)


def test_every_command_explains_itself():
    listed = ask("--help").stdout
    for name in ("serve", "demo", "runs", "import", "export", "check", "delete"):
        told = ask(name, "--help")
        assert name in listed and told.exit_code == 0 and "--store" in told.stdout


@pytest.mark.parametrize("words", [["runs"], ["check"], ["export", "x", "--csv", "x.csv"], ["delete", "x", "--yes"]])
def test_no_store_is_one_sentence(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = ask(*words)
    assert done.exit_code == 1 and done.stdout == "" and "no store at" in done.stderr and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["runs"], ["check"], ["serve"], ["demo"], ["import", "log.csv"]])
def test_a_file_that_is_no_store_is_one_sentence_and_stays(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs.db").write_text("not a database, but long enough to look like one" * 100)
    (tmp_path / "log.csv").write_text("step,loss\n1,2\n")
    before = (tmp_path / "runs.db").read_bytes()
    done = ask(*words)
    assert done.exit_code == 1 and "is not an SQLite database" in done.stderr and done.stderr.count("\n") == 1
    assert (tmp_path / "runs.db").read_bytes() == before


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["export", "x"], ["import"], ["serve", "--port", "0"], ["demo", "--steps", "0"]]
)
def test_wrong_usage_is_status_2(store, words):
    assert ask(*words).exit_code == 2


def test_runs_as_a_table(store):
    told = ask("runs").stdout
    assert "[red]a[/red]" in told and "\x1b" not in told and "id-b" in told
    line = next(line for line in told.splitlines() if "id-a" in line)
    assert "1,499 / 1,500" in line and "1.501" in line and "2 h 1 min" in line and "finished" in line


def test_runs_as_json(store, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_STORE", f"sqlite:///{store}")
    monkeypatch.chdir("/")
    newest, oldest = json.loads(ask("runs", "--json").stdout, parse_constant=lambda name: pytest.fail(name))
    assert newest["loss"] == "nan" and newest["state"] == "diverged"
    assert (oldest["id"], oldest["step"], oldest["seconds"], oldest["loss"]) == ("id-a", 1499, 7300, 1.501)


def test_runs_of_an_empty_store_says_how_to_begin(tmp_path):
    Store(tmp_path / "e.db").close()
    done = ask("runs", "--store", tmp_path / "e.db")
    assert done.exit_code == 0 and "barograph demo" in done.stdout and "--json" not in done.stdout
    assert json.loads(ask("runs", "--json", "--store", tmp_path / "e.db").stdout) == []


def test_import_says_what_became_of_each_file(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "good.csv").write_text("step,loss\n1,2\n2,1\n")
    (logs / "cut.jsonl").write_text('{"step": 1, "loss": 2}\n{"step": 2, "lo')
    (logs / "words.txt").write_text("hello\n")
    url = tmp_path / "runs.db"
    done = ask("import", logs, "--project", "p", "--store", url)
    assert done.exit_code == 0 and "words.txt: no log" in done.stderr
    assert "run good" in done.stdout and "reading stopped at line 2" in done.stdout
    assert {(run.name, run.project) for run in Store(url).runs()} == {("good", "p"), ("cut", "p")}
    again = ask("import", logs, "--store", url)
    assert again.stdout.count("nothing new") == 2 and len(Store(url).runs()) == 2


def test_import_of_nothing_is_status_1(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("step,loss\n")
    for path in ("empty.csv", "header.csv", "missing.csv"):
        done = ask("import", tmp_path / path, "--store", tmp_path / "runs.db")
        assert done.exit_code == 1 and path in done.stderr and done.stderr.count("\n") == 1
    assert Store(tmp_path / "runs.db").runs() == []


def test_import_with_a_name_is_for_one_log(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("step,loss\n1,2\n")
    assert ask("import", tmp_path / "a.csv", "--name", "mine", "--store", tmp_path / "runs.db").exit_code == 0
    assert Store(tmp_path / "runs.db").runs()[0].name == "mine"
    done = ask("import", tmp_path, "--name", "mine", "--store", tmp_path / "runs.db")
    assert done.exit_code == 2 and "--name" in done.stderr


def test_import_of_many_files_that_are_no_logs_is_short(tmp_path):
    for i in range(30):
        (tmp_path / f"{i}.txt").write_text("words")
    done = ask("import", tmp_path, "--store", tmp_path / "runs.db")
    assert done.exit_code == 1 and done.stderr.count("\n") == 11 and "20 more files" in done.stderr


def test_export(store, tmp_path):
    done = ask("export", "id-a", "--csv", "a.csv", "--parquet", "a.parquet", "--signal", "loss")
    assert done.exit_code == 0 and done.stdout.count("1,500 points of 1 series") == 2
    assert (tmp_path / "a.csv").read_text().splitlines()[:2] == ["step,loss", "0,3.0"]
    unknown = ask("export", "id-c", "--csv", "c.csv")
    assert unknown.exit_code == 1 and "did you mean" in unknown.stderr and not (tmp_path / "c.csv").exists()


def test_export_of_several_runs_is_a_folder_and_import_brings_them_back(store, tmp_path):
    done = ask("export", "id-a", "id-b", "id-a", "--jsonl", "out", "--tensorboard", "logs")
    names = {run.name for run in Store(store).runs()}
    assert done.exit_code == 0 and {path.name for path in (tmp_path / "logs").iterdir()} == {"red_a_red", "b_31m"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"red_a_red.jsonl", "b_31m.jsonl"}
    for place in ("out", "logs"):
        assert ask("import", place, "--store", f"{place}.db").exit_code == 0
        assert {run.name for run in Store(tmp_path / f"{place}.db").runs()} == names
    (tmp_path / "file").write_text("")
    failed = ask("export", "id-a", "id-b", "--csv", "file")
    assert failed.exit_code == 1 and "cannot write" in failed.stderr


def test_check_of_a_sound_store(store):
    done = ask("check")
    assert done.exit_code == 0 and "2 runs (1 diverged, 1 finished), 3 series, 3,002 points" in done.stdout
    assert "no problems found" in done.stdout


def test_check_of_a_damaged_store(store):
    opened = Store(store)
    with opened._database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE series SET n = n + 1 WHERE signal = 'lr'")
    opened.close()
    done = ask("check")
    assert done.exit_code == 1 and "lr" in done.stderr and "no problems" not in done.stdout


def test_delete_asks_first(store):
    assert ask("delete", "id-b", input="n\n").exit_code == 1
    assert ask("delete", "id-b").exit_code == 1  # nobody there to answer
    assert len(Store(store).runs()) == 2
    assert ask("delete", "id-b", input="y\n").exit_code == 0
    assert [run.id for run in Store(store).runs()] == ["id-a"]
    assert ask("delete", "[red]a[/red]", "--yes").exit_code == 0 and Store(store).runs() == []


def test_delete_of_a_name_that_several_have(store):
    Store(store).append(Run("id-c", "[red]a[/red]"), {"loss": ([0], [1])})
    done = ask("delete", "[red]a[/red]", "--yes")
    assert done.exit_code == 1 and "id-a" in done.stderr and "id-c" in done.stderr and len(Store(store).runs()) == 3


def test_delete_of_a_run_under_way(store):
    writer = RunWriter.open(store, Run("live", "live"))
    writer.points(0, ("loss",), [1.0])
    done = ask("delete", "live", "--yes")
    assert done.exit_code == 1 and "still being written" in done.stderr
    writer.close("finished")


def test_what_a_dead_writer_left_is_taken_in(store):
    code = f"""if True:
        import os
        from barograph.db import Run, RunWriter
        writer = RunWriter.open({str(store)!r}, Run("dead", "dead"))
        for step in range(100):
            writer.points(step, ("loss",), [1.0])
        os._exit(9)"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert "stopped" in next(line for line in ask("runs").stdout.splitlines() if "dead" in line)
    assert "3,102 points" in ask("check").stdout


def test_an_error_of_ours_is_not_hidden(store, monkeypatch):
    monkeypatch.setattr(Store, "runs", lambda self: int("no number"))
    assert isinstance(ask("runs").exception, ValueError)


def test_from_any_folder_without_torch(tmp_path):
    """The installed command, in a folder whose own `db`, `dashboard` and `collectors` must not be taken for ours."""
    for name in ("db", "dashboard", "collectors"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "log.csv").write_text("step,loss\n1,2\n")
    command = [str(Path(sys.executable).with_name("barograph"))]
    done = subprocess.run([*command, "import", "log.csv"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "1 points" in done.stdout and done.stderr == ""
    code = "import sys\nfrom barograph.dashboard.commands._app import app\n"
    code += "try: app(['runs', '--store', sys.argv[1]])\nfinally: print(*sys.modules)"
    words = [sys.executable, "-c", code, str(tmp_path / "runs.db")]
    loaded = subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout
    assert "log" in loaded and not {"torch", "streamlit", "pandas", "scipy", "altair"} & set(loaded.split())


def test_the_version_and_python_dash_m(tmp_path):
    assert ask("--version").stdout == f"barograph {barograph.__version__}\n"
    command = [sys.executable, "-m", "barograph", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"barograph {barograph.__version__}\n")
