"""Which hosts are this machine, by name or number alone: nothing is looked up."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host (of IPv6 with brackets or without) is this machine and nothing else: ``0.0.0.0`` is every
    network, and ``127.0.0.1.example.org`` belongs to somebody else."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
