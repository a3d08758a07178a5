"""What went wrong with a request to a cluster, as one line and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from papersearch.core.errors import NoIndexError, PapersearchError, UsageError
from papersearch.engine.opensearch.address import AUTH, Address

_MOST_READ = 2_000  # characters of what an answer says, to tell it in a line: it may be of any length


class UnavailableError(PapersearchError):
    """A part of the index, or the whole cluster, does not answer now. It may later."""


class BusyError(UnavailableError):
    """The cluster has too much to do, or too little memory for it, at this moment."""


class TooLargeError(PapersearchError):
    """The cluster, or a proxy before it, takes no request of that size."""


class LostLeaseError(PapersearchError):
    """Another run has taken over the index."""


def of_others(address: Address, answer: object) -> PapersearchError:
    """What an answer means that OpenSearch does not give."""
    return PapersearchError(
        f"what answers at {address.places} is not OpenSearch ({short(answer)})",
        "check the address, and what lies between",
    )


def of_body(address: Address, status: int, body: dict[str, Any], path: str) -> PapersearchError:
    """What an answer with an error means."""
    error = body.get("error", body)
    kind, reason = (error.get("type", ""), error.get("reason", "")) if isinstance(error, dict) else ("", str(error))
    causes = " ".join(dict.fromkeys(_reasons(error)))
    host, name = address.places, address.name
    if status == 401:
        return PapersearchError(f"the cluster at {host} refuses the user or password", f"set {AUTH}=user:password")
    if "flood" in causes or "read-only / allow delete" in causes:
        return PapersearchError(
            f"the index {name} is read-only: a node's disk is nearly full", "free some space, or add a node"
        )
    if "create-index blocked" in causes:  # as the cluster does itself where all disks are nearly full
        return PapersearchError(
            f"the cluster at {host} takes no new index", "free some space on its disks, or unblock it"
        )
    if kind == "index_closed_exception":
        return PapersearchError(f"the index {name} is closed ({short(reason)})", "open it in the cluster")
    if kind == "cluster_block_exception" and status in (403, 429):
        return PapersearchError(f"the index {name} is read-only ({short(reason)})", "remove the block in the cluster")
    if status == 403:
        return PapersearchError(
            f"the user may not do this in the cluster at {host} ({short(reason)})", "ask who runs it for the right"
        )
    if kind == "index_not_found_exception" or (status == 404 and not kind):
        return NoIndexError(f"there is no index {name} in the cluster at {host}", "papersearch index FOLDER makes it")
    if "too_many" in causes and "clause" in causes:
        return UsageError("the query has more parts than the cluster takes", "ask for less, or without wildcards")
    if status == 413:
        return TooLargeError(f"the cluster at {host} takes no document of this size", "raise its limit, or a proxy's")
    if status == 429:
        return BusyError(f"the cluster at {host} is too busy ({short(causes or reason)})", "try again later")
    if status == 408:  # of the health of what is not there
        return UnavailableError(f"a part of the index {name} was removed", "papersearch index makes it anew")
    if status in (502, 503, 504) or kind in (
        "search_phase_execution_exception",
        "no_shard_available_action_exception",
    ):
        return UnavailableError(
            f"a part of the index {name} is not available now ({short(causes or reason)})",
            "try again when all nodes are up",
        )
    return PapersearchError(f"the cluster at {host} refused {path.split('?')[0]} ({status}: {short(causes or reason)})")


def _reasons(error: Any) -> Iterable[str]:
    """All types and reasons within an error."""
    if isinstance(error, dict):
        for key, value in error.items():
            if key in ("type", "reason") and isinstance(value, str):
                yield value
            else:
                yield from _reasons(value)
    elif isinstance(error, list):
        for each in error:
            yield from _reasons(each)


def short(text: object) -> str:
    """A reason on one line, without the node that gave it: another one is asked each time, for the same reason."""
    words = re.sub(r"^HTTPS?Connection\([^)]*\): ", "", " ".join(str(text)[:_MOST_READ].split()))
    return words if len(words) <= 160 else words[:159] + "…"
