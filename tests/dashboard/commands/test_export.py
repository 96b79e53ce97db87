"""`barograph export`: files that `barograph import` reads back."""

from barograph.db import Store
from tests.dashboard.commands.asking import ask


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
