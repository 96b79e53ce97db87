"""Which folders lie on a file system that several hosts share."""

from pathlib import Path

import psutil
import pytest

from barograph.db.places.file_system import file_system, on_network

MOUNTS = """\
/dev/vda / ext4 rw 0 0
nas:/home /home nfs4 rw 0 0
/dev/vdb /home/local ext4 rw 0 0
lustre@tcp:/w /work\\040space lustre rw 0 0
sshfs /mnt/s fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    "folder, remote",
    [
        ("/root", False), ("/home", True), ("/home/me", True), ("/homes", False), ("/home/local/runs", False),
        ("/work space/me", True), ("/mnt/s/x", True),
    ],
)  # fmt: skip
def test_the_mounts_say_what_is_a_network(tmp_path, monkeypatch, folder, remote):
    monkeypatch.delenv("BAROGRAPH_NETWORK", raising=False)
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "mounts").write_text(MOUNTS)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    assert on_network(Path(folder) / "runs.db") is remote


def test_without_mounts_to_read_a_folder_counts_as_local(tmp_path, monkeypatch):
    monkeypatch.delenv("BAROGRAPH_NETWORK", raising=False)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    assert file_system(tmp_path) == "" and not on_network(tmp_path / "runs.db")
