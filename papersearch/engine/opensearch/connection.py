"""Requests to a cluster. The only module that knows the client library.

Every request may be sent twice: reads change nothing, and writes say what shall be, not what shall change.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from functools import partial
from typing import Any, TypeVar

from papersearch.core.errors import NoIndexError, PapersearchError, UsageError, without_library
from papersearch.engine.opensearch.address import AUTHORITIES, Address, authorities, credentials
from papersearch.engine.opensearch.failures import (
    BusyError,
    LostLeaseError,
    TooLargeError,
    UnavailableError,
    of_body,
    of_others,
    short,
)

try:
    from opensearchpy import OpenSearch, exceptions
except ImportError as missing:
    told = without_library("an index in a cluster", missing, "pip install 'opensearch-py>=3,<4'")
    raise UsageError(*told) from missing

TIMEOUT_S = 60.0  # for the answer to one request (chosen)
_PAGE = 5_000  # values that are fetched at a time
LEAST_VERSION = (2, 10)  # the first with the token filter that the index needs
_BULK_FIELDS = "errors,items.*.status,items.*.error"
# In the path, since the client takes a parameter of this name for its own.
_SHARD_TIMEOUT = "10s"  # that a bulk request waits for a shard that is not there
# A cluster that is busy is asked again after so many seconds; documents are sent after twice as many each time (chosen)
_PAUSE_S, _LONGEST_PAUSE_S, _MOST_TRIES = 0.1, 5.0, 12
_PAUSES_S = (0.1, 0.3, 1.0)

Action = tuple[dict[str, Any], str | None]
"""What to do with which document, and the document."""
Answer = TypeVar("Answer")

# It warns of each request that is tried again, on standard error if nobody else takes it.
logging.getLogger("opensearch").addHandler(logging.NullHandler())


class Connection:
    """One cluster. Safe for many threads, and for processes that are forked."""

    takes_partial = False  # whether answers are welcome that lack the part of a lost shard

    def __init__(self, address: Address, timeout: float = TIMEOUT_S) -> None:
        self.address = address
        options: dict[str, Any] = {}
        if (user := credentials(address)) is not None:
            options["http_auth"] = user
        if address.tls:
            options |= {"use_ssl": True, "verify_certs": True, "ca_certs": authorities()}
        hosts: list[Any] = [{"host": host, "port": port} for host, port in address.hosts]
        options |= {"max_retries": max(2, len(hosts)), "retry_on_timeout": True, "pool_maxsize": 32}
        self._connect = partial(OpenSearch, hosts, timeout=timeout, **options)
        self._process, self._connected = os.getpid(), self._connect()

    @property
    def _client(self) -> OpenSearch:
        """That of this process: on sockets which another one uses too, each would get answers meant for the other."""
        if self._process != os.getpid():
            self._process, self._connected = os.getpid(), self._connect()
        return self._connected

    def welcoming_partial(self) -> Connection:
        """The same connection, which ``takes_partial`` answers."""
        other = copy(self)
        other.takes_partial = True
        return other

    def close(self) -> None:
        """Close all sockets."""
        self._client.close()

    def call(self, method: str, path: str, body: Any = None, key: str = "", **params: Any) -> Any:
        """What the cluster answers. Raises ``PapersearchError`` and its children; ``NoIndexError`` for what is not
        there, ``BusyError`` if the cluster stays too busy. An answer without the ``key`` that it must have is not the
        cluster's: what lies between may give another one, with the status of success. The cluster's own may be empty
        with a ``filter_path``, which lets nothing of it through."""
        return _patiently(lambda: self._called(method, path, body, key, **params))

    def _called(self, method: str, path: str, body: Any = None, key: str = "", **params: Any) -> Any:
        try:
            answer = self._performed(method, path, body, params)
        except exceptions.OpenSearchException as wrong:
            raise self._translated(wrong, path) from wrong
        if not isinstance(answer, dict) or (key and key not in answer and (answer or "filter_path" not in params)):
            raise of_others(self.address, answer)
        return answer

    def _performed(self, method: str, path: str, body: Any, params: dict[str, Any]) -> Any:
        """What the client's library makes of an answer. Raises its exceptions."""
        try:
            return self._client.transport.perform_request(method, path, params=params or None, body=body)
        except RecursionError as nested:
            raise of_others(self.address, "its answer is nested without end") from nested

    def find(self, method: str, path: str, body: Any = None, key: str = "", **params: Any) -> Any:
        """As ``call``, None for what is not there."""
        try:
            return self.call(method, path, body, key, **params)
        except NoIndexError:
            return None

    def document(self, path: str) -> Any:
        """A document, with its place in history; None if it is not there."""
        found = self.find("GET", path, key="found")
        return found if found and found.get("found") else None

    def unless_changed(self, method: str, path: str, body: Any, **params: Any) -> Any:
        """As ``call``, for a write that holds only if the document is as it was read; None if it was changed."""
        try:
            answer = self._performed(method, path, body, params)
        except exceptions.ConflictError:
            return None
        except exceptions.OpenSearchException as wrong:
            raise self._translated(wrong, path) from wrong
        if not isinstance(answer, dict) or "_seq_no" not in answer:
            raise of_others(self.address, answer)
        return answer

    def make(self, index: str, body: Any) -> None:
        """Make an index, unless it is there: it may have been asked for twice."""
        try:
            self._performed("PUT", f"/{index}", body, {})
        except exceptions.OpenSearchException as wrong:
            if getattr(wrong, "error", "") != "resource_already_exists_exception":
                raise self._translated(wrong, f"/{index}") from wrong

    def refresh(self, indices: str) -> None:
        """Let searches see what was written to some indices. Raises as ``call``, and ``UnavailableError`` where a copy
        of a shard did not do so: it would go on answering as before. Copies that have no node are not asked."""
        _patiently(lambda: self._refreshed(indices))

    def _refreshed(self, indices: str) -> None:
        shards = self._called("POST", f"/{indices}/_refresh", key="_shards")["_shards"]
        if shards.get("failed"):
            said = f"{shards['failed']} of {shards.get('total', 0)} shards do not show yet what was written"
            raise self._failed(shards, said, "run again: what is written stays written")

    def _failed(self, shards: dict[str, Any], said: str, hint: str) -> UnavailableError:
        """The error for ``shards`` of which some failed."""
        busy = any(_is_busy(failure.get("reason", {})) for failure in shards.get("failures", ()))
        return (BusyError if busy else UnavailableError)(said, hint)

    def check_version(self) -> None:
        """Raise ``PapersearchError`` for what is not an OpenSearch that this works with."""
        version = (self.find("GET", "/") or {}).get("version", {})  # other servers find nothing there
        if not isinstance(version, dict) or version.get("distribution") != "opensearch":
            raise of_others(self.address, version)
        number = tuple(int(part) for part in str(version.get("number", "0")).split(".")[:2] if part.isdigit())
        if number < LEAST_VERSION:
            raise PapersearchError(
                f"the cluster at {self._host} is OpenSearch {version.get('number', '')}",
                f"{'.'.join(map(str, LEAST_VERSION))} or newer is needed",
            )

    def msearch(self, searches: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        """The answers to searches, each an index and a body, in one request. Raises ``UnavailableError`` if one of them
        is incomplete, unless ``partial`` ones are welcome, and ``BusyError`` if the cluster stays too busy."""
        return _patiently(lambda: self._searched(searches))

    def _searched(self, searches: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        if not searches:
            return []
        lines = [json.dumps(part) for index, body in searches for part in ({"index": index}, body)]
        text = "\n".join(lines) + "\n"
        answers = self._called("POST", "/_msearch", text, "responses", ccs_minimize_roundtrips="false")["responses"]
        for answer in answers:
            if "error" in answer:
                raise of_body(self.address, answer.get("status", 500), answer, "_msearch")
            self._check_shards(answer)
        return list(answers)

    def values(self, index: str, field: str, query: dict[str, Any] | None = None) -> Iterator[tuple[str, int]]:
        """All values of a field in the documents that a query finds (None: in all), in order, each with the number of
        documents that have it."""
        pages: dict[str, Any] = {"size": _PAGE, "sources": [{"value": {"terms": {"field": field}}}]}
        body = {"size": 0, "query": query or {"match_all": {}}, "aggs": {"values": {"composite": pages}}}
        while True:
            [answer] = self.msearch([(index, body)])
            found = answer["aggregations"]["values"]
            yield from ((bucket["key"]["value"], bucket["doc_count"]) for bucket in found["buckets"])
            if "after_key" not in found:
                return
            pages["after"] = found["after_key"]

    def count(self, index: str, query: dict[str, Any] | None = None) -> int:
        """How many documents a query finds (None: how many there are)."""
        body = {"size": 0, "track_total_hits": True, "query": query or {"match_all": {}}}
        [answer] = self.msearch([(index, body)])
        return int(answer["hits"]["total"]["value"])

    def pages(self, index: str, body: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """All that a search finds, ``size`` hits at a time; it has a ``sort`` in which no two are equal."""
        body = body | {"track_total_hits": False}
        while True:
            [answer] = self.msearch([(index, body)])
            hits = answer["hits"]["hits"]
            if hits:
                yield hits
            if len(hits) < body["size"]:
                return
            body["search_after"] = hits[-1]["sort"]

    def _check_shards(self, answer: dict[str, Any]) -> None:
        shards = answer.get("_shards", {})
        lost = lost_shards(answer)
        if lost and not (self.takes_partial and shards.get("successful")):
            said = f"{lost} of {shards.get('total', 0)} shards of the index did not answer"
            raise self._failed(shards, said, "try again when all nodes are up, or take what there is with --partial")

    def bulk(self, actions: Iterable[Action], check: Callable[[], None]) -> None:
        """Write what ``actions`` say. What the cluster has no room for now is sent again later, more and more slowly,
        each time after a ``check`` whether it may be. Raises ``LostLeaseError`` where somebody else has written
        since."""
        waiting = list(actions)
        pause = _PAUSE_S
        for _ in range(_MOST_TRIES):
            if not waiting:
                return
            check()
            waiting = self._sent(waiting)
            if waiting:
                time.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(_LONGEST_PAUSE_S, 2 * pause)
        raise UnavailableError(
            f"the cluster at {self._host} takes no more documents now", "run again: what is written stays written"
        )

    def _sent(self, actions: list[Action]) -> list[Action]:
        """Send actions once; those that are to be sent again."""
        lines = [json.dumps(part) if isinstance(part, dict) else part for action in actions for part in action if part]
        try:
            answer = self._called(
                "POST", f"/_bulk?timeout={_SHARD_TIMEOUT}&filter_path={_BULK_FIELDS}", "\n".join(lines) + "\n", "errors"
            )
        except UnavailableError:
            return actions
        except TooLargeError:
            if len(actions) == 1:
                raise
            half = len(actions) // 2
            return self._sent(actions[:half]) + self._sent(actions[half:])
        if not answer["errors"]:
            return []
        again = []
        for action, item in zip(actions, answer["items"], strict=True):
            [(kind, result)] = item.items()
            status = result["status"]
            blocked = status == 429 and result.get("error", {}).get("type") == "cluster_block_exception"
            if status in (429, 502, 503, 504) and not blocked:
                again.append(action)
            elif status == 409 and kind == "create":
                continue  # it is there already, which is all that is wanted
            elif status == 409:
                raise LostLeaseError("another run has taken over the index", "let it finish, then run again")
            elif status >= 400 and not (kind == "delete" and status == 404):
                raise of_body(self.address, status, result, "_bulk")
        return again

    def incomplete(self, error: Any) -> PapersearchError:
        """What an error within an answer means."""
        return of_body(self.address, 503, {"error": error}, "")

    @property
    def _host(self) -> str:
        return self.address.places

    def _translated(self, wrong: exceptions.OpenSearchException, path: str) -> PapersearchError:
        """The one line that says what is wrong, and what to do about it."""
        host = self._host
        if isinstance(wrong, exceptions.SSLError):
            hint = f"check the certificate; one of your own authority: {AUTHORITIES}=file"
            return PapersearchError(f"TLS with {host} failed ({short(wrong.error)})", hint)
        if isinstance(wrong, exceptions.ConnectionTimeout):
            return UnavailableError(f"the cluster at {host} did not answer in time", "try again, or see if it is busy")
        if isinstance(wrong, exceptions.ConnectionError):
            hint = "check that it runs, and the address (TLS: opensearchs://)"
            return UnavailableError(f"the cluster at {host} does not answer ({short(wrong.error)})", hint)
        if isinstance(wrong, exceptions.TransportError):
            status = int(wrong.status_code) if str(wrong.status_code).isdigit() else 500
            if isinstance(wrong.info, dict):
                return of_body(self.address, status, wrong.info, path)
            # Not the cluster's own: a proxy's, say. Where that finds nothing, it is no index that is not there.
            said = re.sub(r"<[^>]*>", " ", str(wrong.error))
            return (
                of_others(self.address, said) if status == 404 else of_body(self.address, status, {"error": said}, path)
            )
        return of_others(self.address, wrong.args[0] if wrong.args else wrong)


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """The answer to a request, asked again a few times if the cluster is busy."""
    for pause in _PAUSES_S:
        try:
            return ask()
        except BusyError:
            time.sleep(pause * random.uniform(0.5, 1.0))
    return ask()


def lost_shards(answer: dict[str, Any]) -> int:
    """How many shards did not answer a search: those that have no node are not counted as failed, and where time ran
    out one did not at least, though each counts as successful."""
    shards = answer.get("_shards", {})
    total, failed = shards.get("total", 0), shards.get("failed", 0)
    return int(max(failed, total - shards.get("successful", total), answer.get("timed_out", False)))


def _is_busy(error: dict[str, Any]) -> bool:
    """Whether a shard had too much to do, or a node too little memory for it."""
    kind = str(error.get("type", ""))
    return kind == "circuit_breaking_exception" or kind.endswith("rejected_execution_exception")
