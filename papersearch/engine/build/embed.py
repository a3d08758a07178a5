"""Keeps the vectors of an index up to date with its papers: those of new segments before a commit, new ones after it.

What was computed is not computed again. Before a generation is committed, ``carry`` gives the documents of its new
segments the vectors that the same texts had in the old ones. After it, when words answer already, ``complete``
computes what is missing, in stages of some seconds: each is a state of its own (see ``index.vectors``), so a run that
is stopped or dies has lost one stage at most, and the next goes on from there. The index is locked for the moment of
a commit only, and other runs need not wait for an hour.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from papersearch.core.errors import MeaningError
from papersearch.core.frozen import replace
from papersearch.engine.build.lock import locked
from papersearch.engine.build.meaning import model_for
from papersearch.engine.index import generation as generations
from papersearch.engine.index import vectors
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.folder import files_of_vectors
from papersearch.engine.index.generation import Generation, SegmentState
from papersearch.engine.index.segment import Segment
from papersearch.engine.index.vectors import Part, State, VectorRows
from papersearch.engine.meaning.models import Model, may_differ
from papersearch.engine.port import RunOptions

# A stage ends when it took this long (chosen: what a kill may cost; a commit takes some hundredths of it).
STAGE_SECONDS = 15.0
# Texts that a model is given at once: enough to keep all cores at work.
BLOCK = 64


class _Text(NamedTuple):
    """The text of a paper that has no vector yet, and where the paper is."""

    segment: str
    document: int
    text: str


def text_key(text: str) -> int:
    """A digest of a text; 0 for the empty one."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=vectors.KEY_BYTES).digest()
    return int.from_bytes(digest, "little") if text else 0


def carry(folder: str, segments: Sequence[SegmentState], files: Files) -> None:
    """Give documents of new segments the vectors that their texts have in old ones. A part of the old vectors that is
    damaged gives none. Loads no model; costs about 20 µs for each document of a new segment."""
    state = _loaded(folder)
    if state is None or not state.parts:
        return
    known = {part.segment for part in state.parts}
    fresh = [segment for segment in segments if segment.name not in known]
    parts = list(_carried(folder, state, fresh, files)) if fresh else []
    if parts:
        vectors.write_state(folder, replace(state, parts=(*state.parts, *parts)), files)


def _carried(folder: str, state: State, fresh: Sequence[SegmentState], files: Files) -> Iterator[Part]:
    """The vectors of fresh segments whose texts have some in the last state, by the texts' digests, written anew."""
    from papersearch.core.numeric import numpy

    old = _readable(folder, state.parts, state.dimensions)
    if not old:
        return
    rows = VectorRows(*(numpy.concatenate(column) for column in zip(*old, strict=True)))
    order = numpy.argsort(rows.keys, kind="stable")
    known = rows.keys[order]
    for segment in fresh:
        documents = Segment(folder, segment.name).documents
        live = sorted(set(range(segment.count)) - set(segment.deleted))
        keys = numpy.array([text_key(vectors.text_of(documents.stored(doc))) for doc in live], "<u8")
        places = numpy.minimum(numpy.searchsorted(known, keys), len(known) - 1)
        found = known[places] == keys
        if found.any():
            taken = rows.take(order[places[found]])._replace(documents=numpy.array(live, "<u4")[found])
            yield vectors.write_part(folder, segment.name, taken, files)


def _readable(folder: str, parts: Iterable[Part], dimensions: int) -> list[VectorRows]:
    """The rows of all parts that are whole."""
    found = []
    for part in parts:
        try:
            found.append(vectors.read_part(folder, part, dimensions))
        except MeaningError:
            continue
    return found


def _is_complete(folder: str, setting: str, asked: bool) -> bool:
    """Whether every paper of the index is known to have its vector, by the model that the setting names now. Loads no
    model and no numpy."""
    state = _loaded(folder)
    if state is None or state.setting != setting or state.complete != generations.newest(folder):
        return False
    return not may_differ(setting, state.model, asked)


def _loaded(folder: str) -> State | None:
    """Which vectors there are; None also where that is damaged."""
    with suppress(MeaningError):
        return vectors.load(folder)
    return None


def _is_whole(folder: str) -> bool:
    """Whether all files of vectors are as they were written. Reads them all, which a run does but not a query."""
    try:
        vectors.verify(folder)
    except MeaningError:
        return False
    return True


class FolderVectors:
    """The vectors of an index in a folder. See ``meaning.Kept``."""

    def __init__(self, folder: str, run: RunOptions) -> None:
        self._folder, self._run = folder, run

    @property
    def setting(self) -> str | None:
        """The setting of their model."""
        try:
            state = vectors.load(self._folder)
        except MeaningError:
            return ""
        return state.setting if state else None

    def complete(self, setting: str) -> int:
        """Make what is missing."""
        if not (self._run.meaning.wanted or self.setting or vectors.any_files(self._folder)):
            raise MeaningError("there are none, and their record is damaged")
        return complete(self._folder, self._run, setting)

    def is_complete(self, setting: str) -> bool:
        """Whether nothing is missing."""
        return _is_complete(self._folder, setting, False)

    def drop(self) -> bool:
        """Remove them."""
        if not files_of_vectors(self._folder):
            return False
        with locked(self._folder, self._run.wait, self._run.waiting):
            vectors.forget(self._folder, PLAIN_FILES)
        return True

    def clear_up(self) -> None:
        """Remove files that no state names."""
        if vectors.leftovers(self._folder):
            with locked(self._folder, self._run.wait, self._run.waiting):
                vectors.clean(self._folder, PLAIN_FILES)


def complete(
    folder: str, run: RunOptions, setting: str, stage_seconds: float = STAGE_SECONDS, files: Files = PLAIN_FILES
) -> int:
    """Compute the vectors that are missing by the model that ``setting`` names; how many. ``run.progress`` is told of
    papers. Raises ``MeaningError`` where the model cannot be used or gives nonsense; what was computed before that is
    kept."""
    if _is_complete(folder, setting, bool(run.meaning.wanted)) and (run.meaning.most is not None or _is_whole(folder)):
        FolderVectors(folder, run).clear_up()
        return 0
    return _VectorRun(folder, run, setting, stage_seconds, files).complete()


class _VectorRun:
    """One run that computes missing vectors, and commits them in stages."""

    def __init__(self, folder: str, run: RunOptions, setting: str, stage_seconds: float, files: Files) -> None:
        self._folder, self._run, self._setting = folder, run, setting
        self._stage_seconds, self._files = stage_seconds, files
        self._generation, self._state = self._begin()
        self._new: list[tuple[_Text, Any]] = []
        self._since = time.monotonic()

    def complete(self) -> int:
        """Compute what is missing and commit it stage by stage; how many vectors were made."""
        known = self._known()
        wanted, most = bool(self._run.meaning.wanted), self._run.meaning.most
        name, made = self._state.model, 0
        if not name or may_differ(self._setting, name, wanted) or next(self._missing(known), None) is not None:
            if most == 0:
                return 0
            model = model_for(self._run, self._setting, self._state.dimensions)
            if (model.name, model.dimensions) != (self._state.model, self._state.dimensions):
                self._generation, self._state = self._begin(model)
                known = self._known()
            made = self._compute(model, known)
        self._commit(None if most and made >= most else self._generation.number)
        return made

    def _compute(self, model: Model, known: dict[str, set[int]]) -> int:
        """Compute the vectors that are not ``known``, and commit all but the last stage of them; how many were made."""
        total = self._generation.papers
        done = before = min(total, sum(map(len, known.values())))
        try:
            for block in _blocks(islice(self._missing(known), self._run.meaning.most)):
                made = iter(model.passages([each.text for each in block if each.text], self._run.jobs))
                for each in block:
                    self._new.append((each, next(made) if each.text else None))
                    done += 1
                    if self._run.progress:
                        self._run.progress(min(done, total), total)
                if time.monotonic() - self._since > self._stage_seconds:
                    self._commit()
        except BaseException:
            self._commit()
            raise
        return done - before

    def _begin(self, model: Model | None = None) -> tuple[Generation, State]:
        """The generation to make vectors for, and the state to begin with, which holds nothing where it is of another
        setting or is to be of another ``model``. A state that is new is written when its model is known."""
        with locked(self._folder, self._run.wait, self._run.waiting):
            generation = generations.load(self._folder, True)
            state = _loaded(self._folder)
            if model is not None:
                if state is None or (state.model, state.dimensions) != (model.name, model.dimensions):
                    state = State(0, self._setting, model.name, model.dimensions)
                state = replace(state, setting=self._setting)  # that of a model whose folder was moved is another
            elif state is None or state.setting != self._setting:
                return generation, State(-1, self._setting)
            names = {segment.name for segment in generation.segments}
            whole = tuple(
                part
                for part in state.parts
                if part.segment in names and _readable(self._folder, [part], state.dimensions)
            )
            state = replace(state, parts=whole, complete=-1)
            state = vectors.write_state(self._folder, state, self._files)
            vectors.clean(self._folder, self._files)
            return generation, state

    def _known(self) -> dict[str, set[int]]:
        """The documents of each segment that have their vector."""
        known: dict[str, set[int]] = {}
        for part in self._state.parts:
            rows = vectors.read_part(self._folder, part, self._state.dimensions)
            known.setdefault(part.segment, set()).update(rows.documents.tolist())
        return known

    def _missing(self, known: dict[str, set[int]]) -> Iterator[_Text]:
        """The texts of papers without a vector."""
        for segment in self._generation.segments:
            without = known.get(segment.name, set()) | {*segment.deleted, *segment.hidden}
            if len(without) < segment.count:
                documents = Segment(self._folder, segment.name).documents
                for doc in range(segment.count):
                    if doc not in without:
                        yield _Text(segment.name, doc, vectors.text_of(documents.stored(doc)))

    def _commit(self, finished: int | None = None) -> None:
        """Make what was computed a part of the index. What belongs to segments that went meanwhile, the next run makes
        again."""
        if not self._new and finished is None:
            return
        new, self._new = self._new, []
        with locked(self._folder, self._run.wait, self._run.waiting):
            state = _loaded(self._folder)
            if state is None or state.model != self._state.model:
                raise MeaningError("the index's vectors were dropped meanwhile", "run again if they are wanted")
            parts = list(state.parts)
            for name in dict.fromkeys(each.segment for each, _ in new):
                parts = self._with(parts, name, [pair for pair in new if pair[0].segment == name])
            if finished is not None:
                state = replace(state, complete=finished)
            self._state = vectors.write_state(self._folder, replace(state, parts=tuple(parts)), self._files)
            vectors.clean(self._folder, self._files)
        self._since = time.monotonic()

    def _with(self, parts: list[Part], segment: str, new: Sequence[tuple[_Text, Any]]) -> list[Part]:
        """The parts with new vectors of a segment. A small part is merged with the ones before it while they are at
        most twice as large: each vector is written again about as often as their number doubles."""
        dimensions = self._state.dimensions
        keys = [text_key(each.text) for each, _ in new]
        rows = vectors.rows_of(keys, [each.document for each, _ in new], [made for _, made in new], dimensions)
        mine = sorted((part for part in parts if part.segment == segment), key=lambda part: part.rows)
        merged, count = [rows], len(new)
        while mine and mine[0].rows <= 2 * count:
            part = mine.pop(0)
            merged.append(vectors.read_part(self._folder, part, dimensions))
            parts.remove(part)
            count += part.rows
        return [*parts, vectors.write_part(self._folder, segment, vectors.merged(merged), self._files)]


def _blocks(texts: Iterator[_Text]) -> Iterator[list[_Text]]:
    while block := list(islice(texts, BLOCK)):
        yield block
