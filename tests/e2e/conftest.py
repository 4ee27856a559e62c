"""End-to-end tests talk to servers of their own on loopback, and to nothing else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pytest_socket import enable_socket, socket_allow_hosts


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder may open sockets on this machine."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.loopback)


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    """Let sockets be opened, but connected only to this machine."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture
def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_ports() -> list[int]:
    """Three ports of loopback that nothing listens on."""
    probes = [socket.socket() for _ in range(3)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def kind_of_database() -> str:
    """SQLite: these tests are about channels. Those that count what two processes do name both kinds themselves."""
    return "sqlite"
