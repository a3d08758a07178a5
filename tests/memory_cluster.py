"""A cluster in memory: what runs ask of OpenSearch, without what searches ask but for counts. Any request can fail.

Documents, versions, aliases and refreshes are as a cluster has them; there are no copies, and nothing is scored.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zlib import crc32

MISSING = {"type": "index_not_found_exception", "reason": "no such index"}


class Refused(Exception):
    """An answer with the status of an error."""

    def __init__(self, status: int, kind: str = "", **told: Any) -> None:
        super().__init__(status, kind)
        self.status, self.body = status, {"error": {"type": kind, "reason": kind}, "status": status} | told


class Held:
    """An index: its documents by id, each (version, place in history, text), and what searches see of them."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body: dict[str, Any] = body
        self.aliases: set[str] = set()
        self.documents: dict[str, tuple[int, int, str]] = {}
        self.seen: dict[str, tuple[int, int, str]] = {}
        self._history = 0

    def put(self, key: str, text: str | None, version: int) -> None:
        """Write a document, or remove it (None)."""
        self._history += 1
        if text is None:
            del self.documents[key]
        else:
            self.documents[key] = version, self._history, text


class MemoryCluster(ThreadingHTTPServer):
    """``indices`` are what it holds by name; ``asked`` what it was asked. ``disturb`` is told the number of each
    request: it raises ``ConnectionError`` to have the connection break before anything is done, and returns true to
    have it break after that. ``delay`` may wait before a path is asked."""

    def __init__(self) -> None:
        self.indices: dict[str, Held] = {}
        self.asked: list[str] = []
        self.status = "green"
        self.delay: Callable[[str], object] = lambda path: None
        self.disturb: Callable[[int], object] = lambda number: False
        self._lock = threading.Lock()
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are sent one after the other

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                cluster.delay(self.path)
                try:
                    with cluster._lock:
                        cluster.asked.append(f"{self.command} {self.path}")
                        lost = cluster.disturb(len(cluster.asked))
                        status, answer = cluster._status(self.command, urlsplit(self.path), body)
                        if lost:
                            raise ConnectionError
                except ConnectionError:
                    self.close_connection = True
                    return
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _answer

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, name: str) -> str:
        """The address of an index in this cluster."""
        return f"opensearch://127.0.0.1:{self.server_port}/{name}"

    def led_to(self, name: str) -> list[str]:
        """The indices that an alias leads to."""
        return [index for index, held in self.indices.items() if name in held.aliases]

    def _status(self, method: str, url: Any, body: str) -> tuple[int, Any]:
        options = {key: value[-1] for key, value in parse_qs(url.query).items()}
        parts = [unquote(part) for part in url.path.split("/") if part]
        try:
            return 200, self._done(method, parts, body, options)
        except Refused as refused:
            return refused.status, refused.body

    def _done(self, method: str, parts: list[str], body: str, options: dict[str, str]) -> Any:
        match [method, *parts]:
            case ["GET"]:
                return {"version": {"distribution": "opensearch", "number": "2.19.6"}}
            case ["POST", "_bulk"]:
                items = list(self._bulk(body.splitlines()))
                return {"errors": any("error" in result for item in items for result in item.values()), "items": items}
            case ["POST", "_msearch"]:
                lines = [json.loads(line) for line in body.splitlines()]
                pairs = zip(lines[::2], lines[1::2], strict=True)
                return {"responses": [self._found(self._one(head["index"]), asked) for head, asked in pairs]}
            case ["POST", "_aliases"]:
                for action in json.loads(body)["actions"]:
                    [(kind, told)] = action.items()
                    aliases = self._one(told["index"]).aliases
                    (aliases.add if kind == "add" else aliases.discard)(told["alias"])
                return {"acknowledged": True}
            case ["GET", "_alias", name]:
                return self._described(name)
            case ["GET", name, "_alias"]:
                return self._described(name)
            case ["GET", "_cluster", "health", names]:
                for name in names.split(","):
                    self._one(name, 408)
                return {"status": self.status, "initializing_shards": 0, "unassigned_shards": 0}
            case ["POST", names, "_refresh"]:
                for index in [self._one(name) for name in names.split(",")]:
                    index.seen = dict(index.documents)
                return {"_shards": {"total": 3, "successful": 3, "failed": 0}}
            case ["PUT", names, "_settings"]:
                return {"acknowledged": all(map(self._one, names.split(",")))}
            case ["GET", names, "_stats", "store"]:
                return {"_all": {"total": {"store": {"size_in_bytes": len(names)}}}}
            case ["GET", name, "_search_shards"]:
                shards = self._one(name).body["settings"]["number_of_shards"]
                return {"shards": [[{"shard": crc32(options["routing"].encode()) % shards}]]}
            case ["POST", name, "_mget"]:
                index = self._one(name)
                return {"docs": [self._document(index, key) for key in json.loads(body)["ids"]]}
            case ["GET", name, "_doc", key]:
                return self._document(self._one(name), key)
            case ["PUT", name, "_doc", key]:
                return self._put(self._one(name), key, body, options)
            case ["GET", name]:
                return self._described(name)
            case ["PUT", name]:
                if name in self.indices:
                    raise Refused(400, "resource_already_exists_exception")
                self.indices[name] = Held(json.loads(body))
                return {"acknowledged": True}
            case ["DELETE", name]:
                self._one(name)
                del self.indices[name]
                return {"acknowledged": True}
        raise AssertionError((method, parts))

    def _one(self, name: str, status: int = 404) -> Held:
        [found] = self.led_to(name) or [name]
        if found not in self.indices:
            raise Refused(status, "" if status == 408 else "index_not_found_exception")
        return self.indices[found]

    def _described(self, name: str) -> dict[str, Any]:
        found = {
            index: {"aliases": {alias: {} for alias in held.aliases}, "mappings": held.body["mappings"]}
            for index, held in self.indices.items()
            if any(fnmatchcase(each, name) for each in (index, *held.aliases))
        }
        if not found and "*" not in name:
            raise Refused(404, "index_not_found_exception")
        return found

    @staticmethod
    def _document(index: Held, key: str) -> dict[str, Any]:
        if key not in index.documents:
            return {"_id": key, "found": False}
        version, history, text = index.documents[key]
        source = {"_source": json.loads(text), "_version": version, "_seq_no": history, "_primary_term": 1}
        return {"_id": key, "found": True, **source}

    @staticmethod
    def _put(index: Held, key: str, text: str, options: dict[str, str]) -> dict[str, Any]:
        before = index.documents.get(key)
        wanted = options.get("if_seq_no")
        if before if wanted is None else before is None or before[1] != int(wanted):
            raise Refused(409, "version_conflict_engine_exception")
        index.put(key, text, 1)
        return {"_seq_no": index.documents[key][1], "_primary_term": 1}

    def _bulk(self, lines: list[str]) -> Iterator[dict[str, Any]]:
        left = iter(lines)
        for line in left:
            [(kind, told)] = json.loads(line).items()
            text = None if kind == "delete" else next(left)
            yield {kind: self._written(kind, told, text)}

    def _written(self, kind: str, told: dict[str, Any], text: str | None) -> dict[str, Any]:
        try:
            index, key, version = self._one(told["_index"]), told["_id"], told.get("version", 1)
        except Refused as refused:
            return {"status": 404, "error": refused.body["error"]}
        before = index.documents.get(key)
        if before is not None and (kind == "create" or version < before[0]):
            return {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
        if kind == "delete" and before is None:
            return {"status": 404}
        index.put(key, text, version)
        return {"status": 200}

    @staticmethod
    def _found(index: Held, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["query"] == {"match_all": {}}, asked
        answer: dict[str, Any] = {"hits": {"hits": [], "total": {"value": len(index.seen)}}}
        if pages := asked.get("aggs", {}).get("values"):
            [source] = pages["composite"]["sources"]
            field = source["value"]["terms"]["field"]
            values = [value for _, _, text in index.seen.values() for value in _values(json.loads(text)[field])]
            buckets = [{"key": {"value": value}, "doc_count": values.count(value)} for value in sorted({*values})]
            answer["aggregations"] = {"values": {"buckets": buckets}}
        return answer


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
