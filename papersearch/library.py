"""The public Python API: open an index, build it, search it. Every program here uses it, and nothing below it.

>>> import papersearch
>>> index = papersearch.build("index", ["corpus"])
>>> for hit in index.search("mixture of experts", limit=3).results:
...     print(hit.id, hit.title)

What keeps the index is behind ``engine.port``; which engine that is depends on the address alone.
"""

from __future__ import annotations

import os
from functools import partial
from operator import itemgetter

from papersearch.core.errors import DamagedIndexError, NotFoundError, PapersearchError, UsageError
from papersearch.core.fields import FACETS, TIMES
from papersearch.core.frozen import replace
from papersearch.core.opening import lasting
from papersearch.core.records import Answering, Request
from papersearch.engine.index.folder import ASKED_FILE as ASKED_FILE
from papersearch.engine.index.paths import absolute, ways_to
from papersearch.engine.stores import CLOSED, store_at
from papersearch.query import ids
from papersearch.query.ids import names_paper as names_paper
from papersearch.query.ids import normal_id as normal_id
from papersearch.query.requests import request_of, several
from papersearch.text.display import local_path as local_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from typing import Any

    from papersearch.core.opening import Folders, StrPath
    from papersearch.core.options import BuildOptions, IndexOptions, Options, Unpack
    from papersearch.core.records import Answer, Completion, Hit, Paper, Problem, Reply, Sentence, Stats, Summary
    from papersearch.engine.port import Corpus, Engine

DEFAULT_INDEX = "index"
DEFAULT_CORPUS = "corpus"
PACKAGED_MODEL = "minilm"  # that of ``engine.meaning.models``, which takes as long to load as this module
QUICK_POSTS = 20_000  # are looked at in about a tenth of a second (measured: 5 µs each)
_PAGE = 200


class Index:
    """An index opened for reading. Use it from any number of threads; ``with`` closes it.

    It answers from the state it was opened with, also while others write, until ``update`` or ``refresh``.
    """

    def __init__(
        self,
        path: StrPath = DEFAULT_INDEX,
        *,
        trust: bool = False,
        weights: Mapping[str, float] | None = None,
        model: str | None = None,
    ) -> None:
        """``weights`` of fields (``{"title": 5}``) rank by other weights than those the index was made with, which
        costs about a microsecond for each posting. ``model`` as in ``index_folder``: the queries of an index whose
        vectors were made by a server on another machine are sent there only if it is named here. Raises
        ``NoIndexError``, ``DamagedIndexError``, or ``PapersearchError`` for another user's folder."""
        self.summary: Summary | None = None
        self._trust, self._model, self._weights = trust, model, dict(weights or {})
        self._engine: Engine = store_at(path, trust=trust, weights=weights, model=model).open()
        self.path = lasting(os.fspath(path))

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens the index anew."""
        return partial(Index, trust=self._trust, weights=self._weights, model=self._model), (self.path,)

    def __repr__(self) -> str:
        return f"Index({self.path!r})"

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the index's files or connections. Whatever is asked of it after that is an error."""
        engine, self._engine = self._engine, CLOSED
        engine.close()

    @property
    def corpus(self) -> tuple[str, ...]:
        """The folders that the index was built from."""
        return self._engine.corpus

    @property
    def run(self) -> int:
        """The number of the last index run that changed anything."""
        return self._engine.run

    def refresh(self) -> bool:
        """Switch to the newest committed state; True if it is another one."""
        return self._engine.refresh()

    def search(self, query: str | Request, **options: Unpack[Options]) -> Answer:
        """One page of results. Options are the fields of ``Request``; ``author`` and ``tag`` take one string.

        Raises ``QueryError`` for a query that is a mistake and ``UsageError`` for options that are.
        """
        return self._engine.search(request_of(query, options))

    def results(self, query: str | Request, **options: Unpack[Options]) -> Iterator[Hit]:
        """All results, best first, fetched page by page, whatever ``limit`` is."""
        request = replace(request_of(query, options), limit=_PAGE)
        while True:
            answer = self.search(request)
            yield from answer.results
            if len(answer.results) < _PAGE:
                return
            request = replace(request, offset=request.offset + _PAGE)

    def paper(self, paper_id: StrPath) -> Paper:
        """One paper by its id in any usual form, or by the path of a post: as that post has it, also where another is
        shown for the paper. Raises ``NotFoundError``."""
        from papersearch.posts.scan import is_post

        known = normal_id(paper_id := os.fspath(paper_id))
        ways = ways_to(os.path.abspath(paper_id), self.corpus) if is_post(paper_id) else ()
        post = next(filter(None, map(self._engine.post, ways)), None)
        if (found := post or self._engine.paper(known) or self._engine.paper(paper_id)) is None:
            from papersearch.text.mistyped import suggestion

            near = suggestion(known, self.ids(known) or self.ids(known[:4]))
            raise NotFoundError(f"there is no paper {paper_id!r}", near)
        return found

    def similar(
        self, paper_id: StrPath | None = None, *, text: str | None = None, **options: Unpack[Options]
    ) -> Answer:
        """Papers like one of the index, or like any ``text``: by the terms that tell it apart."""
        if text is not None:
            return self._engine.similar(text, request_of(" ".join(text.split())[:60], options), None)
        if paper_id is None:
            raise UsageError("similar needs a paper or a text")
        paper = self.paper(paper_id)
        return self._engine.similar(f"{paper.title}\n{paper.abstract}", request_of(paper.id, options), paper.id)

    def facets(self, by: str, query: str | Request = "*", **options: Unpack[Options]) -> list[tuple[str, int]]:
        """(value, papers) by tag or author, most first, or by year or month; of papers with every word."""
        if by not in FACETS:
            raise UsageError(f"there are no facets by {by!r}", f"choose one of {', '.join(FACETS)}")
        request = request_of(query, options)
        counts = self._engine.facets(by, replace(request, match="all") if request.match == "auto" else request)
        found = sorted(counts.items(), key=itemgetter(0))
        return found if by in TIMES else sorted(found, key=itemgetter(1), reverse=True)

    def ask(self, question: str | Request, answering: Answering | None = None, **options: Unpack[Options]) -> Reply:
        """An answer to a question, each sentence with the papers that say so; not ``answered`` if they are silent.
        Options as of ``search``. A model that fails is said in ``notes``; the papers' own sentences are given instead.
        """
        from papersearch.engine.ask.answering import whole

        return whole(self.ask_stream(question, answering, **options))

    def ask_stream(
        self, question: str | Request, answering: Answering | None = None, **options: Unpack[Options]
    ) -> Generator[Sentence, None, Reply]:
        """As ``ask``: yields each sentence as it is found and checked, and returns the whole reply."""
        from papersearch.engine.ask.answering import answer

        how = answering or Answering()
        if how.papers < 1:
            raise UsageError("an answer needs at least one paper", "5 is usual")
        return answer(self._engine, request_of(question, options), how)

    def ask_prompt(
        self, question: str | Request, answering: Answering | None = None, **options: Unpack[Options]
    ) -> list[dict[str, str]]:
        """The messages that a model would be sent for a question; empty if none would be asked."""
        from papersearch.engine.ask.answering import prompt

        return prompt(self._engine, request_of(question, options), (answering or Answering()).papers)

    def completions(self, text: str, most: int = 10) -> list[Completion]:
        """How a query may go on: the commonest words that its last one may become, then authors and tags."""
        return self._engine.completions(text, most)

    def stats(self, look: bool = True) -> Stats:
        """What the index holds; with ``look`` also how many posts are not indexed yet, None if that cannot be seen."""
        stats = self._engine.stats()
        if not look:
            return stats
        try:
            return replace(stats, stale=self._engine.stale())
        except DamagedIndexError:
            raise
        except PapersearchError:
            return stats

    def stale(self, quick: bool = False) -> int:
        """How many files of the corpus are new, changed or gone; with ``quick``, 0 if looking would take long."""
        return self._engine.stale(QUICK_POSTS if quick else None)

    def ids(self, prefix: str = "") -> list[str]:
        """Paper ids that start with ``prefix``, in order."""
        return self._engine.values("id", prefix)

    def tags(self, prefix: str = "") -> list[str]:
        """All tags that start with ``prefix``, in order, as they are written."""
        return self._engine.values("tag", prefix)

    def authors(self, prefix: str = "") -> list[str]:
        """All authors that start with ``prefix``, in order, as they are written."""
        return self._engine.values("author", prefix)

    def titles(self, prefix: str = "") -> list[str]:
        """All titles that start with ``prefix``, in order, as they are written."""
        return self._engine.values("title", prefix)

    def update(self, **options: Unpack[IndexOptions]) -> Summary:
        """Bring the index up to date with its corpus, and go on with the new state. Options as of ``index_folder``."""
        corpus = corpus_of(self.path, None, self._trust, self.corpus)  # ours, if the index was removed meanwhile
        summary = index_folder(self.path, corpus, trust=self._trust, **options)
        self.refresh()
        return summary


def address_of(paper: Hit | Paper) -> str | None:
    """The web address that a paper's post gives, else that of its id if it is one of arXiv's or a DOI."""
    return paper.url or ids.address_of(paper.id)


def is_here(server: str) -> bool:
    """Whether a server's address is on this machine. Raises ``UsageError`` if it is no address."""
    from papersearch.engine.ask.model import is_here

    return is_here(server)


def open(
    path: StrPath = DEFAULT_INDEX,
    *,
    trust: bool = False,
    weights: Mapping[str, float] | None = None,
    model: str | None = None,
) -> Index:
    """Open an index that exists; see ``Index``."""
    return Index(path, trust=trust, weights=weights, model=model)


def search(query: str | Request, *, index: StrPath = DEFAULT_INDEX, **options: Unpack[Options]) -> Answer:
    """One page of results from the index in a folder. To ask more than once, ``open`` it and keep it."""
    with Index(index) as opened:
        return opened.search(query, **options)


def build(path: StrPath = DEFAULT_INDEX, folders: Folders | None = None, **options: Unpack[BuildOptions]) -> Index:
    """Bring an index up to date with folders of posts, or make it, and open it. Options as of ``index_folder``."""
    summary = index_folder(path, folders, **options)
    index = Index(path, trust=bool(options.get("trust")), model=options.get("model"))
    index.summary = summary
    return index


def index_folder(
    path: StrPath = DEFAULT_INDEX,
    folders: Folders | None = None,
    *,
    rebuild: bool = False,
    jobs: int = 0,
    wait: float = 60.0,
    trust: bool = False,
    progress: Callable[[int, int], None] | None = None,
    waiting: Callable[[str], None] | None = None,
    exclude: Sequence[str] | None = None,
    meaning: bool | None = None,
    model: str | None = None,
    trust_model: bool = False,
    most_vectors: int | None = None,
    prune: bool = False,
) -> Summary:
    """Bring the index at ``path`` up to date with its corpus and say what was done.

    ``folders`` None means those that it was built from, else ``corpus``. ``jobs`` 0 means all cores. ``exclude`` are
    patterns of ``.gitignore`` for what is left out; None means those of the last run. ``meaning`` True makes a vector
    for each paper, False drops them, None goes on as before; ``model`` is ``minilm``, a folder, or a server's address
    and the name of its model (with ``trust_model`` it may be another machine), and no more than ``most_vectors`` are
    made. Posts of a folder that is gone or cannot be listed stay, unless ``prune`` is set. Raises ``MeaningError`` if
    vectors were asked for and cannot be made, when the words are indexed; ``LockedIndexError`` if another run holds the
    index for longer than ``wait`` seconds.
    """
    from papersearch.engine.port import RunOptions, VectorOptions

    meant, named = VectorOptions(meaning, model, trust or trust_model, most_vectors), folders is not None
    run = RunOptions(rebuild, jobs, wait, progress, waiting, exclude and several(exclude), meant, prune, named)
    return store_at(path, trust=trust).update(corpus_of(path, folders, trust), run)


def corpus_of(
    path: StrPath, folders: Folders | None = None, trust: bool = False, default: Sequence[str] | None = None
) -> list[str]:
    """An index's folders of posts, as absolute paths: those named, else those it was built from, else the ``default``,
    else ``corpus``. Raises ``DamagedIndexError`` if none are named and a damaged index does not tell."""
    if folders is None:
        folders = store_at(path, trust=trust).corpus().folders or default or [DEFAULT_CORPUS]
    return absolute(folders)


def remembered(path: StrPath) -> Corpus:
    """The folders that the index says it was built from, and what was left out of them; nothing if there is none."""
    return store_at(path).corpus()


def check(
    path: StrPath = DEFAULT_INDEX,
    folders: Folders | None = None,
    *,
    trust: bool = False,
    exclude: Sequence[str] | None = None,
    default: Sequence[str] | None = None,
) -> list[Problem]:
    """Everything that is wrong with the posts and with the index. ``exclude`` as in ``index_folder``, folders as in
    ``corpus_of``; of an index that does not tell where its posts are, only the index."""
    from papersearch.engine.build.verify import check_all

    store = store_at(path, trust=trust)
    try:
        corpus = corpus_of(path, folders, trust, default)
        exclude = store.corpus().exclude if exclude is None else exclude
    except DamagedIndexError:  # it is among what is wrong with the index
        corpus = [] if folders is None else corpus_of(path, folders, trust)
    return check_all(corpus, several(exclude), store.check())


def watch(
    path: StrPath,
    folders: Folders | None = None,
    *,
    on_summary: Callable[[Summary], None],
    on_error: Callable[[PapersearchError], None],
    stop: threading.Event | None = None,
    **options: Unpack[BuildOptions],
) -> None:
    """Index again whenever posts change, until ``stop`` is set. ``rebuild`` and ``prune`` hold for the first run. An
    index that is removed or moved meanwhile is built anew from the same folders."""
    from papersearch.engine.build.watch import runner, watch_folders

    trust = bool(options.get("trust"))
    first, store = corpus_of(path, folders, trust), store_at(path, trust=trust)
    run = runner(lambda corpus, how: index_folder(path, corpus, **how), first, options, store.corpus)
    watch_folders(first, run, on_summary, on_error, stop, os.fspath(path))
