"""The next state of an index while it is made: what is deleted, added and merged, and the rename that commits it.

Merge policy: a new segment, unless it is a large one, is merged with the next larger one while that is at most
``MOST_TIMES`` as large; one of which more than a fifth is deleted is written anew; and never more than
``MOST_SEGMENTS`` are left. So thirty posts a week are two segments or three, and cost a fraction of a second each week.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate
from typing import NamedTuple
from zlib import crc32

from papersearch.core.clock import now_text
from papersearch.core.errors import PapersearchError
from papersearch.core.frozen import replace
from papersearch.core.strings import repeated
from papersearch.engine.build import embed
from papersearch.engine.build.changes import Changes
from papersearch.engine.build.tasks import Part, Sizes, no_collection
from papersearch.engine.index import generation as generations
from papersearch.engine.index.documents import precedence
from papersearch.engine.index.files import Files
from papersearch.engine.index.filetable import write_table
from papersearch.engine.index.folder import files_of, numbers_in
from papersearch.engine.index.generation import Generation, SegmentState
from papersearch.engine.index.paths import home_of, stored_folders
from papersearch.engine.index.rows import NOWHERE, Row, Rows
from papersearch.engine.index.segment import Segment, new_name, segment_files
from papersearch.text.folding import value_keys

MOST_SEGMENTS = 6
# Over 1,711 papers each further segment makes a short query an eighth dearer. In 36 weeks of thirty posts, from 600 on,
# there were 1.8 segments, where with 2 in place of 8 there were 2.7; a query from the shell took a twentieth less time,
# and a run no more (2026-11-28). Each post added has some twelve written again, 45 µs each, where it had six.
MOST_TIMES = 8
MOST_DELETED = 0.2


class _Segment(NamedTuple):
    """A segment of a draft, with the number of its documents, and which of them are ``deleted`` by now."""

    name: str
    documents: int
    deleted: set[int]

    @property
    def live(self) -> int:
        """Documents that are not deleted."""
        return self.documents - len(self.deleted)


class Draft:
    """The next state while it is made: rows of files, and segments whose documents the rows point to."""

    def __init__(self, folder: str, old: Generation, files: Files, piece: int) -> None:
        self._piece = piece
        self._folder, self._files, self._old = folder, files, old
        self._segments = [_Segment(each.name, each.count, {*each.deleted}) for each in old.segments]
        self._rows = Rows.of(())

    def take(self, changes: Changes, parts: Sequence[Part], merging: bool = True) -> None:
        """Delete what was replaced or removed, add the new segments to what is kept, merge what the policy says."""
        for row in [*changes.replaced.values(), *changes.moved.values(), *changes.removed]:
            if row.is_indexed:
                self._segments[row.segment].deleted.add(row.document)
        rows = [changes.kept]
        old = len(self._segments)
        for part in parts:
            rows.append(part.rows.placed(partial(_in_segment, len(self._segments)), {0}))
            if part.segment is not None:
                self._segments.append(_Segment(part.segment, part.rows.indexed, set()))
        self._rows = Rows.joined(rows)
        chosen = self._choose(old)
        if merging and (len(chosen) > 1 or any(self._segments[number].deleted for number in chosen)):
            self._merge(chosen)

    def _choose(self, old: int) -> list[int]:
        """Numbers of the segments to merge into one, in order; those from ``old`` on are new."""
        live = [segment.live for segment in self._segments]
        chosen = {n for n in range(old, len(live)) if live[n] < self._piece // 4}
        chosen |= {n for n, each in enumerate(self._segments) if len(each.deleted) > MOST_DELETED * each.documents}
        rest = sorted({*range(len(live))} - chosen, key=live.__getitem__)
        total = sum(live[n] for n in chosen)
        while rest and (live[rest[0]] <= MOST_TIMES * total or len(rest) + bool(chosen) > MOST_SEGMENTS):
            total += live[rest[0]]
            chosen.add(rest.pop(0))
        return sorted(chosen)

    def _merge(self, chosen: Sequence[int]) -> None:
        """Merge segments, given by their numbers, into one, which comes last; rows of files follow their documents."""
        from papersearch.engine.build.merge import Input, merge  # loads numpy

        name = new_name()
        merged = [self._segments[number] for number in chosen]
        inputs = [Input(Segment(self._folder, each.name), frozenset(each.deleted)) for each in merged]
        with no_collection(), segment_files(self._folder, name, self._files) as (documents, terms):
            count = merge(inputs, documents, terms)
        places: dict[int, list[int]] = {}
        base = 0
        for number, each in zip(chosen, merged, strict=True):
            live = [document not in each.deleted for document in range(each.documents)]
            places[number] = list(accumulate(live, initial=base))
            base = places[number][-1]
        others = [number for number in range(len(self._segments)) if number not in places]
        renumbered = {number: place for place, number in enumerate(others)}
        elsewhere = {*chosen, *(number for number, place in renumbered.items() if number != place)}
        self._segments = [self._segments[number] for number in others]
        if count:
            self._segments.append(_Segment(name, count, set()))

        def place(segment: int, document: int) -> tuple[int, int]:
            if segment in renumbered:
                return renumbered[segment], document
            return len(others), places[segment][document]

        self._rows = self._rows.placed(place, elsewhere)

    def _hidden(self) -> list[set[int]]:
        """Documents of papers of which another post is shown."""
        hidden: list[set[int]] = [set() for _ in self._segments]
        keys = value_keys(self._rows.ids.list())
        several = repeated(keys)
        posts: dict[str, list[Row]] = {}
        for number, key in enumerate(keys) if several else ():
            if key in several and self._rows.segments[number] != NOWHERE:
                posts.setdefault(key, []).append(self._rows[number])
        for same in posts.values():
            _, *others = sorted(same, key=lambda row: precedence(row.version, row.posted, row.path), reverse=True)
            for row in others:
                hidden[row.segment].add(row.document)
        return hidden

    def commit(self, state: Generation, unread: Sequence[str] = ()) -> None:
        """Write table and manifest, sync, and make the new generation the current one by one rename; then remove what
        it does not need, unless it is a stage, and others are still at work. ``state`` says what the run is of: corpus,
        run, start and plan; ``unread`` is what was told of files that could not be read."""
        number = max(self._old.number, *numbers_in(self._folder), -1) + 1
        try:
            new = self._write_state(replace(state, number=number), unread)
        except BaseException:
            with suppress(OSError, PapersearchError):
                if generations.newest(self._folder) != number:
                    for name in (generations.manifest_name(number), generations.table_name(number)):
                        self._files.remove(os.path.join(self._folder, name))
            raise
        if not new.planned:
            generations.clean(self._folder, [new], self._files)
            generations.dispel_doubt(self._folder, self._files)

    def _write_state(self, state: Generation, unread: Sequence[str]) -> Generation:
        """Write the files of the next state, given as far as it is known. What they name is there before them: the
        table of contents comes last, and to rename it into place is the commit."""
        files, folder, number = self._files, self._folder, state.number
        hidden = self._hidden()
        segments = tuple(
            SegmentState(each.name, each.documents, self._sizes(each.name), (*sorted(each.deleted),), (*sorted(hides),))
            for each, hides in zip(self._segments, hidden, strict=True)
        )
        table_checksum = self._write_table(state, unread)
        posts = sum(segment.live for segment in segments)
        # Loads Whoosh, which a run that changes nothing need not.
        from papersearch.engine.index.whoosh_view import toc_bytes

        embed.carry(folder, segments, files)
        toc = toc_bytes(number, segments)
        new = replace(
            state,
            segments=segments,
            indexed_at=now_text(),
            papers=posts - sum(map(len, hidden)),
            posts=posts,
            table_checksum=table_checksum,
            toc_checksum=crc32(toc),
        )
        manifest = generations.manifest_bytes(new, folder)
        files.write_whole(os.path.join(folder, generations.manifest_name(number)), lambda file: file.write(manifest))
        files.sync_folder(folder)
        files.write_whole(os.path.join(folder, generations.toc_name(number)), lambda file: file.write(toc))
        files.sync_folder(folder)
        return new

    def _write_table(self, state: Generation, unread: Sequence[str]) -> int:
        """Write what is known of every file, and what the manifest says of the corpus, which this outlives; the
        table's checksum."""
        home = home_of(self._folder)
        told = {"folders": stored_folders(state.folders, home), "exclude": state.exclude, "run": state.run}
        told |= {"unread": unread}
        checksums: list[int] = []
        path = os.path.join(self._folder, generations.table_name(state.number))
        self._files.write_whole(path, lambda file: checksums.append(write_table(self._rows, file, home, told)))
        return checksums[0]

    def _sizes(self, name: str) -> tuple[int, int]:
        first, second = (os.path.getsize(os.path.join(self._folder, file)) for file in files_of(name))
        return first, second


def _in_segment(number: int, _: int, document: int) -> tuple[int, int]:
    return number, document


class Stages:
    """A long run whose ``changes`` only add, and that commits what is there whenever that has grown by enough (see
    ``Sizes``). ``draft`` makes one of the old state; ``state`` is what each of them is committed as."""

    def __init__(self, draft: Callable[[], Draft], changes: Changes, sizes: Sizes, state: Generation) -> None:
        self._draft, self._changes, self._sizes, self._state = draft, changes, sizes, state
        self._due = 1

    def built(self, parts: Sequence[Part]) -> None:
        """Commit the segments of the pieces that are ready, if it is time to."""
        count = sum(len(part.rows) for part in parts)
        if count < self._due:
            return
        draft = self._draft()
        draft.take(self._changes, parts, merging=False)
        draft.commit(self._state)
        self._due = count + max(self._sizes.stage, count // 2)
