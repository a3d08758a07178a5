"""Which engine keeps the index at an address. The only module that knows all of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from papersearch.engine.port import Store


def store_at(
    address: str, *, trust: bool = False, weights: Mapping[str, float] | None = None, model: str | None = None
) -> Store:
    """The store at an address: the path of a folder, or ``opensearch://host:port/name``.

    ``trust`` opens an index that belongs to another user; ``weights`` of fields (``{"title": 5}``) stand in for those
    that the index was made with; queries go to a ``model`` on another machine only if it is named here.
    """
    if address.startswith(("opensearch://", "opensearchs://")):
        from papersearch.engine.opensearch.engine import ClusterStore

        return ClusterStore(address, weights or {}, trust, model)
    from papersearch.engine.local import FolderStore

    return FolderStore(address, trust, weights or {}, model)
