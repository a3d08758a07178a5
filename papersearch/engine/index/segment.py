"""A segment: two files that hold some documents for good, ``NAME.docs`` and ``NAME.terms``; written once."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from papersearch.engine.index.container import Container, SectionWriter
from papersearch.engine.index.documents import DocumentsReader
from papersearch.engine.index.folder import INDEX_NAME, files_of
from papersearch.engine.index.terms import TermsReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from papersearch.engine.index.files import Files
    from papersearch.engine.index.generation import SegmentState

    _Reader = TypeVar("_Reader")


_LARGE = ("stored", "tokens", "postings", "blocks")  # sections of which each row, term or block has its own checksum


class Segment:
    """A segment opened for reading."""

    def __init__(self, folder: str, name: str) -> None:
        """Raise ``DamagedIndexError`` where a file is missing or not whole."""
        self.name = name
        documents, terms = (Container(os.path.join(folder, file)) for file in files_of(name))
        self.documents, self.terms = _opened(DocumentsReader, documents), _opened(TermsReader, terms)
        self.count = self.documents.count
        self.containers = documents, terms

    def verify(self) -> None:
        """Read everything; raise ``DamagedIndexError`` at the first wrong checksum."""
        for each in self.containers:
            each.verify()

    def verify_quickly(self) -> None:
        """Verify all sections but the large ones, whose rows, terms and blocks have checksums of their own: what a run
        checks before it builds on a segment."""
        for each in self.containers:
            for name in each.names():
                if name not in _LARGE:
                    each.verified(name)


def committed(folder: str, state: SegmentState) -> Segment:
    """A segment of a generation, opened. Raises ``DamagedIndexError`` where it is not the one that was committed."""
    segment = Segment(folder, state.name)
    sizes = tuple(each.size_bytes() for each in segment.containers)
    if sizes != state.sizes or segment.count != state.count:
        raise segment.documents.container.damaged("its size is not what was written")
    return segment


def _opened(reader: Callable[[Container], _Reader], container: Container) -> _Reader:
    """A reader of a file. If the checksums are right and it is not such a file all the same, that is damage too."""
    try:
        return reader(container)
    except (LookupError, TypeError, ValueError, struct.error) as wrong:
        raise container.damaged("it is not such a file") from wrong


def new_name() -> str:
    """A segment name that Whoosh accepts and nobody has used."""
    return f"{INDEX_NAME}_{os.urandom(8).hex()}"


@contextmanager
def segment_files(folder: str, name: str, files: Files) -> Iterator[tuple[SectionWriter, SectionWriter]]:
    """Both containers of a new segment, synced at the end. Where that fails, the run sweeps up what was written."""
    with ExitStack() as stack:
        opened = [stack.enter_context(closing(files.create(os.path.join(folder, file)))) for file in files_of(name)]
        yield SectionWriter(opened[0]), SectionWriter(opened[1])
        for file in opened:
            files.sync(file)
