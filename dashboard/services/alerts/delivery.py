"""Hands a message to the services that the settings name, through Apprise."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ....errors import BarographError
from .. import settings
from .message import one_line


class NotSent(BarographError):
    """A service did not take a message; `reached`: how many did."""

    def __init__(self, sentence: str, reached: int):
        super().__init__(sentence)
        self.reached = reached


def send(urls: Iterable[str], title: str, body: str, picture: Path | None = None) -> None:
    """Sends a message to every service. NotSent in one sentence where one of them did not take it."""
    try:
        import apprise
    except ImportError:
        raise NotSent("alerts need Apprise: pip install apprise", 0) from None
    reached, failed = 0, []
    attached = None if picture is None else str(picture)
    for url in urls:
        service, one = settings.service(url), apprise.Apprise()
        if not one.add(url):
            failed.append(f"{service}: not an address that Apprise understands")
            continue
        with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as captured:
            if one.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT, attach=attached):
                reached += 1
            else:
                lines = captured.getvalue().strip().splitlines()
                failed.append(f"{service}: {one_line(lines[0] if lines else 'no answer', 200)}")
    if failed:
        raise NotSent(f"an alert reached {reached} of {reached + len(failed)} services ({'; '.join(failed)})", reached)


def send_test(store: Path) -> str:
    """Sends a test message; a sentence that says where it went. SettingsError or NotSent where it went nowhere."""
    wanted = settings.read(store)
    if not wanted.urls:
        raise settings.SettingsError(f"nobody to alert: {wanted.file} names no services; put urls under [alerts]")
    where = f"\n{wanted.link}/Health" if wanted.link else ""
    send(wanted.urls, "Barograph: a test", f"Alerts of this store arrive here.{where}")
    return f"Sent to {', '.join(wanted.services)}."
