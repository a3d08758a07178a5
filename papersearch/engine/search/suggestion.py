"""The query as it was probably meant, for a query with words that hardly any paper has."""

from __future__ import annotations

from itertools import islice, pairwise

from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Request
from papersearch.engine.search import spelling
from papersearch.engine.search.compounds import by_chunk
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.names import NAMES_TOO
from papersearch.query.language import OPENING_QUOTES, as_read
from papersearch.text.folding import fold
from papersearch.text.phrasing import asking
from papersearch.text.stopwords import STOP_WORDS, is_about_papers
from papersearch.text.words import QueryWord, query_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Words of a query that one slip of the fingers may have made of others, each with what was meant then.
Slips = tuple[tuple[str, str], ...]


class Corrected(NamedTuple):
    """A query as it was probably meant, None if nothing is known better, whether that is certain, and its slips."""

    text: str | None = None
    certain: bool = False
    slips: Slips = ()


AS_IT_IS = Corrected()

_MOST_OF_NAME = 3  # words of a query that may be somebody's name (chosen)


class _Group(NamedTuple):
    """Some words of a query that are looked at together, and the words that were probably ``meant``."""

    parts: Sequence[QueryWord]
    meant: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        return self.meant != tuple(part.word for part in self.parts)

    def is_certain(self, lexicon: Lexicon) -> bool:
        is_coined = _is_coined(self.parts[0].text)
        return not is_coined and spelling.is_certain([part.word for part in self.parts], self.meant, lexicon)

    def is_slip(self) -> bool:
        """Whether it is one word that a slip of the fingers made of what was meant."""
        word = self.parts[0].word
        return len(self.parts) == 1 and (len(self.meant) > 1 or spelling.is_slip(word, fold(self.shown())))

    def shown(self) -> str:
        """What was meant, with the capitals that were typed."""
        is_one = len(self.parts) == len(self.meant) == 1
        return _as_typed(self.parts[0].text, self.meant[0]) if is_one else " ".join(self.meant)


def corrected(query: str, lexicon: Lexicon) -> Corrected:
    """The query with words as they were probably meant."""
    query = as_read(query)
    groups = _groups(query, lexicon)
    changed = [group for group in groups if group.is_changed]
    quoted = any(mark in query for mark in OPENING_QUOTES)  # as it is written, by whoever writes it
    if not changed:
        return Corrected(_unquoted(query.strip(), lexicon)) if quoted else AS_IT_IS
    text, certain = _rewritten(query, groups), all(group.is_certain(lexicon) for group in changed)
    if _is_name_of_nobody(query, text, certain, lexicon):
        return AS_IT_IS
    slips = tuple((group.parts[0].text, group.shown()) for group in changed if group.is_slip())
    return Corrected(text, certain and not quoted, slips)


def _groups(query: str, lexicon: Lexicon) -> list[_Group]:
    """The words of a query that can be misspelled, with what was probably meant."""
    found = _correctable(query, lexicon)
    rest = iter(found)
    corrections = spelling.corrections([word.word for word in found], lexicon)
    return [_Group([*islice(rest, count)], meant) for count, meant in corrections]


def _rewritten(query: str, groups: Sequence[_Group]) -> str:
    """The query with what was meant; between words that are changed side by side stands one blank."""
    text, at, before = "", 0, False
    for group in groups:
        if group.is_changed:
            text += (" " if before else query[at : group.parts[0].start]) + group.shown()
            at = group.parts[-1].end
        before = group.is_changed
    return text + query[at:]


def put_right(meant: Corrected, request: Request, total: int, finds: Callable[[Request], bool]) -> Corrected:
    """A query as it was probably ``meant``, unless that finds nothing either where the query, which ``total`` papers
    match, does not: ``finds`` says whether a request does. What finds nothing even without filters was not meant, as a
    word that papers have, but no title, in ``title:...``."""
    if meant.text is None or total:
        return meant
    none = {"authors": (), "tags": (), "since": None, "until": None, "since_run": None}
    return meant if finds(replace(request, query=meant.text, match="any", **none)) else AS_IT_IS


def _unquoted(query: str, lexicon: Lexicon) -> str | None:
    """The words of a query that is a phrase, if papers have them all, though not side by side."""
    inner = query[1:-1]
    if query[0] not in OPENING_QUOTES or not inner or any(mark in inner for mark in OPENING_QUOTES):
        return None
    return inner if all(word.stop or lexicon.is_known(word.word) for word in query_words(inner)) else None


def _correctable(query: str, lexicon: Lexicon) -> list[QueryWord]:
    """The words of a query that can be misspelled; not the names of fields, nor the parts of a compound that the corpus
    knows, nor what only asks, or cites, or says where a paper is (``who wrote``, ``etal``, ``arXiv preprint``,
    ``NeurIPS``)."""
    found = query_words(query)
    chunks = [*by_chunk(found[asking(found) :]).values()]
    names = [_is_unknown_name(parts, query, lexicon) for parts in chunks]
    if 0 < sum(names) <= spelling.MOST_MENDED:
        named = zip(chunks, names, strict=True)
        chunks = [_put_together(parts, query, lexicon) if is_name else parts for parts, is_name in named]
    return [
        word
        for parts in chunks
        if not is_about_papers(whole := _whole(parts)) and (len(parts) == 1 or not lexicon.frequency(whole))
        for word in parts
        if not is_about_papers(word.word)  # CVPR'25
        if word.word.isalpha() and query[word.end : word.end + 1] != ":" and (not word.stop or word.word in STOP_WORDS)
    ]


def _whole(parts: list[QueryWord]) -> str:
    return "".join(part.word for part in parts)


def _is_unknown_name(parts: list[QueryWord], query: str, lexicon: Lexicon) -> bool:
    """Whether some parts are a coined word, as ``SaeMERGE``, that no paper has, and that is no longer than what may be
    corrected."""
    text = query[parts[0].start : parts[-1].end]
    if len(parts) == 1 or len(text) > spelling.LONGEST or not text.isalpha():
        return False
    return not lexicon.frequency(_whole(parts))


def _put_together(parts: list[QueryWord], query: str, lexicon: Lexicon) -> list[QueryWord]:
    """Of a coined word the word itself or its parts, whichever are one slip away from a name that papers have, else
    none: put right one by one, parts make a name that nobody has."""
    start, end = parts[0].start, parts[-1].end
    text, word = query[start:end], _whole(parts)
    for pieces in ([parts[0]._replace(end=end, text=text, word=word, stop=False)], parts):
        for piece in pieces:
            before, after = query[start : piece.start], query[piece.end : end]
            for other in spelling.a_slip_away(piece.word, lexicon):
                if _is_written(before + _as_typed(piece.text, other) + after, lexicon):
                    return pieces
    return []


def _is_name_of_nobody(query: str, meant: str, certain: bool, lexicon: Lexicon) -> bool:
    """Whether a query that looks like a person's name was made another of which no paper has two words side by side:
    Daming Zhou, who wrote none of them, is no damping Zhou. Capitals alone may be a topic's, which has its slips."""
    found = query_words(query)
    if not 1 < len(found) <= _MOST_OF_NAME:
        return False
    capitals = not certain and all(word.text[:1].isupper() for word in found)
    if not capitals and not any(word.word in NAMES_TOO or lexicon.is_name(word.word) for word in found):
        return False
    words = [word.word for word in query_words(meant)]
    return not any(lexicon.adjacent(*pair) for pair in pairwise(words))


def _is_coined(text: str) -> bool:
    return not (text.islower() or text.isupper() or text.istitle())


def _is_written(coined: str, lexicon: Lexicon) -> bool:
    """Whether papers have the parts of a coined word side by side: of ``SafeMERGE``, but not of ``safemerge``."""
    parts = [part.word for part in query_words(coined)]
    return len(parts) > 1 and all(lexicon.adjacent(*pair) for pair in pairwise(parts))


def _as_typed(text: str, meant: str) -> str:
    """The word that was meant with the capitals of the one that was typed: ``SafeMERGE`` for ``SaeMERGE``."""
    word, capitals = text.lower(), "X" if text.isupper() else "x"
    start = _alike(word, meant)
    end = min(_alike(word[::-1], meant[::-1]), len(word) - start, len(meant) - start)
    like = text[start : len(text) - end].ljust(len(meant), capitals)
    middle = meant[start : len(meant) - end]
    middle = "".join(one.upper() if other.isupper() else one for one, other in zip(middle, like, strict=False))
    return text[:start] + middle + text[len(text) - end :]


def _alike(one: str, other: str) -> int:
    """How many letters two words start with in common."""
    return next((at for at, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))
