"""The Import page: files are read, shown with what would become of them, and imported when confirmed."""

from __future__ import annotations

import io
import tarfile
import zipfile

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from barograph.db import Store
from tests.dashboard.web.seen import spoken
from tests.db.importers.written import LOSS, write_csv, write_jsonl

PAGE = "pages/08_Import.py"
HOSTILE = "<img src=x onerror=alert(1)>'; DROP TABLE runs; --"


def csv(tmp_path, n: int = 200) -> bytes:
    return write_csv(tmp_path / "made.csv", n).read_bytes()


def runs(tmp_path) -> dict[str, int | None]:
    if not (tmp_path / "runs.db").exists():
        return {}
    return {run.name: run.last_step for run in Store(tmp_path / "runs.db").runs()}


def commit(test: AppTest) -> AppTest:
    next(button for button in test.button if button.label.startswith("Import ")).click().run()
    assert not test.exception
    return test


def box(test: AppTest, label: str):
    return next(each for each in test.selectbox if each.label == label)


def test_a_log_is_shown_and_imported_when_it_is_said(app, tmp_path):
    test = app(("my-run.csv", csv(tmp_path)))
    said = spoken(test)
    assert "my-run.csv" in said and " numbers, " in said and "up to step 199" in said
    assert runs(tmp_path) == {}, "nothing is written before the button is pressed"
    assert box(test, "Loss").value and box(test, "Learning rate").value and box(test, "Step").value
    commit(test)
    assert "run my-run" in spoken(test) and runs(tmp_path) == {"my-run": 199}
    assert not list((tmp_path / "runs.db.uploads").glob("*"))
    store = Store(tmp_path / "runs.db")
    assert np.allclose(store.series(store.run("my-run").id, "loss").values, LOSS)


def test_a_grown_log_goes_on_with_its_run_and_another_of_its_name_does_not(app, tmp_path):
    commit(app(("metrics.csv", csv(tmp_path, 100))))
    test = app(("metrics.csv", csv(tmp_path, 150)))
    assert "Continues the run" in spoken(test)
    commit(test)
    assert list(runs(tmp_path).values()) == [149]
    test = app(("metrics.csv", b"step,train/loss,lr\n0,9.5,1\n1,9.25,1\n"))
    assert "Continues the run" not in spoken(test)
    commit(test)
    assert sorted(runs(tmp_path).values()) == [1, 149]


def test_roles_can_be_changed_and_columns_left_out(app, tmp_path):
    rows = "".join(f"{i},{9 - i / 50},{i / 7},{i % 3},{'abc'}\n" for i in range(100))
    test = app(("a-run.csv", f"n,loss,my_score,junk,words\n{rows}".encode()))
    assert "no numbers: words" in spoken(test) and box(test, "Step").value is None
    box(test, "Step").set_value("n")
    box(test, "Loss").set_value("my_score")
    test.multiselect[0].set_value(["junk"])
    test.text_input[0].set_value("called otherwise").run()
    commit(test)
    store = Store(tmp_path / "runs.db")
    run = store.run("called otherwise")
    assert run.last_step == 99
    assert np.allclose(store.series(run.id, "loss").values, np.arange(100) / 7)
    assert set(store.signals(run.id)) == {"loss", "loss (column)"}


@pytest.mark.parametrize(("name", "content", "says"), [
    ("empty.csv", b"", "empty"),
    ("weights.bin", bytes(range(256)) * 500, "no log that can be imported"),
    ("torn.parquet", b"PAR1" + b"x" * 1000, "parquet"),
    ("latin.csv", "schritt;verlust\n1;2\n".encode("utf-16"), "no log"),
    ("bomb.tar", b"", "empty"),
    ("half.zip", b"PK\x03\x04" + b"x" * 100, "no log"),
    ("pickle.pkl", b"\x80\x04cos\nsystem\n(S'touch /tmp/never'\ntR.", "no log"),
])  # fmt: skip
def test_what_is_no_log_is_a_sentence(app, tmp_path, name, content, says):
    test = app((name, content))
    assert says in spoken(test).lower() and not [b for b in test.button if b.label.startswith("Import ")]
    assert runs(tmp_path) == {}


def test_damage_is_shown_and_the_rest_imported(app, tmp_path):
    test = app(("torn.jsonl", write_jsonl(tmp_path / "made.jsonl").read_bytes() + b'{"step": 200, "lo'))
    assert "Damaged: reading stopped at line 206" in spoken(test)
    commit(test)
    assert runs(tmp_path) == {"torn": 199}


def test_an_archive_gives_its_logs_and_keeps_to_its_folder(app, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("runs/one/metrics.csv", csv(tmp_path))
        archive.writestr("runs/two/metrics.csv", csv(tmp_path, 100))
        archive.writestr("../../../escaped.csv", csv(tmp_path))
    test = app(("all.zip", packed.getvalue()))
    assert "escaped.csv: stays in all.zip" in spoken(test)
    commit(test)
    assert runs(tmp_path) == {"one": 199, "two": 99}
    assert not list(tmp_path.parent.rglob("escaped.csv"))


def test_hostile_names_are_inert(app, tmp_path):
    content = f'step,loss,"{HOSTILE}"\n' + "".join(f"{i},{5 - i},{i}\n" for i in range(5))
    test = app((f"../..\\{HOSTILE}.csv", content.encode()), (".", content.encode()), ("a" * 400 + ".csv", b"x"))
    for kind in (test.caption, test.markdown, test.warning):
        for element in kind:
            assert "<img" not in element.value.replace("\\<", "")
    commit(test)
    assert len(runs(tmp_path)) == 2 and Store(tmp_path / "runs.db").check() == []


def test_a_store_that_is_none_is_a_sentence(app, tmp_path):
    (tmp_path / "runs.db").write_text("a letter " * 1000)
    assert "not an SQLite database" in spoken(app(("a.csv", csv(tmp_path))))


def test_two_dozen_logs_at_once(app, tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for k in range(24):
            member = tarfile.TarInfo(f"run-x{k}.csv")
            member.size = len(content := b"step,loss\n1,%d\n2,1\n" % k)
            archive.addfile(member, io.BytesIO(content))
    test = app(("all.tar.gz", packed.getvalue()))
    assert "24 logs; the first 20 are shown" in spoken(test)
    commit(test)
    assert len(runs(tmp_path)) == 24
