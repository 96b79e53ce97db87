"""Attacks with real faults, and what came of each.

    python -m benchmarks.faults [--quick] [--json] [NAME ...]

Of each attack: how often it was tried, how often all held, values that `log` had returned for and that are gone without
a word, and values that are shown wrong without a word. What a machine does not allow (another user, a file system of
its own) is named and left out. `--quick` tries each a few times, in about a minute.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import pkgutil
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import faults
from benchmarks.faults._support.tally import Attack

NOT_ATTACKS = ("command", "__main__", "_support")


def attacks() -> dict[str, Attack]:
    """Every attack by the name of its file."""
    modules = [found.name for found in pkgutil.walk_packages(faults.__path__, f"{faults.__name__}.") if not found.ispkg]
    paths = {path.rpartition(".")[2]: path for path in modules if not {*path.split(".")} & {*NOT_ATTACKS}}
    return {name: importlib.import_module(path).attack for name, path in sorted(paths.items())}


def tried(name: str, quick: bool) -> dict[str, object]:
    """What came of an attack, in a folder of its own that every user may enter."""
    warnings.simplefilter("ignore")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        Path(folder).chmod(0o755)
        found = attacks()[name](Path(folder), quick).figures()
    return found | {"seconds": round(time.monotonic() - began, 1)}


def main(arguments: list[str] | None = None) -> int:
    known = attacks()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="try each a few times")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - known.keys()):
        parser.error(f"{', '.join(unknown)}: expected some of {', '.join(known)}")
    found: dict[str, dict[str, object]] = {}
    for name in options.names or known:
        # each in a process of its own, forked from this one that runs none: attacks fork again, and a fork would take
        # over the locks of threads that an earlier attack has left
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as fresh:
            found[name] = fresh.submit(tried, name, options.quick).result()
        print(f"{name:18} {found[name]}", file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps(found, indent=2))
    return int(any(one["held"] != one["tried"] for one in found.values()))
