"""The part of a query that is compared with papers, and whether there is one: the words alone answer the others."""

from __future__ import annotations

import re

from papersearch.core.frozen import NamedTuple
from papersearch.query import tree
from papersearch.text.phrasing import subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from papersearch.core.records import Request
    from papersearch.engine.meaning.models import Model
    from papersearch.engine.search.slots import Slot
    from papersearch.engine.search.suggestion import Slips


class Question(NamedTuple):
    """The text that is compared; ``adds`` if papers without its words may be found."""

    text: str
    adds: bool


def question_of(query: tree.Query, slots: Sequence[Slot], request: Request) -> Question | None:
    """The part of a query that can be compared with papers; None for what words alone answer: a single word, an id, an
    order other than relevance."""
    node = query.node
    if node is None or request.sort != "relevance" or any(slot.paper_id for slot in slots):
        return None
    parts = node.children if isinstance(node, tree.Bag) else (node,)
    texts: list[str] = []
    plain = True
    for part in parts:
        if isinstance(part, tree.Identifier) and part.field is None:
            return None
        texts += _texts(part)
        plain &= _is_plain(part)
    text = subject_of(" ".join(texts))
    if len(text.split()) < 2:
        return None
    return Question(text, plain and request.match == "auto" and request.since_run is None)


def without_slips(question: Question, slips: Slips, model: Callable[[], Model]) -> Question:
    """A question with some words as they were meant, save for those that are words to the model, though no paper has
    them: of a word with a slip it has only pieces, which mean something else. Of a model whose pieces are not known, as
    it is. The model is loaded if there are slips."""
    pieces = model().pieces if slips else None
    if pieces is None:
        return question
    text = question.text
    for typed, meant in slips:
        if not pieces.is_word(typed):
            text = re.sub(rf"\b{re.escape(typed)}\b", meant, text)
    return question._replace(text=text)


def _is_plain(part: tree.Node) -> bool:
    """Whether a part of a bag is a word, or a condition that is looked at anyway."""
    if isinstance(part, tree.Word):
        return part.field in (None, "authors", "tags")
    return isinstance(part, (tree.Not, tree.DateRange, tree.Identifier))


def _texts(node: tree.Node) -> list[str]:
    """The wanted words of a part of a query that are about a paper's subject."""
    if isinstance(node, (tree.Bag, tree.And, tree.Or)):
        return [text for child in node.children for text in _texts(child)]
    if isinstance(node, (tree.Word, tree.Phrase, tree.Fuzzy)) and node.field in (None, "title", "abstract", "qa"):
        return [node.text]
    return []
