"""`python -m barograph.dashboard.analysis.measures` on tables as people write them; one sentence where it cannot."""

import json

import pytest

from tests.dashboard.analysis.measures.tables import BOUNDARIES, LINES, run, write


def test_marked_lines_are_boundaries_too(tmp_path, capsys):
    plain = run([*write(tmp_path), "--json"], capsys)
    marks = "# accuracies of seed 3\n" + "".join(f"# {line}\n" for line in BOUNDARIES.splitlines())
    assert run([*write(tmp_path, None, marks), "--json"], capsys) == plain


def test_a_task_that_never_ends_is_still_being_learned(tmp_path, capsys):
    status, out, _ = run([*write(tmp_path, BOUNDARIES.replace("200", "")), "--json"], capsys)
    assert status == 0
    assert "task 'b' never ends: it counts as still being learned at step 200" in json.loads(out)["notes"]


def test_further_columns_are_other_metrics(tmp_path, capsys):
    lines = {"header": "step,task,accuracy,loss"}
    rows = [(0, "a", 0.1, 5), (0, "b", 0.1, 5), (100, "a", 0.9, 2), (100, "b", 0.2, 4), (200, "a", 0.8, 3)]
    rows += [(200, "b", 0.9, "")]
    lines |= {name: "" for name in LINES if name != "header"}
    lines |= {str(row): ",".join(map(str, row)) for row in rows}
    _, out, _ = run([*write(tmp_path, **lines), "--json"], capsys)
    assert json.loads(out)["measures"]["loss_forgetting"]["value"] == 1.0


@pytest.mark.parametrize(
    ("other", "boundaries", "said"),
    [
        ({"b2": "200,c,0.88,1000,0"}, BOUNDARIES, "task 'c' is evaluated but no boundary names it: expected one of a"),
        ({}, BOUNDARIES + "c,200,300\n", "task 'c' of the boundaries is never evaluated"),
        ({"a2": "200,a,82,1000,0"}, BOUNDARIES, "step 200, task 'a': accuracy 82, expected a share between 0 and 1"),
        ({"a2": "101,a,0.82,1000,0"}, BOUNDARIES, "step 101, task 'a' is evaluated twice"),
        ({"a2": "200,a,much,1000,0"}, BOUNDARIES, "m.csv, line 7: accuracy is 'much', expected a number"),
        ({"a2": "2.5,a,0.8,1000,0"}, BOUNDARIES, "m.csv, line 7: step is '2.5', expected a whole number"),
        ({"a2": "inf,a,0.8,1000,0"}, BOUNDARIES, "m.csv, line 7: step is 'inf', expected a whole number"),
        ({"a2": "200,a,0.8"}, BOUNDARIES, "m.csv, line 7: 3 cells, expected 5 as in the header"),
        ({"a2": "200,,0.8,1000,0"}, BOUNDARIES, "m.csv, line 7: no task; expected its name"),
        ({"a2": "200,a,0.8,1000,2000"}, BOUNDARIES, "n = 1000 and n_invalid = 2000"),
        ({"header": "step,name,accuracy,n,n_invalid"}, BOUNDARIES, "no column 'task' in"),
        ({}, "task,start,end\na,0,100\nb,100,50\n", "task 'b' ends at step 50 before it begins at step 100"),
        ({}, "task,start,end\na,0,150\nb,100,200\n", "'b' begins at step 100, before 'a' ends at step 150"),
        ({}, "task,start,end\na,zero,100\n", "b.csv, line 2: 'a,zero,100' is no boundary"),
        ({}, None, "no task boundaries; give a second file"),
        (dict.fromkeys(LINES, ""), BOUNDARIES, "an empty table"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, capsys, other, boundaries, said):
    status, out, err = run(write(tmp_path, boundaries, **other), capsys)
    assert status == 1 and not out
    assert said in err and err.count("\n") == 1


def test_a_missing_file(tmp_path, capsys):
    status, _, err = run([str(tmp_path / "no.csv")], capsys)
    assert status == 1 and "no.csv cannot be read: No such file" in err
