"""The tree that a query is parsed to. It knows no engine.

Every node says where it stands in the query (code points, end excluded). Leaves carry the field that they are
limited to, by its canonical name, and their weight.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A part of a query."""

    start: int = 0
    end: int = 0
    field: str | None = None
    boost: float = 1.0


@dataclass(frozen=True)
class Word(Node):
    """One word as it is written; may be several words to the tokenizer."""

    text: str = ""


@dataclass(frozen=True)
class Phrase(Node):
    """Words side by side, or no more than ``slop`` words apart."""

    text: str = ""
    slop: int = 0


@dataclass(frozen=True)
class Pattern(Node):
    """A word with ``*`` for any characters and ``?`` for any one."""

    text: str = ""


@dataclass(frozen=True)
class Fuzzy(Node):
    """A word, or any with up to ``distance`` letters different."""

    text: str = ""
    distance: int = 1


@dataclass(frozen=True)
class DateRange(Node):
    """Published from ``low`` to ``high``, both included: days, months or years; None is open."""

    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Identifier(Node):
    """A paper by its id; the version is only said."""

    paper_id: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Everything(Node):
    """Every paper."""


@dataclass(frozen=True)
class Bag(Node):
    """Parts side by side, without an operator between them."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class And(Node):
    """All of the parts."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Or(Node):
    """Any of the parts."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Not(Node):
    """None of the part."""

    child: Node = Node()


@dataclass(frozen=True)
class Query:
    """``node`` is None where there is nothing to search for; ``hint`` says what was not understood as it is written."""

    node: Node | None
    hint: str | None = None


def to_text(node: Node) -> str:
    """The query that parses to the tree."""
    if isinstance(node, Bag):
        return " ".join(map(_operand, node.children))
    if isinstance(node, And):
        return " AND ".join(map(_operand, node.children))
    if isinstance(node, Or):
        return " OR ".join(map(_operand, node.children))
    if isinstance(node, Not):
        inner = to_text(node.child)
        return f"-({inner})" if isinstance(node.child, (Bag, And, Or, Not)) else f"-{inner}"
    if isinstance(node, DateRange):
        return f"date:{node.low or ''}..{node.high or ''}"
    if isinstance(node, Identifier):
        return _with_field(node, node.paper_id + (f"v{node.version}" if node.version is not None else ""))
    if isinstance(node, Phrase):
        return _with_field(node, f'"{node.text}"' + (f"~{node.slop}" if node.slop else ""))
    if isinstance(node, Fuzzy):
        return _with_field(node, f"{node.text}~{node.distance}")
    if isinstance(node, (Word, Pattern)):
        return _with_field(node, node.text)
    return "*"


def _with_field(node: Node, text: str) -> str:
    return (f"{node.field}:" if node.field else "") + text + (f"^{node.boost:g}" if node.boost != 1 else "")


def _operand(node: Node) -> str:
    return f"({to_text(node)})" if isinstance(node, (Bag, And, Or)) else to_text(node)
