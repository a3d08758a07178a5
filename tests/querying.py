"""Trees of queries as text, for tests of the grammar that go there and back."""

from __future__ import annotations

from papersearch.query.tree import And, Bag, DateRange, Fuzzy, Identifier, Node, Not, Or, Pattern, Phrase, Word


def to_text(node: Node) -> str:
    """The query that parses to the tree, up to positions; the tree must be one that a query can parse to."""
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
    return _leaf(node)


def _leaf(node: Node) -> str:
    if isinstance(node, Identifier):
        version = f"v{node.version}" if node.version is not None else ""
        text = _quoted(node.paper_id + version) if node.field else node.paper_id + version
    elif isinstance(node, Phrase):
        text = f'"{node.text}"' + (f"~{node.slop}" if node.slop else "")
    elif isinstance(node, Fuzzy):
        text = f"{node.text}~{node.distance}"
    elif isinstance(node, (Word, Pattern)):
        text = node.text
    else:
        return "*"
    # The shortest digits that give the same number again: a weight is between 0.01 and 100, so without an exponent.
    # A weight is said too where the end of an id would be taken for one.
    is_said = node.boost != 1 or (isinstance(node, Identifier) and "^" in text and not node.field)
    weight = f"^{node.boost!r}".removesuffix(".0") if is_said else ""
    return (f"{node.field}:" if node.field else "") + text + weight


def _quoted(paper_id: str) -> str:
    return f'"{paper_id}"' if any(character in "()^~*" or character.isspace() for character in paper_id) else paper_id


def _operand(node: Node) -> str:
    return f"({to_text(node)})" if isinstance(node, (Bag, And, Or)) else to_text(node)
