"""How the corpus writes apart what a query writes as one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from papersearch.text import words
from papersearch.text.chunks import MAX_TERM
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# Papers of a segment that are looked at for how they write a word (chosen: of so many that hold a compound and both
# its parts, one has them side by side if the parts are any).
MOST_SEEN = 200
# What is this many times rarer than a compound is no part of it but a slip, or a hyphen at the end of a line (chosen:
# keeps 3-D beside 3D, drops n-etwork).
RARELY_APART = 50
# Letters of the longest word that is looked for in three or more, and runs of them that are looked for (chosen: the
# former as its parts grow with the square of it).
MOST_LETTERS_OF_MANY, MOST_OF_MANY = 40, 10
MOST_DOTTED = 5  # letters of the longest word that is looked for letter by letter (chosen)
_INNER = ("to", "of", "and", "in", "on", "the")


def split(word: str, reader: Statistics) -> list[tuple[str, ...]]:
    """Runs of terms that ``word`` would be if it were written apart, as the corpus' vocabulary has them: of two words;
    where papers do not have the word at all, also of more that they have side by side (``parallelwavenet``,
    ``attentionisallyouneed``), or of two of which one has two letters (``kvcache``).

    The parts of a compound are common beside the compound itself, as ``zero`` and ``shot`` are beside ``zeroshot``;
    so ``network`` is not taken for ``net work``.
    """
    found = [run for _, run in _in_two(word, reader)[:3]]
    if len(word) > MOST_LETTERS_OF_MANY or reader.frequency(words.stem(word)):
        return found
    if any(reader.side_by_side(run, MOST_SEEN) for run in found):
        return found
    runs: list[tuple[str, ...]] = [(words.stem(word[:at]), words.stem(word[at:])) for at in (2, len(word) - 2)]
    # Detectin is a slip and not "detect in".
    shorter = [run for run in runs if STOP_WORDS.isdisjoint(run) and all(map(reader.frequency, run))]
    in_two = [run for run in shorter if reader.side_by_side(run, MOST_SEEN)]
    return in_two or [run for run in _in_many(word, reader) if reader.side_by_side(run)][:3] or found


def _in_many(word: str, reader: Statistics) -> list[tuple[str, ...]]:
    """Runs of terms of the three or more words that a word may be, small ones among them, the fewest words first."""
    ends = range(1, len(word) + 1)
    parts = {word[first:end] for end in ends for first in range(end)}
    known = {part for part in parts if part in STOP_WORDS or (len(part) > 2 and _is_known(part, reader))}
    runs: list[list[tuple[str, ...]]] = [[()]]  # of what stands before each place
    for end in ends:
        ways = ((word[first:end], run) for first in range(end) for run in runs[first] if word[first:end] in known)
        runs.append(sorted(((*run, words.stem(part)) for part, run in ways), key=len)[:MOST_OF_MANY])
    # Pretrainin is a slip and not "pre-train in".
    return [run for run in runs[-1] if len(run) > 2 and run[-1] not in STOP_WORDS]


def _in_two(word: str, reader: Statistics) -> list[tuple[int, tuple[str, ...]]]:
    """(papers that hold the rarer part, run of terms) of the two words that a word may be, a small one between them,
    commonest first."""
    ways: list[tuple[str, tuple[str, ...], str]] = [(word[:at], (), word[at:]) for at in range(3, len(word) - 2)]
    inside = word[3:-3]
    around = rf"(?<=...)(ofthe|{'|'.join(_INNER)})(?=...)"  # compiled only for words that hold one of them
    for match in re.finditer(around, word) if any(inner in inside for inner in _INNER) else ():
        inner = ("of", "the") if match[1] == "ofthe" else (match[1],)
        ways.append((word[: match.start()], inner, word[match.end() :]))
    found: list[tuple[int, tuple[str, ...]]] = []
    least = reader.frequency(words.stem(word)) // 2
    for first, small, last in ways:
        if _is_known(first, reader) and _is_known(last, reader):
            run = tuple(map(words.stem, (first, *small, last)))
            frequency = min(reader.frequency(run[0]), reader.frequency(run[-1]))
            if frequency >= least:
                found.append((frequency, run))
    return sorted(found, key=lambda item: (-item[0], item[1]))


def _is_known(word: str, reader: Statistics) -> bool:
    """Whether the corpus has a word, or the acronym that it is the plural of: of ``LLMs`` only that is kept."""
    return reader.has_surface(word) or (
        word[-1] == "s" and words.stem(word) == word[:-1] and reader.has_surface(word[:-1])
    )


def glued(parts: Sequence[QueryWord], reader: Statistics) -> list[tuple[str, ...]]:
    """Runs of terms that a chunk is which lost its hyphens around a small word: EndtoEnd is end, to, end.

    Neighbours in the chunk as one are no words of a run: whoever writes state-of-the-art with hyphens has ``theart`` as
    a compound, so it is common without being written.
    """
    written = [part.word for part in parts]
    if len(written) < 2 or not any(word.endswith(_INNER) for word in written) or sum(map(len, written)) > MAX_TERM:
        return []
    ends = range(2, len(parts) + 1)
    neighbours = {words.stem("".join(written[first:end])) for end in ends for first in range(end - 1)}
    return [run for run in split("".join(written), reader) if neighbours.isdisjoint(run)]


def seen_apart(word: str, reader: Statistics) -> list[tuple[str, ...]]:
    """Runs of terms that ``word`` is in papers that have it in parts: pairs, such as u and net in U-Net of ``unet``, or
    its letters, as in i.i.d. of ``iid``."""
    whole = words.stem(word)
    least = reader.frequency(whole) // RARELY_APART
    runs: list[tuple[str, ...]] = [(words.stem(word[:at]), words.stem(word[at:])) for at in range(1, len(word))]
    if 2 < len(word) <= MOST_DOTTED and word.isalpha():
        runs.append(tuple(word))
    seen = set()
    for run in runs:
        if min(map(reader.frequency, run)) < max(1, least):
            continue
        if reader.written_apart(whole, run, MOST_SEEN):
            seen.add(run)
    return sorted(seen)
