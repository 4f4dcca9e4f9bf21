"""Shared by all tests: no socket leaves this machine."""

import ipaddress
import socket

import pytest

_connect = socket.socket.connect


def _is_local(address) -> bool:
    if isinstance(address, str | bytes):  # a unix socket
        return True
    host = address[0]
    return host in ("localhost", "") or ipaddress.ip_address(host).is_loopback


class OutgoingConnectionError(AssertionError):
    """Something tried to reach another machine."""


def _guarded_connect(sock, address):
    if not _is_local(address):
        raise OutgoingConnectionError(f"a connection to {address!r} was attempted")
    return _connect(sock, address)


@pytest.fixture(scope="session", autouse=True)
def _no_outgoing_sockets():
    socket.socket.connect = _guarded_connect
    yield
    socket.socket.connect = _connect
