"""Runs every script behind a number of docs/explain/measured.md, or says which it does not run and why.

    python -m benchmarks [--quick] [--out DIR] [--data DIR] [--list]

What a script prints goes to DIR/<script>.json. `--quick` leaves out what trains for hours. What reads public curves
needs `--data DIR`, a folder of sets in the layout that each script describes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Script:
    """One call: its module and arguments, in which {out} and {data} are folders."""

    name: str
    call: str
    data: str = ""  # the part of the data that it reads
    hours: bool = False

    def obstacle(self, data: Path | None, quick: bool) -> str:
        """Why it is not run; empty where it is."""
        if self.hours and quick:
            return "trains for hours; without --quick it is run"
        if self.data and (data is None or not (data / self.data).exists()):
            return f"needs public data: --data DIR with {self.data}"
        return ""


SCRIPTS = (
    Script("store", "store --json"),
    Script("faults", "faults --json"),
    Script("importers", "importers --json"),
    Script("refresh", "refresh --json"),
    Script("instability-speed", "instability --speed --json"),
    Script("attention", "attention --json"),
    Script("overhead", "overhead --json"),
    Script("screenshots", "screenshots --out {out}/run.png"),
    Script("continual", "continual --out {out}/continual.db --quick --json"),
    Script("zoo", "zoo --out {out}/zoo.db", hours=True),
    Script("zoo-labels", "zoo.labels {out}/zoo.db", hours=True),
    Script("instability-zoo", "instability --zoo {out}/zoo.db --json", hours=True),
    Script("demo-runs", "demo_runs --out {out}/demo_runs", hours=True),
    Script("forecast-demo-runs", "forecast --curves {out}/demo_runs/validation --json", hours=True),
    Script("small-runs", "small_runs --out {out}/small_runs"),
    Script("forecast-small-runs", "forecast --curves {out}/small_runs --library same --json"),
    Script("instability-curves", "instability --curves {data}/step_logs --json", data="step_logs"),
    *(
        Script(f"forecast-{data}-{library}", f"forecast --curves {{data}}/{data} --library {library} --json", data)
        for data, library in (
            ("multi_power_law", "other"), ("multi_power_law", "none"),
            ("lr_schedules", "same"), ("lr_schedules", "other"), ("lr_schedules", "none"),
        )
    ),
    Script(
        "scaling-curves",
        "scaling --curves {data}/multi_power_law --law joint --predict-setup 400M --json",
        data="multi_power_law",
    ),
    Script(
        "scaling-table",
        "scaling --table {data}/final_losses/overtraining_104.csv --group rpj --law overtraining --holdout-above 3e19"
        " --json",
        data="final_losses/overtraining_104.csv",
    ),
)  # fmt: skip


def run(script: Script, out: Path, data: Path | None) -> str:
    """Runs it in a process of its own; what became of it."""
    module, *arguments = script.call.format(out=out, data=data).split()
    place = out / f"{script.name}.json"
    with open(place, "w") as file:
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *arguments], stdout=file)
    return f"in {place}" if done.returncode == 0 else f"failed with status {done.returncode}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="leave out what trains for hours")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for what the scripts print and make")
    parser.add_argument("--data", type=Path, help="the folder of public curves")
    parser.add_argument("--list", action="store_true", help="run nothing; say what would be run")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for script in SCRIPTS:
        obstacle = script.obstacle(options.data, options.quick)
        outcome = f"not run: {obstacle}" if obstacle else "" if options.list else run(script, options.out, options.data)
        failed += outcome.startswith("failed")
        print(f"{script.name:32} {outcome or 'python -m benchmarks.' + script.call}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
