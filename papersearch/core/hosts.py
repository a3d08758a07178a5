"""Which addresses are on the web, and which hosts are this machine: by what they look like, nothing is looked up."""

from __future__ import annotations


def is_web(address: str) -> bool:
    """Whether an address is one of the web, and not that of a file, a script or a mail."""
    return address.lower().startswith(("http://", "https://"))


def is_loopback(host: str) -> bool:
    """Whether a host (of IPv6 with brackets or without) is this machine and nothing else: ``0.0.0.0`` is every
    network, and ``127.0.0.1.example.org`` belongs to somebody else."""
    if host.lower() == "localhost":
        return True
    from ipaddress import ip_address  # few commands need it, and it takes a millisecond to load

    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
