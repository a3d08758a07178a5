"""The address of an index in a cluster: ``opensearch://host:port/name``, or ``opensearchs://`` for TLS.

Several hosts are separated by commas; each is asked if another one does not answer. ``?shards=6&replicas=1`` says how
an index is made if there is none yet. User and password come from ``PAPERSEARCH_OPENSEARCH_AUTH`` (``user:password``)
or from ``~/.netrc``, never from the address, which is shown and remembered.
"""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl

from papersearch.core.errors import UsageError
from papersearch.core.frozen import NamedTuple
from papersearch.core.hosts import is_loopback, is_number

AUTH = "PAPERSEARCH_OPENSEARCH_AUTH"
AUTHORITIES = "PAPERSEARCH_OPENSEARCH_CA"  # a file of certificates
PORT = 9200
# OpenSearch's own rules, and room for the endings of the indices that belong to one of ours.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,180}")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]@\s]+)(?::([0-9]{1,5}))?")
_MOST = {"shards": 1024, "replicas": 10}


class Address(NamedTuple):
    """``hosts`` are (name, port); ``shards`` and ``replicas`` None leave the choice to ``mapping``."""

    hosts: tuple[tuple[str, int], ...]
    name: str
    tls: bool
    shards: int | None = None
    replicas: int | None = None

    @property
    def places(self) -> str:
        """Hosts and ports as an address has them."""
        return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)

    def __str__(self) -> str:
        return f"opensearch{'s' * self.tls}://{self.places}/{self.name}"


def parse(text: str) -> Address:
    """The address that a text is. Raises ``UsageError``."""
    scheme, _, rest = text.partition("://")
    address, _, query = rest.partition("?")
    places, _, path = address.partition("/")  # urlsplit knows no list of hosts
    if "@" in places:
        raise UsageError("a password does not belong in an address", f"set {AUTH}=user:password, or use ~/.netrc")
    hosts = tuple(_host(each, text) for each in places.split(","))
    name = path.strip("/")
    if not _NAME.fullmatch(name):
        hint = "use lower-case letters, digits, - and _: opensearch://host:9200/papers"
        raise UsageError(f"{name!r} cannot be the name of an index", hint)
    numbers = dict(parse_qsl(query, keep_blank_values=True))
    for key, value in numbers.items():
        if key not in _MOST or not value.isdecimal() or int(value) > _MOST[key] or (key == "shards" and value == "0"):
            raise UsageError(f"an address cannot say {key}={value}", "it may end in ?shards=6&replicas=1")
    shards, replicas = (int(numbers[key]) if key in numbers else None for key in ("shards", "replicas"))
    return Address(hosts, name, scheme == "opensearchs", shards, replicas)


def _host(text: str, whole: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found[2] or PORT) if found else 0
    if found is None or not 0 < port <= 65_535 or (found[1].startswith("[") and not is_number(found[1])):
        raise UsageError(f"{whole!r} is not an address", "write opensearch://host:9200/name")
    return found[1].strip("[]"), port


def credentials(address: Address) -> tuple[str, str] | None:
    """User and password, None if there are none. Raises ``UsageError`` if they would travel without TLS."""
    given = os.environ.get("PAPERSEARCH_OPENSEARCH_AUTH")
    found = _given(given) if given else _from_netrc(address)
    if found is not None and not address.tls and not all(is_loopback(host) for host, _ in address.hosts):
        raise UsageError("a password is sent over TLS only", f"write opensearchs://, or unset {AUTH}")
    return found


def authorities() -> str | None:
    """The file of the certificates to trust, None for those of the system."""
    return os.environ.get("PAPERSEARCH_OPENSEARCH_CA") or None


def _given(text: str) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not colon or not user:
        raise UsageError(f"{AUTH} is not user:password", "set it to the user's name, a colon and the password")
    return user, password


def _from_netrc(address: Address) -> tuple[str, str] | None:
    import netrc

    try:
        entries = netrc.netrc()
    except (OSError, netrc.NetrcParseError):
        return None
    for host, _ in address.hosts:
        entry = entries.hosts.get(host)  # not its default entry, which would be sent to anybody
        if entry is not None and entry[0] and entry[2]:
            return entry[0], entry[2]
    return None
