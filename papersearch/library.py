"""The library behind every door: open an index, build it, ask it. The command line and programs use the same names.

>>> import papersearch
>>> index = papersearch.build("index", ["corpus"])
>>> for hit in index.search("mixture of experts", limit=3).results:
...     print(hit.id, hit.title)
"""

from __future__ import annotations

import os
from _thread import allocate_lock  # `threading` makes of it no more than this, and takes its time to load
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType

from papersearch.core.errors import DamagedIndexError, NoIndexError, NotFoundError, PapersearchError, UsageError
from papersearch.core.fields import AUTHOR, FACETS, ID, PATH, TAG
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import Answer, Hit, Paper, Problem, Request, Stats, Summary
from papersearch.engine.index import generation as generations
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.index.weights import weights_of
from papersearch.engine.local import Engine
from papersearch.engine.search import hits
from papersearch.engine.search.hits import local_path as local_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from typing import Any

    from papersearch.engine.build.update import Options

DEFAULT_INDEX = "index"
DEFAULT_CORPUS = "corpus"
# Posts that are looked at in about a tenth of a second (measured: 5 µs each).
QUICK_POSTS = 20_000
_REQUEST_FIELDS = frozenset(names_of(Request))
_PAGE = 200


class Index:
    """An index opened for reading. Use it from any number of threads; ``with`` closes it.

    It answers from the state it was opened with, also while others write, until ``update`` or ``refresh``.
    """

    def __init__(
        self, path: str = DEFAULT_INDEX, *, trust: bool = False, weights: Mapping[str, float] | None = None
    ) -> None:
        """``weights`` of fields (``{"title": 5}``) rank by other weights than those the index was made with, which
        costs about a microsecond for each posting. Raises ``NoIndexError``, ``DamagedIndexError``, or
        ``PapersearchError`` for another user's folder."""
        self.path = path
        self.summary: Summary | None = None
        self._trust = trust
        self._weights = weights_of(weights or {})
        self._engine = Engine(IndexReader(path, trust, self._weights))
        self._swap = allocate_lock()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files. They are mapped into memory and unmapped when nothing refers to them."""

    @property
    def corpus(self) -> tuple[str, ...]:
        """The folders that the index was built from."""
        return self._engine.reader.generation.folders

    @property
    def run(self) -> int:
        """The number of the last index run that changed anything."""
        return self._engine.reader.generation.run

    def refresh(self) -> bool:
        """Go on with the newest committed state; whether it is another one."""
        with self._swap:
            if self._engine.reader.is_current():
                return False
            self._engine = Engine(IndexReader(self.path, self._trust, self._weights))
        return True

    def search(self, query: str | Request, **options: Any) -> Answer:
        """One page of results. Options are the fields of ``Request``; ``author`` and ``tag`` take one string.

        Raises ``QueryError`` for a query that is a mistake and ``UsageError`` for options that are.
        """
        with self._noting_damage():
            return self._engine.search(_request(query, options))

    @contextmanager
    def _noting_damage(self) -> Iterator[None]:
        """Leave word for the next index run where a reader comes upon damage."""
        try:
            yield
        except DamagedIndexError:
            generations.note_doubt(self.path)
            raise

    def results(self, query: str | Request, **options: Any) -> Iterator[Hit]:
        """All results, best first, fetched page by page."""
        request = replace(_request(query, options), limit=_PAGE)
        while True:
            answer = self.search(request)
            yield from answer.results
            if len(answer.results) < _PAGE:
                return
            request = replace(request, offset=request.offset + _PAGE)

    def paper(self, paper_id: str) -> Paper:
        """One paper by its id in any usual form, or by the path of a post. Raises ``NotFoundError``."""
        reader = self._engine.reader
        with self._noting_damage():
            known = self._id_of_path(paper_id) or normal_id(paper_id)
            found = hits.find_paper(reader, known) or hits.find_paper(reader, paper_id)
            if found is None:
                from papersearch.engine.search import spelling

                near = spelling.nearest(known, self.ids(known[:4]))
                raise NotFoundError(f"there is no paper {paper_id!r}", f"did you mean {near}?" if near else "")
            segment, doc = found
            stored = segment.documents.stored(doc)
            return hits.paper(stored, hits.other_posts(reader, stored["id"]))

    def _id_of_path(self, path: str) -> str | None:
        from papersearch.posts.scan import is_post

        if not is_post(path):
            return None
        for segment in self._engine.reader.segments:
            entry = segment.find(os.path.abspath(path), PATH)
            for doc in segment.postings(entry).docs if entry is not None else ():
                paper_id: str = segment.documents.stored(doc)["id"]
                return paper_id
        return None

    def similar(self, paper_id: str | None = None, *, text: str | None = None, **options: Any) -> Answer:
        """Papers like one of the index, or like any text: by the terms that tell it apart."""
        paper = self.paper(paper_id) if text is None and paper_id is not None else None
        if paper is None and text is None:
            raise UsageError("similar needs a paper or a text")
        content = text if text is not None else f"{paper.title}\n{paper.abstract}" if paper else ""
        label = paper.id if paper else " ".join(content.split())[:60]
        with self._noting_damage():
            return self._engine.similar(content, _request(label, options), paper.id if paper else None)

    def facets(self, by: str, query: str | Request = "*", **options: Any) -> list[tuple[str, int]]:
        """How many papers have each tag, author, year or month, of all or of those that match; most first."""
        if by not in FACETS:
            raise UsageError(f"there are no facets by {by!r}", f"choose one of {', '.join(FACETS)}")
        with self._noting_damage():
            counts: Counter[str] = self._engine.facets(by, _request(query, options))
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def stats(self, look: bool = True) -> Stats:
        """What the index holds; with ``look``, also how many posts on disk are not indexed as they are now."""
        reader = self._engine.reader
        generation = reader.generation
        return Stats(
            papers=generation.papers,
            posts=generation.posts,
            terms=sum(segment.terms.count for segment in reader.segments),
            segments=len(reader.segments),
            size_bytes=folder_size(self.path),
            generation=generation.number,
            indexed_at=generation.indexed_at or None,
            corpus=generation.folders,
            stale=self.stale() if look else None,
            run=generation.run,
        )

    def stale(self, quick: bool = False) -> int:
        """How many files of the corpus are new, changed or gone since they were indexed. Looks at every file, about
        5 µs each; with ``quick``, not where they are so many that a person would wait (0 then)."""
        from papersearch.engine.index.filetable import Table, count_stale
        from papersearch.posts.scan import walk

        if quick and self._engine.reader.generation.posts > QUICK_POSTS:
            return 0
        number = self._engine.reader.generation.number
        states, _ = walk(self.corpus, self._engine.reader.generation.exclude)
        return count_stale(states, Table(os.path.join(self.path, generations.table_name(number))))

    def ids(self, prefix: str = "") -> list[str]:
        """Paper ids that start with ``prefix``, in order."""
        return list(self._engine.reader.terms(prefix.casefold(), ID))

    def tags(self) -> list[str]:
        """All tags, in order, as they are written."""
        return _spellings(self._engine.reader, TAG)

    def authors(self) -> list[str]:
        """All authors, in order, as they are written."""
        return _spellings(self._engine.reader, AUTHOR)

    def update(self, **options: Any) -> Summary:
        """Bring the index up to date with its corpus, and go on with the new state. Options as of ``index_folder``."""
        summary = index_folder(self.path, None, trust=self._trust, **options)
        self.refresh()
        return summary


def _request(query: str | Request, options: dict[str, Any]) -> Request:
    """A request from a query and keyword options."""
    for one, many in (("author", "authors"), ("tag", "tags")):
        if one in options:
            options[many] = (*options.get(many, ()), options.pop(one))
    for many in ("authors", "tags"):
        if isinstance(options.get(many), str):
            options[many] = (options[many],)
        elif many in options:
            options[many] = tuple(options[many])
    unknown = options.keys() - _REQUEST_FIELDS
    if unknown:
        from papersearch.engine.search import spelling

        name = min(unknown)
        near = spelling.nearest(name, _REQUEST_FIELDS)
        raise UsageError(f"there is no option {name!r}", f"did you mean {near!r}?" if near else "")
    return replace(query, **options) if isinstance(query, Request) else Request(query, **options)


def normal_id(text: str) -> str:
    """The id that a usual form of it means: ``arXiv:2412.15115v1`` and addresses become ``2412.15115``."""
    from papersearch.query.ids import identify

    found = identify(text)
    return found[0] if found else text


def _spellings(reader: IndexReader, field: str) -> list[str]:
    return [term.partition("\0")[2] for term in reader.terms("", field)]


def folder_size(path: str) -> int:
    """Bytes of all files in a folder."""
    with os.scandir(path) as entries:
        return sum(entry.stat().st_size for entry in entries if entry.is_file())


def open(path: str = DEFAULT_INDEX, *, trust: bool = False, weights: Mapping[str, float] | None = None) -> Index:
    """Open an index that exists; see ``Index``."""
    return Index(path, trust=trust, weights=weights)


def search(query: str | Request, *, index: str = DEFAULT_INDEX, **options: Any) -> Answer:
    """One page of results from the index in a folder. To ask more than once, ``open`` it and keep it."""
    with Index(index) as opened:
        return opened.search(query, **options)


def build(path: str = DEFAULT_INDEX, folders: Sequence[str] | None = None, **options: Any) -> Index:
    """Bring an index up to date with folders of posts, or make it, and open it. Options as of ``index_folder``."""
    summary = index_folder(path, folders, **options)
    index = Index(path, trust=bool(options.get("trust")))
    index.summary = summary
    return index


def index_folder(
    path: str = DEFAULT_INDEX,
    folders: Sequence[str] | None = None,
    *,
    rebuild: bool = False,
    jobs: int = 0,
    wait: float = 60.0,
    trust: bool = False,
    progress: Callable[[int, int], None] | None = None,
    waiting: Callable[[str], None] | None = None,
    exclude: Sequence[str] | None = None,
) -> Summary:
    """Bring the index at ``path`` up to date with its corpus and say what was done.

    ``folders`` None means those that it was built from, else ``corpus``. ``jobs`` 0 means all cores. ``exclude`` are
    patterns of ``.gitignore`` for what is left out; None means those of the last run. Raises
    ``LockedIndexError`` if another run holds the index for longer than ``wait`` seconds.
    """
    from papersearch.engine.build import update

    options: Options = update.Options(rebuild, jobs, wait, trust, progress, waiting, exclude=exclude)
    corpus = corpus_of(path, folders, trust)
    try:
        return update.update(path, corpus, options)
    except OSError as refused:
        raise PapersearchError(
            f"the index in {path} could not be written ({refused.strerror or refused})",
            "what was there before is as it was; mend this and run again",
        ) from refused


def corpus_of(path: str, folders: Sequence[str] | None = None, trust: bool = False) -> list[str]:
    """The folders of an index's corpus, as absolute paths."""
    if folders is None:
        folders = _built_from(path, trust) or [DEFAULT_CORPUS]
    return [os.path.abspath(folder) for folder in folders]


def remembers_corpus(path: str) -> bool:
    """Whether there is an index that says what folders it was built from."""
    return bool(generations.remembered_folders(path))


def address_of(paper_id: str) -> str | None:
    """The web address of a paper whose id is one of arXiv's."""
    from papersearch.query.ids import identify

    found = identify(paper_id)
    return f"https://arxiv.org/abs/{paper_id}" if found and found[0] == paper_id and "10." not in paper_id[:3] else None


def _built_from(path: str, trust: bool) -> tuple[str, ...]:
    try:
        return generations.load(path, trust).folders
    except NoIndexError:
        return ()
    except PapersearchError:
        return generations.remembered_folders(path)


def check(
    path: str = DEFAULT_INDEX,
    folders: Sequence[str] | None = None,
    *,
    trust: bool = False,
    exclude: Sequence[str] | None = None,
) -> list[Problem]:
    """Everything that is wrong with the posts and with the index. ``exclude`` as in ``index_folder``."""
    from papersearch.engine.build.verify import check_index, check_posts

    if exclude is None:
        exclude = _left_out(path, trust)
    return [*check_posts(corpus_of(path, folders, trust), exclude), *check_index(path, trust)]


def _left_out(path: str, trust: bool) -> tuple[str, ...]:
    try:
        return generations.load(path, trust).exclude
    except PapersearchError:
        return ()


def watch(
    path: str,
    folders: Sequence[str] | None = None,
    *,
    on_summary: Callable[[Summary], None],
    on_error: Callable[[PapersearchError], None],
    stop: threading.Event | None = None,
    **options: Any,
) -> None:
    """Index again whenever posts change, until ``stop`` is set."""
    from papersearch.engine.build.watch import watch_folders

    corpus = corpus_of(path, folders)
    watch_folders(corpus, lambda: index_folder(path, corpus, **options), on_summary, on_error, stop)
