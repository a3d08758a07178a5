"""What a query with ``--new``, or a saved search, has shown: kept in the index folder, and of an index in a cluster,
which many people share, in the user's own folder for such things.

``papersearch_asked.json`` maps a digest of the words and filters to the number of an index run, up to which all papers
were shown, and the *marks* of other papers that were shown: those of later runs, and those that would be new again
because they went away and came back, or got another post. The mark of a paper is its id, if that names it wherever it
stands. An id that is a file's name may become that of another paper, which must not be taken for shown: such a paper
is marked by its id and text together, and only until all papers of its run are shown.
"""

from __future__ import annotations

import os
import sys
from hashlib import blake2b

from papersearch.apps.user_folders import state_folder
from papersearch.core import json_file
from papersearch.core.errors import PapersearchError, what_to_do
from papersearch.core.frozen import NamedTuple, replace
from papersearch.library import ASKED_FILE, names_paper
from papersearch.output.streams import delivered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from papersearch.core.records import Answer, Hit, Request
    from papersearch.library import Index

_MOST = 10_000  # queries remembered; the longest unasked are forgotten
_MOST_MARKS = 10_000  # of each kept once all is shown, 140 kB; the first shown are forgotten
_MOST_MARKS_OF_ALL = 1_000_000  # 14 MB, a third of a second each time; those of queries unasked longest are forgotten


class Seen(NamedTuple):
    """What a request has shown: every paper up to a run, and those with these ``marks``."""

    run: int = 0
    marks: tuple[str, ...] = ()

    def through(self, run: int, hits: Iterable[Hit]) -> Seen:
        """With these papers, the first shown first, and all papers up to a run."""
        # Thousands of searches find the same papers: one string for each of these.
        named = map(sys.intern, filter(names_paper, (*self.marks, *(hit.id for hit in hits))))
        return Seen(run, tuple(named)[-_MOST_MARKS:])

    def and_also(self, index: Index, hits: Iterable[Hit]) -> Seen:
        """With these papers, while others of their runs are not shown yet."""
        return Seen(self.run, (*self.marks, *(_mark(index, hit) for hit in hits)))


def _mark(index: Index, hit: Hit) -> str:
    """The mark of a paper, which no other has: an id that names it, else its id and a digest of its text."""
    if names_paper(hit.id):
        return hit.id
    paper = index.paper(hit.id)
    return f"{hit.id}\n{_key(repr((paper.title, paper.abstract, paper.qa)))}"


def last_seen(index: Index, requests: Iterable[str]) -> dict[str, Seen]:
    """What each request has shown so far; nothing if it was never asked. A run of another index is none of this one's.
    Raises ``PapersearchError`` if it cannot be read now: a digest would begin anew, and never show most of what is
    new."""
    folder = _place(index.path)
    try:
        asked = json_file.read(os.path.join(folder, ASKED_FILE))
    except OSError as refused:
        reason = refused.strerror or str(refused)
        raise PapersearchError(
            f"what was shown before cannot be read in {folder} ({reason})",
            what_to_do(refused, "fix this and ask again"),
        ) from refused
    newest = index.run
    return {request: _seen(asked.get(_key(request)), newest) for request in requests}


def _seen(kept: Any, newest: int) -> Seen:
    """What is kept of a request, of an index whose last run has the number ``newest``."""
    match kept:
        case int(run):
            seen = Seen(run)
        case [int(run), list(marks)]:
            seen = Seen(run, tuple(map(str, marks)))
        case _:
            seen = Seen()
    return seen if seen.run <= newest else Seen(0, seen.marks)


def unseen(index: Index, request: Request, seen: Seen) -> Answer:
    """All papers that a request finds and has not shown, whatever its limit and offset; without their passages."""
    whole = replace(request, since_run=seen.run, offset=0, limit=_MOST_MARKS, snippets=False, explain=False)
    answer = index.search(whole)
    if answer.total > len(answer.results):
        answer = index.search(replace(whole, limit=answer.total))
    marks = frozenset(seen.marks)
    ids = {mark.partition("\n")[0] for mark in marks}
    new = tuple(hit for hit in answer.results if hit.id not in ids or _mark(index, hit) not in marks)
    return replace(
        answer,
        total=len(new),
        total_all=sum(not hit.missing for hit in new),
        results=new,
        suggestion=answer.suggestion if not answer.total else None,
    )


def page(index: Index, request: Request, seen: Seen, new: Answer, begin: int, end: int) -> Answer:
    """An answer of ``unseen`` with the papers from ``begin`` to ``end`` alone, as the request wants them shown."""
    hits = new.results[begin:end]
    if hits and (request.snippets or request.explain):
        chosen = {hit.id for hit in hits}
        shown = replace(request, since_run=seen.run, offset=0, limit=hits[-1].rank)
        hits = tuple(hit for hit in index.search(shown).results if hit.id in chosen)
    return replace(new, results=tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, begin + 1)))


def remember(index: Index, seen: Mapping[str, Seen], otherwise: str) -> None:
    """Note what each request has shown, once all that was printed is written out, and not if it was lost. Raises as
    ``delivered``, and ``PapersearchError`` if it cannot be noted, with what to do ``otherwise``."""
    if not delivered():
        return

    def noted(asked: dict[str, Any]) -> None:
        for request, shown in seen.items():
            asked.pop(_key(request), None)
            asked[_key(request)] = [shown.run, shown.marks] if shown.marks else shown.run
        while len(asked) > _MOST:
            del asked[next(iter(asked))]
        _forget_marks(asked)

    folder = _place(index.path)
    try:
        json_file.update(os.path.join(folder, ASKED_FILE), noted, make_folder=folder != index.path)
    except OSError as refused:
        reason = refused.strerror or str(refused)
        raise PapersearchError(f"what was shown cannot be recorded in {folder} ({reason})", otherwise) from refused


def _forget_marks(asked: dict[str, Any]) -> None:
    """Leave no more marks than a query should have to read and write, those of the queries asked last."""
    left = _MOST_MARKS_OF_ALL
    for key in reversed(asked):
        match asked[key]:
            case [run, list(marks) | tuple(marks)]:
                left -= len(marks)
                if left < 0:
                    asked[key] = run


def _place(index: str) -> str:
    """The folder in which the file for an index lies."""
    return os.path.join(state_folder(), _key(index)) if "://" in index else index


def _key(request: str) -> str:
    return blake2b(request.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
