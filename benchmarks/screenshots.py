"""Make the README's picture: the Run page of a short demo run, or of a run that there is.

    python -m benchmarks.screenshots [--store runs.db] [--run NAME_OR_ID] [--steps 1200] [--out docs/run.png] [--dark]

Without --store it first trains the demo's model for --steps steps (a few minutes on two cores), with a fixed seed.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = {"width": 1280, "height": 1250}


def picture(store: Path, out: Path, run: str | None = None, dark: bool = False) -> None:
    """Serves the store, opens the Run page in Chromium and writes what it shows to `out`."""
    from playwright.sync_api import sync_playwright

    from db import Store
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
            page = browser.new_page(viewport=SIZE, color_scheme="dark" if dark else "light", device_scale_factor=1.5)
            page.goto(f"http://127.0.0.1:{port}/Run" + (f"?run={chosen}" if chosen else ""))
            page.locator(".st-key-charts canvas").first.wait_for(timeout=60_000)
            page.wait_for_timeout(3000)
            out.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=out)
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


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
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "run.png")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder) / "runs.db"
        if options.store is None:
            train = [sys.executable, "-m", "collectors.demo", "--steps", str(options.steps), "--store", str(store)]
            subprocess.run([*train, "--name", "demo, 1M parameters", "--seed", "0"], cwd=ROOT, check=True)
        picture(store, options.out, options.run, options.dark)
    print(options.out)


if __name__ == "__main__":
    main()
