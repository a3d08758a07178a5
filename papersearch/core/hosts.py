"""Which addresses are on the web, and which hosts are this machine: by what they look like, nothing is looked up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


def is_web(address: str) -> bool:
    """Whether an address is one of the web, and not that of a file, a script or a mail."""
    return address.lower().startswith(("http://", "https://"))


def is_loopback(host: str) -> bool:
    """Whether a host (of IPv6 with brackets or without) is this machine and nothing else: ``0.0.0.0`` is every
    network, and ``127.0.0.1.example.org`` belongs to somebody else."""
    if host.lower() == "localhost":
        return True
    number = _number(host)
    return number is not None and number.is_loopback


def is_number(host: str) -> bool:
    """Whether a host is an address in numbers (of IPv6 with brackets or without), which nobody can lead elsewhere."""
    return _number(host) is not None


def _number(host: str) -> IPv4Address | IPv6Address | None:
    from ipaddress import ip_address  # few commands need it, and it takes a millisecond to load

    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
