"""How well suggestions mend slips, and how often they doubt words that are right but not in the corpus.

    python -m benchmarks.suggestions INDEX [--half visible|held-out]

Slips are made from the words of random titles: one letter missed, doubled, swapped with its neighbour, hit beside
its key or put in. Half of the words are there to look at while something is changed, the others are held out. Right
words are those of ``absent_words.txt`` (animals, plants, food, medicine, chemistry) that no paper has in any form,
alone and beside a word of a title.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from zlib import crc32

import papersearch
from papersearch.engine.index.bits import docs_of
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.lexicon import Lexicon
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import stem, surfaces

ABSENT_WORDS = Path(__file__).with_name("absent_words.txt")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KINDS = ("missed", "missed", "doubled", "swapped", "swapped", "beside", "put in")


def slip(word: str, chance: random.Random) -> str:
    """The word with one slip."""
    at, kind = chance.randrange(len(word)), chance.choice(_KINDS)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    if kind == "missed":
        return before + after
    if kind == "doubled":
        return before + letter + letter + after
    if kind == "swapped":
        return before + after[:1] + letter + after[1:]
    row = next((row for row in _KEYS if letter in row), _KEYS[0])
    other = row[max(0, min(len(row) - 1, row.find(letter) + chance.choice((-1, 1))))]
    return before + other + after if kind == "beside" else before + letter + other + after


def titles(reader: IndexReader) -> list[list[str]]:
    """The words of every title."""
    return [
        surfaces(str(segment.documents.stored(doc).get("title", "")))
        for segment in reader.segments
        for doc in docs_of(segment.live)
    ]


def slips(reader: IndexReader, half: str, most: int) -> list[tuple[str, str]]:
    """(typed, meant): words of five letters and more that three papers have, in slips that no paper has. Stop words are
    never offered, so none is meant."""
    chance, lexicon = random.Random(7), Lexicon(reader)
    known = titles(reader)
    found: list[tuple[str, str]] = []
    while len(found) < most:
        candidates = [
            word
            for word in chance.choice(known)
            if len(word) > 4 and lexicon.frequency(word) > 2 and word not in STOP_WORDS
        ]
        if not candidates:
            continue
        word = chance.choice(candidates)
        typed = slip(word, chance)
        if (crc32(word.encode()) & 1 == (half == "visible")) and not lexicon.is_known(typed):
            found.append((typed, word))
    return found


def report_slips(index: papersearch.Index, tried: list[tuple[str, str]]) -> None:
    """Print how many slips are mended, and how many are put wrong."""
    mended = followed = wrong = 0
    for typed, meant in tried:
        answer = index.search(typed, limit=0)
        right = answer.suggestion is not None and [*map(stem, answer.suggestion.split())] == [stem(meant)]
        mended += right
        followed += right and answer.certain
        wrong += answer.certain and not right
    print(
        f"{len(tried)} slips: {mended / len(tried):.1%} mended, {followed / len(tried):.1%} of them unasked;", end=" "
    )
    print(f"{wrong / len(tried):.1%} put wrong unasked")


def report_right_words(index: papersearch.Index, name: str, queries: list[str]) -> None:
    """Print how many right words are doubted, and which are replaced."""
    answers = [index.search(query, limit=0) for query in queries]
    replaced = [answer for answer in answers if answer.certain and not answer.total_all]
    offered = sum(answer.suggestion is not None for answer in answers)
    print(f"{len(queries)} right words {name}: {len(replaced) / len(queries):.1%} replaced,", end=" ")
    print(f"{offered / len(queries):.1%} doubted", *(f"\n  {each.query} -> {each.suggestion}" for each in replaced))


def main() -> None:
    """Print both figures, and the words that were harmed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--half", choices=("visible", "held-out"), default="visible")
    parser.add_argument("--most", type=int, default=1_000)
    given = parser.parse_args()
    index, reader = papersearch.open(given.index), IndexReader(given.index)
    chance, lexicon = random.Random(7), Lexicon(reader)
    report_slips(index, slips(reader, given.half, given.most))
    absent = [word for word in ABSENT_WORDS.read_text("utf-8").split() if not lexicon.is_known(word)]
    beside = [word for title in titles(reader) for word in title if len(word) > 4]
    report_right_words(index, "alone", absent)
    report_right_words(index, "beside another", [f"{word} {chance.choice(beside)}" for word in absent])


if __name__ == "__main__":
    main()
