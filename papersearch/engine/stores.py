"""Which engine keeps the index at an address; folders as stores. The only module that knows all engines."""

from __future__ import annotations

import os

from papersearch.core.errors import DamagedIndexError, PapersearchError, UsageError, what_to_do
from papersearch.text.display import in_prose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from papersearch.core.opening import StrPath
    from papersearch.core.records import Problem, Summary
    from papersearch.engine.local import LocalEngine
    from papersearch.engine.port import Corpus, RunOptions, Store


class _Closed:
    """Stands in for an engine that was closed, so that nothing holds that and its files any more."""

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise PapersearchError("the index is closed", "open it again")


CLOSED: Any = _Closed()


def store_at(
    address: StrPath, *, trust: bool = False, weights: Mapping[str, float] | None = None, model: str | None = None
) -> Store:
    """The store at an address: the path of a folder, or ``opensearch://host:port/name``.

    ``trust`` opens an index that belongs to another user; ``weights`` of fields (``{"title": 5}``) stand in for those
    that the index was made with; queries go to a ``model`` on another machine only if it is named here.
    """
    address = os.fspath(address)
    if address.startswith(("opensearch://", "opensearchs://")):
        from papersearch.engine.opensearch.engine import ClusterStore

        return ClusterStore(address, weights or {}, trust, model)
    if address.startswith(("opensearch:", "opensearchs:")):  # a slash was lost: no folder is meant
        raise UsageError("the address of a cluster has two slashes", "opensearch://host:9200/name")
    scheme, found, _ = address.partition("://")
    if found and scheme.isalpha():  # no folder is called so; the rest may hold a password
        hint = "name a folder, or opensearch://host:9200/name"
        raise UsageError(f"the address of an index does not begin with {scheme}://", hint)
    return FolderStore(address, trust, weights or {}, model)


class FolderStore:
    """A folder that holds an index, or will. See ``port.Store``."""

    def __init__(self, address: str, trust: bool, weights: Mapping[str, float], model: str | None) -> None:
        self.address = address
        self._trust, self._weights, self._model = trust, weights, model

    def open(self) -> LocalEngine:
        """Open the index."""
        from papersearch.engine.local import LocalEngine

        return LocalEngine(self.address, self._trust, self._weights, self._model)

    def update(self, corpus: Sequence[str], run: RunOptions) -> Summary:
        """Bring the index up to date."""
        from papersearch.engine.build import embed, meaning, update

        try:
            summary = update.update(self.address, corpus, update.Options(run, self._trust))
            return meaning.bring_up_to_date(embed.FolderVectors(self.address, run), run, summary)
        except OSError as refused:
            import traceback

            # Frames refer to the error that refers to them: until garbage is collected they would keep files of the
            # index open that are removed by then, and their space on a full disk.
            traceback.clear_frames(refused.__traceback__)
            if isinstance(refused, FileNotFoundError) and not os.path.lexists(self.address):
                raise PapersearchError(
                    f"the index folder {in_prose(self.address)} went away while it was being written",
                    "bring it back, or run again to make it anew",
                ) from refused
            raise PapersearchError(
                f"the index in {in_prose(self.address)} could not be written ({_reason(refused, self.address)})",
                f"what was indexed before is intact; {what_to_do(refused, 'fix this')} and run again",
            ) from refused
        except MemoryError as short:
            raise PapersearchError(
                "there is not enough memory for this run",
                "what was indexed before is intact; run again with --jobs 1 or more memory",
            ) from short
        except PapersearchError:
            raise
        except Exception:
            from papersearch.engine.index.audit import suspect

            suspect(self.address)
            raise

    def corpus(self) -> Corpus:
        """What the index was built from."""
        from papersearch.engine.index import generation as generations
        from papersearch.engine.index.folder import translating_os_errors
        from papersearch.engine.port import Corpus

        with translating_os_errors(self.address):
            try:
                generation = generations.load(self.address, self._trust)
            except PapersearchError as error:
                from papersearch.engine.index.remembered import past_of

                past = past_of(self.address)
                if isinstance(error, DamagedIndexError) and not past.folders:
                    untold = f"{error.message}, and nothing in it tells where its posts are"
                    raise DamagedIndexError(untold, "name their folder: papersearch index FOLDER") from error
                return Corpus(past.folders, past.exclude)
        return Corpus(generation.folders, generation.exclude)

    def check(self) -> list[Problem]:
        """What is wrong with the index."""
        from papersearch.engine.build.verify import check_index
        from papersearch.engine.index.folder import translating_os_errors

        with translating_os_errors(self.address):
            return check_index(self.address, self._trust)


def _reason(refused: OSError, folder: str) -> str:
    """Why the system refused something, and for which file; not for those of the index in a folder, which have other
    names at each try: whoever tries again tells the same failure once."""
    told, name = str(refused.strerror or refused), os.fsdecode(refused.filename or "")
    ours = os.path.normpath(os.path.dirname(name)) == os.path.normpath(folder)
    return told if ours or not name else f"{told}: {in_prose(name)}"
