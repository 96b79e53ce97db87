"""The address that the dashboard listens on."""

from __future__ import annotations

import contextlib
import errno
import socket

from ...errors import StoreError


def require_free(host: str, port: int) -> None:
    """StoreError where something listens at this address already, or where it is none of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise StoreError(f"port {port} on {host} {why}; choose another with --port, or another --host") from error


def answers(host: str, port: int) -> bool:
    """Whether a server listens there."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    with contextlib.suppress(OSError), socket.create_connection((near, port), timeout=1.0):
        return True
    return False


def address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
