"""Hyper-parameters as trainers write them: YAML without its traps, and nothing in a file is followed or called."""

import math
import time

import pytest

from barograph.db.importers._machinery.hyperparameters import beside, parse, scalar


@pytest.mark.parametrize(
    "text, value",
    [
        ("1e-3", 1e-3), ("2E5", 2e5), ("0.1  # warm", 0.1), ("010", 10), ("-3", -3), ("true", True), ("None", None),
        ("~", None), ("", None), ("yes", "yes"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), (".inf", ".inf"),
        ("nan", "nan"), ("123456789012345678901234567890", "123456789012345678901234567890"), ("'1'", "1"),
        ("[1, 2e-4]", [1, 2e-4]), ('{"a": 1}', {"a": 1}),
    ],
)  # fmt: skip
def test_a_scalar_is_what_its_writer_meant(text, value):
    assert parse(f"x: {text}") == {"x": value}
    assert scalar(text) == value


def test_nested_mappings_and_lists():
    text = "a:\n  b:\n    c: 1\n  d: [x, 2e-4]\nl:\n- 1\n- {k: 1e5}\nq: 'it''s'\ne: {}\nf: []\n"
    found = {"a": {"b": {"c": 1}, "d": ["x", 2e-4]}, "l": [1, {"k": 1e5}], "q": "it's", "e": {}, "f": []}
    assert parse(text) == found


def test_the_last_of_two_values_counts_and_a_bad_line_is_passed_over():
    assert parse("a: 1\na: 2\nno mapping here\nb: 3\n\tc: 4\nd: 5") == {"a": 2, "b": 3, "d": 5}
    assert parse("a: 1\nb: [1,") == {"a": 1}
    assert parse("") == parse("- 1") == parse("just text") == parse("\x00") == {}


def test_no_tag_is_called_and_no_alias_followed(tmp_path):
    text = f"a: !!python/object/apply:os.mkdir ['{tmp_path}/called']\nb: !!python/object:foo.Bar\n  x: 1\n"
    text += "c: &c [1]\nd: *c\n"
    assert parse(text) == {"a": [f"{tmp_path}/called"], "b": {"x": 1}, "c": [1], "d": "*c"}
    assert not (tmp_path / "called").exists()


def test_hostile_files_cost_little():
    began = time.process_time()
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}]\n" for i in range(50))
    assert len(str(parse(bomb))) < 5000
    assert parse("[" * 100_000) == {}
    assert len(parse("".join(f"k{i}: {i}\n" for i in range(1_000_000)))) > 1000
    assert parse("x y\n" * 100_000) == {}
    assert time.process_time() - began < 30


def test_a_file_beside_a_log(tmp_path):
    assert beside(tmp_path / "metrics.csv") == {}
    (tmp_path / "hparams.yaml").write_bytes(b"lr: 1e-3\nname: \xff\n")
    found = beside(tmp_path / "metrics.csv")
    assert found["lr"] == 1e-3 and math.isfinite(found["lr"]) and found["name"] == "\ufffd"
    (tmp_path / "hparams.yaml").unlink()
    (tmp_path / "hparams.yaml").symlink_to("/etc/hostname")
    assert beside(tmp_path / "metrics.csv") == {}
