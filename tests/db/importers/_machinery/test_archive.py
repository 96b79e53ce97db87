"""Archives that lie about names and sizes: what comes out stays in its folder and below the limits."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile

import pytest

from barograph.db.importers._machinery import archive
from barograph.errors import StoreError


def zipped(path, members: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def found(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", [
    "../out.csv", "/out.csv", "a/../../out.csv", "..\\..\\out.csv", "C:\\out.csv", "C:/out.csv", "/", "..",
])  # fmt: skip
def test_a_name_that_leads_out_stays_behind(tmp_path, name):
    path = zipped(tmp_path / "a.zip", {name: b"step,loss\n", "in/good.csv": b"step,loss\n"})
    left = archive.unpack(path, tmp_path / "in" / "side")
    assert len(left) == (not name.endswith("/")) and found(tmp_path / "in" / "side") == {"in/good.csv"}
    assert found(tmp_path) == {"a.zip", "in/side/in/good.csv"}


def test_links_and_devices_stay_behind(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as out:
        for name, kind in (("soft", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            out.addfile(member)
        member = tarfile.TarInfo("soft/../../evil")
        out.addfile(member, io.BytesIO())
        member = tarfile.TarInfo("good.csv")
        member.size = 4
        out.addfile(member, io.BytesIO(b"step"))
    assert archive.is_archive(tmp_path / "a.tar.gz")
    left = archive.unpack(tmp_path / "a.tar.gz", tmp_path / "out")
    assert len(left) == 4 and os.listdir(tmp_path / "out") == ["good.csv"]


def test_a_bomb_ends_at_the_limit_whatever_it_says_of_its_size(tmp_path):
    path = zipped(tmp_path / "bomb.zip", {"a.csv": bytes(30_000_000)})
    assert path.stat().st_size < 100_000
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    for out in ("plain", "lying"):
        if out == "lying":
            data[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the size that it says it has
            path.write_bytes(data)
        with pytest.raises(StoreError, match="more than 5 MB|cannot be read"):
            archive.unpack(path, tmp_path / out, most_bytes=5_000_000)
        assert sum(file.stat().st_size for file in (tmp_path / out).rglob("*")) <= 5_000_000 + 4096


def test_too_many_files_end_at_the_limit(tmp_path):
    path = zipped(tmp_path / "a.zip", {f"{k}.csv": b"" for k in range(200)})
    with pytest.raises(StoreError, match="more than 100 files"):
        archive.unpack(path, tmp_path / "out", most_files=100)


def test_a_file_where_a_folder_should_be(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a": b"1", "a/b.csv": b"2", "c/d": b"3", "c": b"4"})
    assert len(archive.unpack(path, tmp_path / "out")) == 2 and found(tmp_path / "out") == {"a", "c/d"}


@pytest.mark.parametrize("cut", [30, 200, 900])
def test_a_torn_archive_is_a_sentence(tmp_path, cut):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as out:
        member = tarfile.TarInfo("a.csv")
        member.size = 100_000
        out.addfile(member, io.BytesIO(os.urandom(100_000)))
    path = tmp_path / "b.tar.gz"
    path.write_bytes((tmp_path / "a.tar.gz").read_bytes()[: cut * 100])
    with pytest.raises(StoreError, match=r"b.tar.gz: the archive cannot be read"):
        archive.unpack(path, tmp_path / "out")


def test_a_password_is_a_sentence(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": b"step"})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + at] |= 1  # encrypted
    path.write_bytes(data)
    with pytest.raises(StoreError, match="cannot be read .*password"):
        archive.unpack(path, tmp_path / "out")
