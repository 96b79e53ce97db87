"""The token by which the server knows who may change what it shows; whoever has none may only look.

It is new at each start, unless `BAROGRAPH_TOKEN` gives one. The link that `barograph serve` prints carries it; a
browser on this machine that the server's own user runs gets it unasked, as that user may change the store anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote

VARIABLE = "BAROGRAPH_TOKEN"
PARAMETER = "token"  # of the link
FOR_OTHERS = "To change runs, other users and machines open"
Address = tuple[str, int]


def given_or_new() -> str:
    """The token that a server is to be started with."""
    return os.environ.get(VARIABLE) or secrets.token_urlsafe(24)


def link(token: str) -> str:
    """What is added to the server's address to be more than a visitor."""
    return f"/?{PARAMETER}={token}"


def current() -> str:
    """The token of this server; "" where none runs."""
    return os.environ.get(VARIABLE, "")


def cookie() -> str:
    """The name of the cookie that holds the token: servers on other ports of this machine have others."""
    return "barograph_" + hashlib.sha256(current().encode()).hexdigest()[:12]


def fits(given: str | None) -> bool:
    """Whether this is the token."""
    return bool(given) and bool(current()) and hmac.compare_digest(str(given).encode(), current().encode())


def shown(cookies: Mapping[str, str]) -> bool:
    """Whether a browser with these cookies has the token."""
    return fits(unquote(cookies.get(cookie(), "")))


def of_our_user(client: Address, server: Address) -> bool:
    """Whether the other end of a connection within this machine is a process of the user who runs this one.

    Known on Linux, from the table of sockets; elsewhere nobody is.
    """
    if not hasattr(os, "getuid"):
        return False
    try:
        ends = _written(client), _written(server)
    except ValueError:  # a socket in the file system has no addresses
        return False
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for _, local, remote, _, _, _, _, uid, *_ in map(str.split, rows):
            if (_number(local), _number(remote)) == ends:
                return int(uid) == os.getuid()
    return False


def _written(address: Address) -> tuple[bytes, int]:
    """An address as 4 or 16 bytes, and its port."""
    return ip_address(address[0].removeprefix("::ffff:")).packed, address[1]


def _number(entry: str) -> tuple[bytes, int]:
    """The same from the table of sockets: words of 32 bits in the machine's order, in hexadecimal."""
    words, port = entry.split(":")
    data = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    return data.removeprefix(b"\0" * 10 + b"\xff\xff"), int(port, 16)
