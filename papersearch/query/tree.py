"""The tree that a query is parsed to. It knows no engine.

Every node says where it stands in the query (code points, end excluded). Leaves carry the field that they are
limited to, by its canonical name, and their weight.
"""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.core.frozen import Frozen, replace
from papersearch.text.citations import keys_apart
from papersearch.text.folding import plain_letters
from papersearch.text.stopwords import BOUNDS, STOP_WORDS, is_about_papers, is_year

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_PARTS = 1_000  # leaves of one tree (chosen: far beyond what people type or paste)


class Node(Frozen):
    """A part of a query."""

    start: int = 0
    end: int = 0
    field: str | None = None
    boost: float = 1.0


class Word(Node):
    """One word as it is written; may be several words to the tokenizer."""

    text: str = ""


class Phrase(Node):
    """Words side by side, or no more than ``slop`` words apart."""

    text: str = ""
    slop: int = 0


class Pattern(Node):
    """A word with ``*`` for any characters and ``?`` for any one."""

    text: str = ""


class Fuzzy(Node):
    """A word, or any with up to ``distance`` letters different."""

    text: str = ""
    distance: int = 1


class DateRange(Node):
    """Published from ``low`` to ``high``, both included: days, months or years; None is open."""

    low: str | None = None
    high: str | None = None


class Value(Node):
    """A value of the field, whole: a tag or an author, case and accents aside. No query is written so; filters are."""

    text: str = ""


class FirstSeen(Node):
    """First indexed after the run with that number."""

    run: int = 0


class Identifier(Node):
    """A paper by its id. ``version`` is what was written as one: any version is meant, but where the id of another
    paper ends so, that paper is."""

    paper_id: str = ""
    version: int | None = None


class Everything(Node):
    """Every paper."""


class Bag(Node):
    """Parts side by side, without an operator between them."""

    children: tuple[Node, ...] = ()


class And(Node):
    """All of the parts."""

    children: tuple[Node, ...] = ()


class Or(Node):
    """Any of the parts."""

    children: tuple[Node, ...] = ()


class Not(Node):
    """None of the part."""

    child: Node = Node()


class Query(Frozen):
    """A query, parsed. ``node`` is None if there is nothing to search for; ``hint`` says what was not understood as it
    is written; ``filters`` must all hold, and score nothing."""

    node: Node | None
    hint: str | None = None
    filters: tuple[Node, ...] = ()


def joined(kind: type[Bag] | type[And] | type[Or], nodes: list[Node]) -> Node | None:
    """The nodes as one; a single one stands for itself."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return kind(nodes[0].start, nodes[-1].end, children=tuple(nodes))


def leaves(node: Node) -> Iterator[Node]:
    """The leaves of a tree, in order, also of its negations."""
    if isinstance(node, (Bag, And, Or)):
        for child in node.children:
            yield from leaves(child)
    elif isinstance(node, Not):
        yield from leaves(node.child)
    else:
        yield node


def side_by_side(node: Node) -> Iterator[Node]:
    """The parts of a query that no operator joins, in order; parentheses around some of them make no difference."""
    if isinstance(node, Bag):
        for child in node.children:
            yield from side_by_side(child)
    else:
        yield node


def authors_of(leaves: Iterable[Node]) -> tuple[str, ...]:
    """The authors that leaves ask for by name."""
    named = (each for each in leaves if isinstance(each, Phrase) and each.field == "authors" and not each.slop)
    return tuple(dict.fromkeys(first_author(each.text) for each in named))


def first_author(names: str) -> str:
    """The author who stands before ``et al.``: hits name the first one so, and who asks for that copies it."""
    return re.sub(r"(?<!\W)\W+et\W*al\b.*", "", names, flags=re.IGNORECASE | re.DOTALL)


def clamped(weight: float) -> float:
    """A weight within what makes sense."""
    return min(100.0, max(0.01, weight))


def weighted(node: Node, weight: float) -> Node:
    """The tree with the weights of all its leaves multiplied, save for those that must not occur."""
    if isinstance(node, (Bag, And, Or)):
        return replace(node, children=tuple(weighted(child, weight) for child in node.children))
    if isinstance(node, (Not, DateRange, Value, FirstSeen, Everything)):
        return node
    return replace(node, boost=clamped(node.boost * weight))


title_words = late_pattern(r"[\w\u0300-\u036f]+")
"""The pattern of a word in a title, or in what may be one: a run of letters and digits."""


def looks_like_name(words: Iterable[str]) -> bool:
    """Whether any of some words of a title has capitals or digits inside, as names do."""
    return any(sign.isupper() or sign.isdigit() for word in words for sign in word[1:])


def words_of(node: Node | None) -> list[str]:
    """The words of a query, folded as titles are sorted; none of one that is anything else."""
    leaves = node.children if isinstance(node, Bag) else (node,)
    texts = [each.text for each in leaves if isinstance(each, Word) and each.field is None]
    return title_words().findall(plain_letters(keys_apart(" ".join(texts)))) if len(texts) == len(leaves) else []


def titles_of(words: Sequence[str]) -> list[tuple[str, ...]]:
    """What titles may begin with, by the words of a query: all of these, those without what asks for a paper (``... is
    all you need pdf``), and those without all that is said around a name (``what is NeRF?``)."""
    named = [number for number, word in enumerate(words) if not is_about_papers(word)]
    telling = [number for number in named if words[number] not in STOP_WORDS]
    inner = [words[kept[0] : kept[-1] + 1] for kept in (named, telling) if kept]
    return list(dict.fromkeys(tuple(each) for each in (words, *inner) if each))


def year_of(words: Sequence[str]) -> int | None:
    """The year that stands among the words of a query (``Ruiz et al., 2024b``), if it is the only one and there are
    other words; not one that bounds others (``since 2024``)."""
    found = [
        word
        for place, word in enumerate(words)
        if is_year(word.rstrip("abcd")) and not (place and words[place - 1] in BOUNDS)
    ]
    return int(found[0][:4]) if len(found) == 1 < len(words) else None
