"""What is wrong with an index in a cluster, as ``papersearch check`` says it."""

from __future__ import annotations

from papersearch.core.records import Problem
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import limited
from papersearch.engine.opensearch.files import load_rows
from papersearch.engine.opensearch.state import health_of, load, resolve


def problems(connection: Connection, address: str) -> list[Problem]:
    """Shards that are missing, and files whose posts are not in the index or in it without a file."""
    index = resolve(connection, connection.address.name)
    if index is None:
        return []
    found: list[Problem] = []
    health = health_of(connection, index)
    if health["status"] != "green":
        missing = health["unassigned_shards"]
        found.append(Problem(address, 0, f"the index is {health['status']}: {missing} copies of shards have no node"))
    state = load(connection, index)
    known = {limited(row.path): row.path for row in load_rows(connection, index, state.buckets) if row.is_indexed}
    held = {path for path, _ in connection.values(index, "path")}
    found += (Problem(known[path], 0, "is not in the index") for path in sorted(known.keys() - held))
    hidden = {path for path, _ in connection.values(f"{index}.older", "path")}
    wanted = len(held) - connection.count(index)
    if len(hidden) != wanted:
        found.append(Problem(address, 0, f"of {wanted:,} posts that are not shown, {len(hidden):,} can be found"))
    held |= hidden
    found += (
        Problem(path, 0, "is in the index, though nothing is known of its file") for path in sorted(held - known.keys())
    )
    return found
