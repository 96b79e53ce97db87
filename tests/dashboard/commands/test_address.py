"""The address of the dashboard: free or taken, answering or not, and what to type into a browser."""

from __future__ import annotations

import socket

import pytest

from barograph.dashboard.commands._address import address, answers, require_free
from barograph.errors import StoreError


def test_a_port_is_free_until_somebody_listens(port):
    require_free("127.0.0.1", port)
    assert not answers("127.0.0.1", port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert answers("127.0.0.1", port) and answers("0.0.0.0", port)
        with pytest.raises(StoreError, match=f"port {port} on 127.0.0.1 is taken; choose another with --port"):
            require_free("127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_used(port):
    with pytest.raises(StoreError, match="cannot be used"):
        require_free("192.0.2.1", port)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "http://127.0.0.1:1"), ("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1")],
)
def test_what_to_type_into_a_browser(host, shown):
    assert address(host, 1) == shown
