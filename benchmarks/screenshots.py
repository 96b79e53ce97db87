"""Make the README's picture: the Run page of a short demo run, or of a run that there is.

    python -m benchmarks.screenshots [--store runs.db] [--run NAME_OR_ID] [--steps 2500] [--out docs/run.png] [--dark]

Without --store it trains the demo's model with a fixed seed and takes the picture on the way (minutes on two cores).
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = {"width": 1280, "height": 1680}


def picture(store: Path, out: Path, run: str | None = None, dark: bool = False) -> None:
    """Serves the store, opens the Run page in Chromium and writes what it shows to `out`."""
    from playwright.sync_api import sync_playwright

    from barograph.db import Store
    from tests import chromium

    chosen = Store(store, create=False).run(run).id if run else None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = {**os.environ, "BAROGRAPH_STORE": str(store.resolve())}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, **quiet)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        with sync_playwright() as play:
            flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            browser = play.chromium.launch(executable_path=chromium.find(), args=flags)
            page = browser.new_page(viewport=SIZE, color_scheme="dark" if dark else "light", device_scale_factor=1.25)
            page.goto(f"http://127.0.0.1:{port}/Run" + (f"?run={chosen}" if chosen else ""))
            page.locator(".st-key-charts canvas").first.wait_for(timeout=60_000)
            page.wait_for_timeout(3000)
            out.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=out)
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def training(store: Path, steps: int, share: float = 0.55) -> Iterator[Path]:
    """A demo run that has come `share` of its way and goes on."""
    from barograph.db import Store

    command = [
        sys.executable,
        "-m",
        "barograph.collectors.demo",
        "--steps",
        str(steps),
        "--store",
        str(store),
        "--seed",
        "0",
    ]
    trains = subprocess.Popen([*command, "--name", "demo, 1M parameters"], cwd=ROOT)
    try:
        while not (store.exists() and (Store(store).runs()[0].last_step or 0) >= share * steps):
            if trains.poll() is not None:
                raise SystemExit("the demo run ended early; try `python -m barograph.collectors.demo`")
            time.sleep(1)
        yield store
    finally:
        trains.terminate()
        trains.wait(timeout=30)


def wait_for(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"the dashboard did not answer at {address}; try `streamlit run app.py`")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path)
    parser.add_argument("--run")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "run.png")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    if options.store:
        picture(options.store, options.out, options.run, options.dark)
    else:
        with tempfile.TemporaryDirectory() as folder, training(Path(folder) / "runs.db", options.steps) as store:
            picture(store, options.out, dark=options.dark)
    print(options.out)


if __name__ == "__main__":
    main()
