"""The next state of an index while it is made: what is deleted, added and merged, and the rename that commits it.

Merge policy: a new segment, unless it is a large one, is merged with the next larger one while that is at most twice as
large; one of which more than a fifth is deleted is written anew; and never more than ``MOST_SEGMENTS`` are left. So a
document is rewritten about as often as the corpus doubles: thirty posts a week cost a fraction of a second each week.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate
from zlib import crc32

from papersearch.core.errors import PapersearchError
from papersearch.core.strings import repeated
from papersearch.engine.build import embed
from papersearch.engine.build.changes import Changes
from papersearch.engine.build.tasks import Part, Sizes, no_collection
from papersearch.engine.index import generation as generations
from papersearch.engine.index.files import Files
from papersearch.engine.index.filetable import write_table
from papersearch.engine.index.folder import DOUBT_FILE, files_of, home_of, numbers_in, stored_path
from papersearch.engine.index.generation import Generation, SegmentState
from papersearch.engine.index.rows import NOWHERE, Row, Rows
from papersearch.engine.index.segment import Segment, new_name, segment_files

MOST_SEGMENTS = 6
MOST_DELETED = 0.2


class Draft:
    """The next state while it is made: rows of files, and segments whose documents the rows point to."""

    def __init__(self, folder: str, old: Generation, files: Files, piece: int) -> None:
        self._piece = piece
        self._folder, self._files, self._old = folder, files, old
        self._names = [segment.name for segment in old.segments]
        self._counts = [segment.count for segment in old.segments]
        self._deleted = [set(segment.deleted) for segment in old.segments]
        self._rows = Rows.of(())

    def take(self, changes: Changes, parts: Sequence[Part], stay: Rows, merging: bool = True) -> None:
        """Delete what was replaced or removed, add the new segments to the rows that ``stay``, merge what the policy
        says."""
        for row in [*changes.replaced.values(), *changes.moved.values(), *changes.removed]:
            if row.segment != NOWHERE:
                self._deleted[row.segment].add(row.document)
        rows = [stay]
        old = len(self._names)
        for part in parts:
            rows.append(part.rows.placed(partial(_in_segment, len(self._names)), {0}))
            if part.segment is not None:
                self._names.append(part.segment)
                self._counts.append(part.rows.indexed)
                self._deleted.append(set())
        self._rows = Rows.joined(rows)
        new = range(old, len(self._names))
        chosen = self._choose(set(new))
        if merging and (len(chosen) > 1 or any(self._deleted[number] for number in chosen)):
            self._merge(chosen)

    def _live(self, number: int) -> int:
        return self._counts[number] - len(self._deleted[number])

    def _choose(self, new: set[int]) -> list[int]:
        """Numbers of the segments to merge into one, in order."""
        chosen = {n for n in new if self._live(n) < self._piece // 4}
        chosen |= {n for n in range(len(self._names)) if len(self._deleted[n]) > MOST_DELETED * self._counts[n]}
        rest = sorted(set(range(len(self._names))) - chosen, key=self._live)
        total = sum(map(self._live, chosen))
        while rest and (self._live(rest[0]) <= 2 * total or len(rest) + bool(chosen) > MOST_SEGMENTS):
            total += self._live(rest[0])
            chosen.add(rest.pop(0))
        return sorted(chosen)

    def _merge(self, chosen: Sequence[int]) -> None:
        from papersearch.engine.build.merge import Input, merge  # loads numpy

        name = new_name()
        inputs = [
            Input(Segment(self._folder, self._names[number]), frozenset(self._deleted[number])) for number in chosen
        ]
        with no_collection(), segment_files(self._folder, name, self._files) as (documents, terms):
            count = merge(inputs, documents, terms)
        places: dict[int, list[int]] = {}
        base = 0
        for number in chosen:
            live = [document not in self._deleted[number] for document in range(self._counts[number])]
            places[number] = list(accumulate(live, initial=base))
            base = places[number][-1]
        others = [number for number in range(len(self._names)) if number not in set(chosen)]
        renumbered = {number: place for place, number in enumerate(others)}
        elsewhere = {*chosen, *(number for number, place in renumbered.items() if number != place)}
        self._names = [self._names[number] for number in others] + [name] * bool(count)
        self._counts = [self._counts[number] for number in others] + [count] * bool(count)
        self._deleted = [self._deleted[number] for number in others] + [set() for _ in range(bool(count))]

        def place(segment: int, document: int) -> tuple[int, int]:
            if segment in renumbered:
                return renumbered[segment], document
            return len(others), places[segment][document]

        self._rows = self._rows.placed(place, elsewhere)

    def _hidden(self) -> list[set[int]]:
        """Documents of papers of which another post is shown: the highest version, then the one posted last."""
        hidden: list[set[int]] = [set() for _ in self._names]
        shown: dict[str, Row] = {}
        for key, number in self._of_several_posts():
            row = self._rows[number]
            if row.segment == NOWHERE:
                continue
            other = shown.get(key)
            if other is None:
                shown[key] = row
                continue
            better, worse = sorted((row, other), key=lambda r: (r.version, r.posted, r.path), reverse=True)
            shown[key] = better
            hidden[worse.segment].add(worse.document)
        return hidden

    def _of_several_posts(self) -> list[tuple[str, int]]:
        """(case-folded id, row number) of each row whose id stands in other rows as well."""
        keys = self._rows.ids.casefolded()
        several = repeated(keys)
        return [(key, number) for number, key in enumerate(keys) if key in several] if several else []

    def commit(
        self, corpus: tuple[str, ...], exclude: tuple[str, ...], run: int, started_ns: int, planned: int = 0
    ) -> None:
        """Write table and manifest, sync, and make the new generation the current one by one rename; then remove what
        it does not need, unless it is a stage of so many ``planned`` files, and others are still at work."""
        number = max(self._old.number, *numbers_in(self._folder), -1) + 1
        try:
            new = self._write_state(number, corpus, exclude, run, started_ns, planned)
        except BaseException:
            with suppress(OSError, PapersearchError):
                if generations.newest(self._folder) != number:
                    for name in (generations.manifest_name(number), generations.table_name(number)):
                        self._files.remove(os.path.join(self._folder, name))
            raise
        if not planned:
            generations.clean(self._folder, [new], self._files)
            with suppress(OSError):
                self._files.remove(os.path.join(self._folder, DOUBT_FILE))

    def _write_state(
        self, number: int, corpus: tuple[str, ...], exclude: tuple[str, ...], run: int, started_ns: int, planned: int
    ) -> Generation:
        files, folder = self._files, self._folder
        hidden = self._hidden()
        segments = tuple(
            SegmentState(name, count, self._sizes(name), tuple(sorted(deleted)), tuple(sorted(hides)))
            for name, count, deleted, hides in zip(self._names, self._counts, self._deleted, hidden, strict=True)
        )
        table = os.path.join(folder, generations.table_name(number))
        checksums: list[int] = []
        home = home_of(folder)
        state = {"folders": [stored_path(each, home) for each in corpus], "exclude": exclude, "run": run}
        files.write_whole(table, lambda file: checksums.append(write_table(self._rows, file, home, state)))
        posts = sum(segment.live for segment in segments)
        # Loads Whoosh, which a run that changes nothing need not.
        from papersearch.engine.index.whoosh_view import toc_bytes

        embed.carry(folder, segments, files)
        toc = toc_bytes(number, segments)
        new = Generation(
            number=number,
            segments=segments,
            folders=corpus,
            exclude=exclude,
            run=run,
            started_ns=started_ns,
            indexed_at=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            papers=posts - sum(map(len, hidden)),
            posts=posts,
            table_checksum=checksums[0],
            toc_checksum=crc32(toc),
            planned=planned,
        )
        manifest = generations.manifest_bytes(new, folder)
        files.write_whole(os.path.join(folder, generations.manifest_name(number)), lambda file: file.write(manifest))
        files.sync_folder(folder)
        files.write_whole(os.path.join(folder, generations.toc_name(number)), lambda file: file.write(toc))
        files.sync_folder(folder)
        return new

    def _sizes(self, name: str) -> tuple[int, int]:
        first, second = (os.path.getsize(os.path.join(self._folder, file)) for file in files_of(name))
        return first, second


def _in_segment(number: int, _: int, document: int) -> tuple[int, int]:
    return number, document


class Stages:
    """A long run that only adds, and commits what is there whenever that has grown by enough (see ``Sizes``)."""

    def __init__(self, draft: Callable[[], Draft], kept: Rows, sizes: Sizes, commit: Callable[[Draft], None]) -> None:
        """``draft`` makes one of the old state, whose rows are ``kept``; ``commit`` must not remove anything."""
        self._draft, self._kept, self._sizes, self._commit = draft, kept, sizes, commit
        self._due = 1

    def built(self, parts: Sequence[Part]) -> None:
        """Commit the segments of the pieces that are ready, if it is time to."""
        count = sum(len(part.rows) for part in parts)
        if count < self._due:
            return
        draft = self._draft()
        draft.take(Changes(), parts, self._kept, merging=False)
        self._commit(draft)
        self._due = count + max(self._sizes.stage, count // 2)
