"""Filters that try to write, to read elsewhere, to run for ever or to break the query."""

from __future__ import annotations

import hashlib
from pathlib import Path

from barograph.collectors import watch
from benchmarks.faults._support.processes import command
from benchmarks.faults._support.tally import Tally

FILTERS = (
    "1); DROP TABLE runs; --", "1; DELETE FROM runs", "'; DROP TABLE runs; --", "1 UNION SELECT sql FROM sqlite_master",
    "name = (SELECT sql FROM sqlite_master)", "exists (select 1 from sqlite_master)", "load_extension('x') = 1",
    "readfile('/etc/passwd') > ''", "writefile('x', 'y') > 0", "ATTACH DATABASE 'x' AS y", "PRAGMA writable_schema = 1",
    "randomblob(1000000000) > ''", "zeroblob(1000000000) > ''", "printf('%1000000000d', 1) > ''",
    "replace(name, '', 'x') > ''", "hex(randomblob(100000000)) > ''", "name like '%" + "a%" * 4000 + "'",
    "name glob '" + "*a" * 4000 + "'", "(" * 2000 + "1" + ")" * 2000, "1" + " or 1" * 3000, "final_loss <", "<", "=",
    "and", "final_loss < 3 and", "((final_loss", "'", '"', "`", "[", "--", "/*", "/* */ 1", "1 -- x", "\\", "\0",
    "a\0b = 1", "\x01", "name = '\ud800'", "ünïcode > 1", "😀 = 1", "config_ = 1", 'config_"x" = 1',
    "final_loss < 1e999",
    "final_loss < -9223372036854775809", "abs(-9223372036854775808) > 0", "substr(name, -1e18, 1e18) > ''",
    "with recursive r(x) as (select 1 union all select x + 1 from r) select x from r", "rowid = 1",
    "id in (select id from runs, runs as a, runs as b)", "max(final_loss) > 1",
)  # fmt: skip


def attack(folder: Path, quick: bool) -> Tally:
    path, tally = folder / "runs.db", Tally()
    for name in ("first", "second"):
        with watch(store=path, name=name) as run:
            run.log(loss=1.0, step=1)
    before = hashlib.sha256(path.read_bytes()).digest()
    for text in FILTERS[::6] if quick else FILTERS:
        status, shown = command("runs", "--where", text, "--store", path)
        same = hashlib.sha256(path.read_bytes()).digest() == before
        tally.count(status in (0, 1, 2) and same, f"{text[:60]!r}: status {status}: {shown[-200:]}")
    return tally
