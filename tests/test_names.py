"""No two things of one name: a reader who meets a class knows which."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.source_tree import classes, package_code

# What each member of a folder calls its own: a detector's work on one run, a framework's callback.
BY_MEMBER = {"Watch", "BarographCallback"}


def repeated(code: dict[Path, str]) -> set[str]:
    """Names that more than one public class bears."""
    counts = Counter(name.rsplit(".", 1)[-1] for _, name, _, _ in classes(code))
    return {name for name, count in counts.items() if count > 1 and not name.startswith("_")} - BY_MEMBER


def test_every_class_has_a_name_of_its_own():
    assert not repeated(package_code())


def test_the_check_can_fail():
    twice = {Path("db/a.py"): "class Plan: ...", Path("dashboard/b.py"): "class Plan: ...\nclass Watch: ..."}
    assert repeated(twice) == {"Plan"}
    assert not repeated({Path("db/a.py"): "class Watch: ...", Path("dashboard/b.py"): "class Watch: ..."})
