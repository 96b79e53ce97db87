"""Members of a folder are found by being there, support modules are not, and two of one name are refused."""

from __future__ import annotations

import sys

import pytest

from barograph.plugins import members, modules


class Member:
    def __init__(self, name: str):
        self.name = name


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Writes the files of a package `some_plugins`, path -> code, and says its name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "the_kind", sys.modules[__name__])

    def written(files: dict[str, str]) -> str:
        for name, code in {"__init__": "", **files}.items():
            path = tmp_path / "some_plugins" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"from the_kind import Member\n{code}")
        return "some_plugins"

    yield written
    for name in [name for name in sys.modules if name.startswith("some_plugins")]:
        del sys.modules[name]


def test_members_of_files_and_folders_are_sorted_by_name(folder):
    package = folder({
        "b": "two = Member('b')\none = Member('a')\nother = 7", "deep/__init__": "", "deep/x": "c = Member('c')",
    })  # fmt: skip
    assert list(members(package, Member)) == ["a", "b", "c"]


def test_support_is_no_member(folder):
    package = folder({"_support": "hidden = Member('hidden')", "a": "a = Member('a')"})
    assert [module.__name__ for module in modules(package)] == ["some_plugins.a"]
    assert list(members(package, Member)) == ["a"]


def test_a_member_that_another_module_imports_is_the_same_one(folder):
    package = folder({"a": "a = Member('a')", "b": "from some_plugins.a import a"})
    assert list(members(package, Member)) == ["a"]


def test_two_of_one_name_are_refused(folder):
    package = folder({"a": "a = Member('same')", "b": "b = Member('same')"})
    with pytest.raises(ValueError, match="two members of some_plugins are called 'same'; rename one of them"):
        members(package, Member)
