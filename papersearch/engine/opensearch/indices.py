"""The indices that belong to one of ours: which one answers, which was begun; making one, and moving the alias."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from papersearch.core.clock import now_text
from papersearch.core.errors import DamagedIndexError, PapersearchError
from papersearch.core.frozen import replace
from papersearch.engine.opensearch import mapping
from papersearch.engine.opensearch.connection import Action, Connection
from papersearch.engine.opensearch.failures import UnavailableError
from papersearch.engine.opensearch.lease import Lease
from papersearch.engine.opensearch.state import STATE_KEY, State, all_of, health_of, is_readable, load, mark_of, to_json

# How long a run waits for the copies of an index, and while none is being made (chosen).
_COPIED_S, _IDLE_S = 30.0, 2.0
_ENDING = re.compile(r"\.[0-9a-f]{8}")  # of the name of an index of papers


class Indices:
    """Those of one address, for a run that holds the ``lease``."""

    def __init__(self, connection: Connection, lease: Lease) -> None:
        self._connection, self._lease = connection, lease
        self._name = connection.address.name

    def target(self) -> str:
        """Where the alias leads, whatever made that."""
        return str(next(iter(self._connection.call("GET", f"/_alias/{self._name}"))))

    def begun(self, folders: tuple[str, ...]) -> tuple[str, State] | None:
        """An index of these folders whose first run was cut short, if this version of papersearch can go on with it:
        it has no copies, so a part of it may be lost with a node."""
        for index, meta in self._ours().items():
            if not is_readable(meta):
                continue
            try:
                state = load(self._connection, index)  # it is written last: the run may have died before all was made
                red = health_of(self._connection, index)["status"] == "red"
            except (DamagedIndexError, UnavailableError):
                continue
            if not red and state.folders == folders:
                return index, state
        return None

    def _ours(self) -> dict[str, dict[str, Any]]:
        """What marks our indices of papers as such, by name. One that somebody copied, or restored under another name,
        has that mark too, but not the name of one that we make."""
        found = self._connection.find("GET", f"/{self._name}.*", filter_path="*.mappings._meta") or {}
        found = {index: about for index, about in found.items() if _ENDING.fullmatch(index.removeprefix(self._name))}
        marks = {index: mark_of(about) for index, about in found.items()}
        return {index: meta for index, meta in marks.items() if meta}

    def make(self, state: State, posts: int) -> tuple[str, State]:
        """A new index for so many posts beside whatever there is, and its state."""
        index = f"{self._name}.{secrets.token_hex(4)}"
        shards = self._connection.address.shards or mapping.shards_for(posts)
        self._connection.make(index, mapping.papers_body(shards))
        self._connection.make(f"{index}.older", mapping.older_body())
        self._connection.make(f"{index}.words", mapping.words_body())
        made = replace(state, routings=self._routings(index, shards))
        self.write_state(index, made)
        return index, made

    def _routings(self, index: str, shards: int) -> tuple[str, ...]:
        """A routing for each shard that leads to it."""
        found: dict[int, str] = {}
        number = 0
        while len(found) < shards:
            answer = self._connection.call("GET", f"/{index}/_search_shards", key="shards", routing=str(number))
            found.setdefault(answer["shards"][0][0]["shard"], str(number))
            number += 1
        return tuple(found[shard] for shard in sorted(found))

    def place(self, kind: str, index: str, key: str) -> dict[str, Any]:
        """What to do with which document, fenced by the term of the lease."""
        return {kind: {"_index": index, "_id": key, "version": self._lease.term, "version_type": "external_gte"}}

    def write(self, actions: Iterable[Action]) -> None:
        """Write documents, as long as no other run may."""
        self._connection.bulk(actions, self._lease.check)

    def write_state(self, index: str, state: State) -> None:
        """Write the state of an index, with the term of the lease."""
        written = to_json(replace(state, term=self._lease.term))
        self.write([(self.place("index", f"{index}.words", STATE_KEY), written)])

    def refresh(self, index: str) -> None:
        """Let searches see what was written."""
        self._connection.refresh(all_of(index))

    def _copy(self, index: str) -> None:
        """Give an index its copies. If they take longer than we wait, or none is being made for a while since there are
        not nodes enough, the cluster goes on with it."""
        copies = mapping.copies(self._connection.address.replicas)
        self._connection.call("PUT", f"/{all_of(index)}/_settings", {"index": copies})
        now = time.monotonic()
        end, at_work = now + _COPIED_S, now
        with suppress(PapersearchError):
            while now < end and now - at_work < _IDLE_S:
                health = health_of(self._connection, index)
                if health["status"] == "green":
                    break
                time.sleep(0.1)
                now = time.monotonic()
                if health["initializing_shards"]:
                    at_work = now

    def commit(self, index: str, current: str | None, state: State) -> None:
        """Let readers see what was written, and have the alias lead to it if it leads to ``current`` or nowhere."""
        self.refresh(index)
        now = now_text()
        self.write_state(index, replace(state, serial=state.serial + 1, indexed_at=now))
        if index != current:
            self._copy(index)
            self._lease.check()
            actions = [{"remove": {"index": current, "alias": self._name}}] if current is not None else []
            actions.append({"add": {"index": index, "alias": self._name}})
            self._connection.call("POST", "/_aliases", {"actions": actions})

    def remove_others(self, index: str | None) -> None:
        """Remove what runs that were cut short have left, and the index that was replaced."""
        for other in self._ours():
            if other != index:
                self._lease.check()
                for ending in (".words", ".older", ""):  # the one that is marked last: a run may die here
                    self._connection.find("DELETE", f"/{other}{ending}")
