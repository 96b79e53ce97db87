"""By which names the server answers, and which pages may ask it.

A browser tells the name that it was given (`Host`) and the page that asks (`Origin`). A foreign page can have its own
name resolve to 127.0.0.1 (DNS rebinding), or ask 127.0.0.1 directly; it cannot change what the browser tells.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from ....errors import InvalidInput

VARIABLE = "BAROGRAPH_HOSTS"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?", re.IGNORECASE)
_NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]+", re.IGNORECASE)


def checked(names: Iterable[str]) -> list[str]:
    """The names that a user lets in, as they are compared: `gpu3`, `10.0.0.7`, or `*.example.org` for all below it.

    InvalidInput for what is no name: with a scheme or a port, or `*` alone, which would let every page in.
    """
    found = []
    for name in names:
        bare = name.strip().strip("[]").rstrip(".").lower()
        if not _NAME.fullmatch(bare):
            raise InvalidInput(f"--allow-host {name!r}: expected a name such as gpu3, 10.0.0.7 or *.example.org")
        found.append(bare)
    return found


def allowed_by_default() -> list[str]:
    """The names that `BAROGRAPH_HOSTS` lists, separated by spaces."""
    return checked(os.environ.get(VARIABLE, "").split())


def is_loopback(host: str) -> bool:
    """Whether a `Host` is a name of this machine for itself.

    >>> [is_loopback(host) for host in ("localhost:8501", "127.0.0.1", "[::1]:80", "evil.example", "127.0.0.1.nip.io")]
    [True, True, True, False, False]
    """
    name = _name(host)
    return name == "localhost" or bool(name and _is_address(name) and ip_address(name).is_loopback)


def may_call(host: str, names: Iterable[str], reached: str = "") -> bool:
    """Whether the server answers to this `Host`: a loopback name, one of `names`, or the address that was `reached`.

    An address of our own is no name that another could have resolve to us.
    """
    name = _name(host)
    if name is None:
        return False
    below = (name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in names)
    return is_loopback(host) or any(below) or (_is_address(name) and _is_address(reached) and _same(name, reached))


def is_own(origin: str, host: str) -> bool:
    """Whether a page of this `Origin` is one of the server that was called by `host`.

    >>> is_own("http://localhost:8501", "localhost:8501"), is_own("http://localhost:3000", "localhost:8501")
    (True, False)
    >>> is_own("https://barograph.example", "barograph.example:443"), is_own("null", "localhost:8501")
    (True, False)
    """
    try:
        parts = urlsplit(origin)
        asked, called = (_HOST.fullmatch(text) for text in (parts.netloc, host))
    except ValueError:
        return False
    if parts.scheme not in _PORTS or not asked or not called:
        return False
    usual = _PORTS[parts.scheme]
    return (asked[1].lower(), int(asked[2] or usual)) == (called[1].lower(), int(called[2] or usual))


def _name(host: str) -> str | None:
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").rstrip(".").lower() if found else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    """Whether two addresses are one; a socket of both kinds writes 10.0.0.7 as ::ffff:10.0.0.7."""
    return ip_address(one) == ip_address(other.lower().removeprefix("::ffff:") if "." in other else other)
