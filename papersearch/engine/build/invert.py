"""Makes a segment of posts: their words are gathered in memory, and counted, sorted and packed at the end.

While posts come in, each token (what stands between blanks) and each value that is looked up whole is only given a
number. What tokens mean is found out once for each different one, and all counting is done on whole arrays (see
``postings`` and ``packing``).
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Any, NamedTuple

from papersearch.core import fields as schema
from papersearch.core.frozen import names_of
from papersearch.core.numeric import numpy as np
from papersearch.core.numeric import repeat
from papersearch.core.records import Post
from papersearch.engine.build import packing, postings
from papersearch.engine.build import runs as common_runs
from papersearch.engine.build.dictionary import TermsWriter
from papersearch.engine.build.documents import Batch, Rows, write_documents
from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.documents import TITLE_COLUMNS, day_number, pack_stored, title_key
from papersearch.engine.index.numbers import width_of
from papersearch.engine.index.paths import stored_path
from papersearch.engine.index.terms import keys_of
from papersearch.text import acronyms, words
from papersearch.text.folding import value_key

_STORED = names_of(schema.Texts)
_stored = attrgetter(*_STORED)
_texts = attrgetter(*(field.name for field in schema.FIELDS))
_END = "\0"  # the token that ends each value


class Document(NamedTuple):
    """A post to be indexed, and the number of the run in which its paper was first seen."""

    post: Post
    first_run: int


def field_values(post: Post) -> list[tuple[str, ...]]:
    """The values of each field, in table order: of a text one, of several texts each; of none an empty one."""
    return [(value or ("",)) if isinstance(value, tuple) else (value or "",) for value in _texts(post)]


def stored_fields(post: Post) -> dict[str, Any]:
    """What is kept of a post to show it."""
    return {name: value for name, value in zip(_STORED, _stored(post), strict=True) if value or name == "id"}


def tokens_of(text: str) -> list[str]:
    """What ``words.tokens`` gives, at half the cost; a comma or full stop at the end, which is no part of any word, may
    stay."""
    data = words.blanked(text)
    characters = np.frombuffer(data, np.uint8)
    before, after = characters[:-1], characters[1:]
    before[((before == ord(",")) | (before == ord("."))) & (after == ord(" "))] = ord(" ")
    return words.split(data)


class _Numbered:
    """Texts that are given numbers as they come, and ``stream``, the numbers of all in order."""

    def __init__(self) -> None:
        self.numbers: defaultdict[str, int] = defaultdict()
        self.numbers.default_factory = self.numbers.__len__
        self.stream = array("I")

    def add(self, texts: Iterable[str]) -> None:
        """Take in some more."""
        self.stream.fromlist([*map(self.numbers.__getitem__, texts)])

    def end(self) -> None:
        """No text comes any more. The numbers refer to themselves until then, and a run collects no cycles."""
        self.numbers.default_factory = None


class _Values:
    """The values of a field that are looked up whole, and ``counts``, how many each document has."""

    def __init__(self) -> None:
        self.found = _Numbered()
        self.counts = array("I")

    def add(self, values: Sequence[Collection[str]]) -> None:
        """Take in those of some documents."""
        self.found.add(chain.from_iterable(values))
        self.counts.extend(map(len, values))


class _Vocabulary:
    """What the different tokens of a segment are made of: ``sequences`` are each token's terms, ``compounds`` its
    compounds, both by the numbers that ``terms`` gives them; ``surfaces`` are all words as they are written."""

    def __init__(self, tokens: Iterable[str]) -> None:
        sequences, compounds, surfaces = zip(*map(words.take_apart, tokens), strict=True)
        terms = _Numbered()
        self.sequences = postings.Lists(sequences, terms.numbers)
        self.compounds = postings.Lists(compounds, terms.numbers)
        terms.end()
        self.terms = terms.numbers
        self.surfaces = set(chain.from_iterable(surfaces))


class Inverter:
    """Gathers documents until ``write`` makes a segment of them. Paths below ``home`` are kept relative to it."""

    def __init__(self, home: str = "") -> None:
        self.count = 0
        self._home = home
        self._tokens = _Numbered()
        self._end = self._tokens.numbers[_END]
        self._values = array("I")  # how many each field of each document has
        self._exact = {name: _Values() for name in schema.EXACT}
        self._stored: list[bytes] = []
        self._columns = {name: array("I") for name in ("published", "run", *TITLE_COLUMNS)}

    def add(self, documents: Sequence[Document]) -> None:
        """Take in some documents, one step for all of them after the other."""
        fields = [*chain.from_iterable([field_values(post) for post, _ in documents])]
        self._values.extend(map(len, fields))
        self._add_tokens([*chain.from_iterable(fields)])
        paths = [stored_path(post.path, self._home) for post, _ in documents]
        self._add_exact([post for post, _ in documents], paths)
        self._stored += [
            pack_stored(stored_fields(post) | {"path": path}) for (post, _), path in zip(documents, paths, strict=True)
        ]
        self._columns["published"].extend(day_number(post.published or post.posted) for post, _ in documents)
        self._columns["run"].extend(first_run for _, first_run in documents)
        keys = [title_key(post.title) for post, _ in documents]
        for place, name in enumerate(TITLE_COLUMNS):
            self._columns[name].extend(key[place] for key in keys)
        self.count += len(documents)

    def _add_tokens(self, texts: Sequence[str]) -> None:
        """The tokens of some texts, all at one go, each text followed by ``_END``."""
        together = "".join([f"{text} {_END} " for text in texts])
        if together.count(_END) > len(texts):
            together = "".join([f"{text.replace(_END, ' ')} {_END} " for text in texts])
        self._tokens.add(tokens_of(together))

    def _add_exact(self, posts: Sequence[Post], paths: Sequence[str]) -> None:
        """The values that are looked up whole."""
        pairs = [{*acronyms.pairs(post.abstract)} for post in posts]
        self._exact[schema.ID].add([(value_key(post.id),) for post in posts])
        self._exact[schema.PATH].add([(path,) for path in paths])
        self._exact[schema.TAG].add([post.tags for post in posts])
        self._exact[schema.AUTHOR].add([post.authors for post in posts])
        self._exact[schema.ACRONYM].add([[f"{short}\0{long}" for short, long in some] for some in pairs])
        self._exact[schema.LONGFORM].add([[f"{long}\0{short}" for short, long in some] for some in pairs])

    def write(self, documents: SectionWriter, terms: SectionWriter) -> None:
        """Write the segment to two containers, and finish them."""
        for numbered in (self._tokens, *(values.found for values in self._exact.values())):
            numbered.end()
        vocabulary = _Vocabulary(self._tokens.numbers)
        writer = TermsWriter(terms, self.count)
        for name in sorted((*schema.EXACT, schema.SURFACE)):
            if name == schema.SURFACE:
                writer.add_bare(sorted(keys_of(name, vocabulary.surfaces)))
            else:
                self._write_exact(name, writer)
        rows = self._write_words(vocabulary, writer)
        terms.finish()
        sizes = np.fromiter(map(len, self._stored), np.int64, self.count)
        stored = Batch(memoryview(b"".join(self._stored)), sizes)
        write_documents(documents, [stored], rows, self._columns)
        documents.finish()

    def _write_exact(self, name: str, writer: TermsWriter) -> None:
        """Write the values of a field. The spelling of a tag or author follows its folded form."""
        values = self._exact[name]
        terms: Iterable[str] = values.found.numbers
        if name in (schema.TAG, schema.AUTHOR):
            terms = (f"{value_key(value)}\0{value}" for value in terms)
        keys, places = _sorted(keys_of(name, terms))
        found = places[np.asarray(values.found.stream)]
        docs = repeat(np.arange(self.count, dtype=np.uint32), values.counts)
        by_term = np.argsort(found, kind="stable")
        columns = postings.Columns(found[by_term], docs[by_term])
        writer.add(packing.packed(keys, columns, self.count))

    def _write_words(self, vocabulary: _Vocabulary, writer: TermsWriter) -> Rows:
        """Write the words and the common runs, which are the last fields of the dictionary, and finish it; the
        documents' words come back."""
        names, places = _sorted(keys_of(schema.WORDS, vocabulary.terms))
        ordinals = places + np.uint32(writer.count)
        tokens = np.frombuffer(self._tokens.stream, np.uint32)
        ends = np.flatnonzero(tokens == self._end)
        cells = repeat(np.arange(len(self._values), dtype=np.int64), np.asarray(self._values))
        terms, lengths, values = postings.stream(tokens, ends, cells, vocabulary.sequences.renumbered(ordinals))
        known = vocabulary.terms
        runs = {run: ordinals[[known[term] for term in run]].tolist() for run in common_runs.of_terms(known)}
        standing = postings.standing(terms, values, runs)
        in_runs = dict(enumerate(standing.values(), writer.count + len(names)))
        compounds = vocabulary.compounds.renumbered(ordinals)
        keys = postings.keys(terms, lengths, tokens, ends[postings.lasts(cells)], compounds, in_runs)
        counted = list(postings.count(keys, lengths))
        frequencies = np.concatenate([each.numbers for each in counted]) if counted else np.empty(0, np.uint32)
        profiles = postings.Profiles(*postings.shares(frequencies))
        remaining = chain(names, keys_of(schema.RUN, map(" ".join, standing)))
        for each in counted:
            here = list(islice(remaining, len(postings.firsts(each.terms))))
            writer.add(packing.packed(here, each._replace(numbers=profiles.numbers(each.numbers)), self.count))
        writer.finish(profiles.table)
        width = width_of(writer.count)
        columns = {field.name: memoryview(lengths[:, n].tobytes()).cast("I") for n, field in enumerate(schema.FIELDS)}
        batch = Batch(packing.narrowed(terms, width), width * lengths.sum(axis=1, dtype=np.int64))
        return Rows([batch], width, columns, values.breaks(lengths))


def _sorted(keys: Sequence[bytes]) -> tuple[list[bytes], np.ndarray]:
    """Keys in their order, and the place that each of the given ones has in it."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    places = np.empty(len(keys), np.uint32)
    places[order] = np.arange(len(keys), dtype=np.uint32)
    return [*map(keys.__getitem__, order)], places
