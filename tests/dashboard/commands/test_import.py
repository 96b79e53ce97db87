"""`barograph import`: what became of each file, and what is refused."""

from barograph.db import Store
from tests.dashboard.commands.asking import ask


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
