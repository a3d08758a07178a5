"""The tokenizer: a text in, its terms out, for indexing, for queries and for highlighting alike.

A *chunk* is a run of letters and digits with what may stand inside a word (``end-to-end``, ``Qwen2.5``, ``R&D``).
It is split into *parts* at hyphens, camel humps and before digits; each part is folded (compatibility forms, case,
accents, Greek letters to their names) into a *word* and stemmed into a *term*. The terms in order are the sequence.
What several parts of one chunk give when written as one word are the extras, which have no position: so ``zero-shot``
and ``ZeroShot`` (zero, shot, extra zeroshot) meet ``zero shot`` by adjacency and ``zeroshot`` by the extra.
Chinese, Japanese and Korean runs become overlapping pairs of characters.

What stands between white space (a *token*) is looked up in a cache first. The caches are plain dictionaries, so any number of threads may call in.
Owns no knowledge of fields, queries or the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from papersearch.text import stemmer

MAX_TERM = 64
"""Characters of the longest term (chosen); the rest of a longer word is ignored."""

_MAX_CHUNK = 80
"""Characters of the longest chunk that is joined and cached (chosen: longer ones are data, not words)."""

_MAX_JOINED = 5
"""Parts up to which every run of neighbours is joined (chosen); of longer chunks only pairs, triples and the whole."""

_MAX_TOKEN = 100
"""Characters of the longest token that is cached (chosen: longer ones hardly come twice)."""

_GENERATION = 100_000
"""Tokens in one generation of the cache (chosen: about 20 MB); the generation before is kept as well."""

_SLICE = 20_000
"""Tokens handled at once (chosen), so that one huge text cannot grow the cache without bound."""

# Characters that are typeset differently but meant alike; one for one, so that offsets stay true.
_SAME = (
    ("\u2019", "'"), ("\u2018", "'"), ("\u2010", "-"), ("\u2011", "-"), ("\u2013", "-"), ("\u2212", "-"),
    ("\uff0d", "-"), ("\u2014", " "), ("\u201c", '"'), ("\u201d", '"'), ("\u2026", " "), ("\u00a0", " "),
)  # fmt: skip

_CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Combining marks and invisible joiners that Python's \w leaves out; whole blocks for the scripts of India and Thai.
_MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200d\u2060\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\ufeff"
)
_LETTER = f"[^\\W_{_CJK}]"
# What may stand between two word characters. The first look-ahead is there for speed alone.
_JOINT = r"(?=[-'.,&])(?:[-']|(?<=\d)[.,](?=\d)|(?<=\b[A-Za-z])&(?=[A-Za-z]\b))"
_SUFFIX = r"(?:\+\+(?<=[A-Za-z]\+\+)|#(?<=\b[A-Za-z]#))?"
_ASCII_CHUNK = re.compile(f"[0-9A-Za-z]+(?:{_JOINT}[0-9A-Za-z]+)*{_SUFFIX}")
_CHUNK = re.compile(f"{_LETTER}+(?:[{_MARKS}]+{_LETTER}*|{_JOINT}{_LETTER}+)*{_SUFFIX}|[{_CJK}]+")
_CJK_FIRST = re.compile(f"[{_CJK}]")
# One written character: a base with its voicing mark, or a syllable block spelled in single jamo.
_CJK_UNIT = re.compile("[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|.[\u3099\u309a\uff9e\uff9f]?", re.DOTALL)

# A chunk is split by its shape: U upper case, L lower case or without case, s that letter, D digit, G Greek.
_ASCII_SHAPE = str.maketrans(
    {c: "U" for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    | {c: "L" for c in "abcdefghijklmnopqrtuvwxyz"}
    | {c: "D" for c in "0123456789"}
    | {",": "."}
)
_POSSESSIVE = re.compile("'s(?![ULsDG])")
_INNER_APOSTROPHE = re.compile("(?<=[ULs][Ls])'(?=[Ls])")
_PART = re.compile(
    r"[ULs]&[ULs]"  # R&D
    r"|[ULs]+\+\+|[ULs]\#"  # C++, C#
    r"|D+(?:\.D+)*(?:U+s(?![Ls])|U*(?=U[Ls])|U+|[Ls]+)?"  # 2.5, 3D, 4o; 3D|Gaussian
    r"|U{2,}s(?![Ls])"  # LLMs
    r"|U+(?=U[Ls])"  # LLM|Based
    r"|U?[Ls]+|U+|G+"
)
_PIECE = re.compile(f"[^-]{{1,{MAX_TERM}}}")

_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_LETTERS = re.compile(f"[^\\w{_MARKS}&+#]|[_\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
_WITHOUT_ACCENT = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŧ": "t"}
)
_GREEK_NAMES = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip

# Plurals of acronyms in lower case, which the stemmer, looking for a vowel, leaves alone: llms, gnns; gpus, pdes.
_NO_VOWEL = re.compile("[b-df-hj-np-tv-xz]{3,}s")
_ONE_VOWEL = re.compile("([b-df-hj-np-tv-xz]{2,4})[aeiou]s")
_ONSETS = frozenset(
    "bl br ch cl cr dr dw fl fr gh gl gn gr kh kl kn kr ph phl phr pl pn pr ps rh sc sch schr schl schn schw scr sh"
    " shr sk sl sm sn sp sph spl spr sq st str sv sw th thr tr ts tw wh wr".split()
)

STOP_WORDS = frozenset(
    """
    a about above across after afterwards again against all almost along already also although always am among amongst
    an and another any anybody anyhow anyone anything anyway anywhere are arent around as at away be became because
    become becomes been before beforehand behind being below beside besides best between beyond both but by can cannot
    cant could couldnt did didnt do does doesnt doing done dont down due during each either else elsewhere enough etc
    even ever every everybody everyone everything everywhere except few for from further furthermore get gets getting
    give given gives go goes going got had hadnt has hasnt have havent having he hence her here hers herself him himself
    his how however i ie eg if im in indeed instead into is isnt it its itself ive just keep kind know let lets like
    made make makes making many may maybe me meanwhile might mine more moreover most mostly much must my myself namely
    neither never nevertheless no nobody none nor not nothing now nowhere of off often on once only onto or other others
    otherwise our ours ourselves out over own per perhaps please quite rather really same seem seemed seems several
    shall she should shouldnt since so some somebody somehow someone something sometimes somewhere still such tell than
    that thats the their theirs them themselves then there thereby therefore therein these they thing things this those
    though through throughout thus to together too toward towards under until unto up upon us use used uses using
    various versus very via vs want was wasnt way ways we well were werent what whatever whats when whence whenever
    where whereas whereby wherein wherever whether which while who whoever whole whom whose why will with within without
    wont would wouldnt yes yet you your yours yourself yourselves
    show find explain describe concerning regarding discuss discusses discussed anything interested
    """.split()
)
"""Words that carry nothing in a question (folded, not stemmed); for queries only, everything is indexed."""


class QueryWord(NamedTuple):
    """One word of a query. ``joins`` are the extras that start at this word: (term, how many words it covers)."""

    start: int
    end: int
    text: str
    word: str
    term: str
    stop: bool
    chunk: int
    joins: tuple[tuple[str, int], ...]


class _Long(Exception):
    """Raised by the caches for a token too long to be kept."""


class _Terms(dict[str, tuple[str, ...]]):
    """Token -> its terms in order, computed when first asked for. ``extras`` holds only the tokens that have some.

    What the generation before knows is taken over when it is asked for again.
    """

    __slots__ = ("extras", "older", "older_extras")

    def __init__(self, older: _Terms | None = None) -> None:
        super().__init__()
        self.extras: dict[str, tuple[str, ...]] = {}
        self.older: dict[str, tuple[str, ...]] = dict(older) if older else {}
        self.older_extras: dict[str, tuple[str, ...]] = older.extras if older else {}

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(token) > _MAX_TOKEN:
            raise _Long
        terms = self.older.get(token)
        if terms is None:
            terms, extras = _compute(token)
        else:
            extras = self.older_extras.get(token, ())
        if extras:
            self.extras[token] = extras
        self[token] = terms
        return terms


class _Surfaces(dict[str, tuple[str, ...]]):
    """Token -> its words that can be misspelled."""

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(token) > _MAX_TOKEN:
            raise _Long
        found = self[token] = _compute_surfaces(token)
        return found


_terms = _Terms()
_surfaces = _Surfaces()


def analyze(text: str) -> tuple[list[str], list[str]]:
    """The sequence of ``text`` (one term per position) and its extras (compounds without a position, as often as
    they occur). Costs about 35 µs for an abstract whose words were seen before, 5 to 10 µs for each that was not."""
    global _terms
    sequence: list[str] = []
    extras: list[str] = []
    for tokens in _slices(text):
        terms = _terms
        if len(terms) > _GENERATION:
            terms = _terms = _Terms(terms)
        try:
            found = list(chain.from_iterable(map(terms.__getitem__, tokens)))
        except _Long:
            for token in tokens:
                some, more = _compute(token) if len(token) > _MAX_TOKEN else (terms[token], terms.extras.get(token, ()))
                sequence += some
                extras += more
            continue
        sequence += found
        compound = terms.extras
        for token in filter(compound.__contains__, tokens):
            extras += compound[token]
    return sequence, extras


def surfaces(text: str) -> list[str]:
    """The folded, unstemmed words of ``text`` that are letters only and three or longer; nothing of CJK runs."""
    global _surfaces
    result: list[str] = []
    for tokens in _slices(text):
        known = _surfaces
        if len(known) > _GENERATION:
            known = _surfaces = _Surfaces()
        try:
            result += list(chain.from_iterable(map(known.__getitem__, tokens)))
        except _Long:
            for token in tokens:
                result += _compute_surfaces(token) if len(token) > _MAX_TOKEN else known[token]
    return result


def spans(text: str) -> list[tuple[int, int, str, bool]]:
    """(start, end, term, whether it is an extra) of all that ``analyze`` finds, chunk by chunk, the extras after the
    terms of their chunk. Offsets count code points of ``text``; an extra covers all its parts."""
    result: list[tuple[int, int, str, bool]] = []
    for start, chunk in _chunks(text):
        parts = _parts(chunk)
        words = [word for _, _, word in parts]
        terms = tuple(map(stem, words))
        result += [(start + a, start + b, term, False) for (a, b, _), term in zip(parts, terms, strict=True)]
        for term, first, count in _joins(chunk, words, terms):
            result.append((start + parts[first][0], start + parts[first + count - 1][1], term, True))
    return result


def query_words(text: str) -> list[QueryWord]:
    """The words of a query in order, with everything the engine asks of them."""
    result: list[QueryWord] = []
    for number, (start, chunk) in enumerate(_chunks(text)):
        parts = _parts(chunk)
        words = [word for _, _, word in parts]
        terms = tuple(map(stem, words))
        joins: dict[int, list[tuple[str, int]]] = {}
        for term, first, count in _joins(chunk, words, terms):
            joins.setdefault(first, []).append((term, count))
        for index, ((a, b, word), term) in enumerate(zip(parts, terms, strict=True)):
            result.append(
                QueryWord(
                    start + a,
                    start + b,
                    text[start + a : start + b],
                    word,
                    term,
                    word in STOP_WORDS,
                    number,
                    tuple(joins.get(index, ())),
                )
            )
    return result


def joined(words: Sequence[str]) -> str:
    """The term that the folded, unstemmed ``words`` give when they are written as one."""
    return stem("".join(words)[:MAX_TERM])


def stem(word: str) -> str:
    """The term of a folded word: its English stem, or the word itself where it does not end in an English letter."""
    if len(word) < 3 or not word.isascii() or not word[-1].isalpha() or "&" in word:
        return word
    if word[-1] == "s" and len(word) < 9:
        if _NO_VOWEL.fullmatch(word):
            return word[:-1] if word[-2] != "s" else word
        onset = _ONE_VOWEL.fullmatch(word)
        if onset and onset[1] not in _ONSETS:
            return word[:-1]
    return stemmer.stem(word)


def fold(text: str) -> str:
    """``text`` as a word is folded: compatibility forms, lower case, no accents, Greek letters by name."""
    if text.isascii():
        folded = text.lower()
        return folded if folded.isalnum() else _NOT_LETTERS.sub("", folded)
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_WITHOUT_ACCENT)
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    folded = _NOT_LETTERS.sub("", folded)
    return _GREEK_NAMES.get(folded, folded)


def _same(text: str) -> str:
    """``text`` with typographic quotes and dashes as ASCII, one character for one."""
    if not text.isascii():
        for typeset, plain in _SAME:
            text = text.replace(typeset, plain)
    return text


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """(offset, chunk) of every chunk of ``text``."""
    text = _same(text)
    pattern = _ASCII_CHUNK if text.isascii() else _CHUNK
    for match in pattern.finditer(text):
        yield match.start(), match.group()


def _slices(text: str) -> Iterator[list[str]]:
    """What stands between white space, a bounded number at a time. No chunk reaches across white space."""
    tokens = text.split()
    if len(tokens) <= _SLICE:
        yield tokens
    else:
        for start in range(0, len(tokens), _SLICE):
            yield tokens[start : start + _SLICE]


def _compute(token: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms and the extras of ``token``."""
    sequence: list[str] = []
    extras: list[str] = []
    for _, chunk in _chunks(token):
        words = [word for _, _, word in _parts(chunk)]
        terms = tuple(map(stem, words))
        sequence += terms
        extras += (term for term, _, _ in _joins(chunk, words, terms))
    return tuple(sequence), tuple(extras)


def _compute_surfaces(token: str) -> tuple[str, ...]:
    """The words of ``token`` that can be misspelled."""
    return tuple(
        word
        for _, chunk in _chunks(token)
        if not _CJK_FIRST.match(chunk)
        for _, _, word in _parts(chunk)
        if len(word) > 2 and word.isalpha()
    )


def _parts(chunk: str) -> list[tuple[int, int, str]]:
    """(start, end, folded word) of the parts of ``chunk``, which has typographic variants replaced already."""
    if chunk.isascii() and chunk.isalnum():
        rest = chunk[1:]
        if chunk.isdigit() or (chunk.isalpha() and (not rest or rest.islower() or chunk.isupper())):
            return [(0, len(chunk), chunk.lower()[:MAX_TERM])]
    elif _CJK_FIRST.match(chunk):
        return _pairs(chunk)
    if len(chunk) <= _MAX_CHUNK:
        return _split(chunk, 0)
    return [part for piece in _PIECE.finditer(chunk) for part in _split(piece.group(), piece.start())]


def _split(chunk: str, offset: int) -> list[tuple[int, int, str]]:
    """The parts of a chunk of letters, which starts at ``offset`` of its text."""
    shape = chunk.translate(_ASCII_SHAPE) if chunk.isascii() else _shape(chunk)
    if "'" in shape:
        shape = _INNER_APOSTROPHE.sub("L", _POSSESSIVE.sub("--", shape))
    result = []
    for match in _PART.finditer(shape):
        start, end = match.span()
        text = chunk[start : end - 1] if shape.startswith("UUs", end - 3, end) else chunk[start:end]
        word = fold(text)[:MAX_TERM]
        if word:
            result.append((offset + start, offset + end, word))
    return result


def _shape(chunk: str) -> str:
    """One letter for each character of ``chunk``; a combining mark is like the character before it."""
    shape: list[str] = []
    for char in chunk:
        if char < "\x80":
            kind = char.translate(_ASCII_SHAPE)
        else:
            plain = unicodedata.normalize("NFKC", char)[:1]
            if "\u0370" <= plain <= "\u03ff" or "\u1f00" <= plain <= "\u1fff":
                kind = "G"
            elif plain.isnumeric():
                kind = "D"
            elif plain.isalpha():
                kind = "U" if plain.isupper() or plain.istitle() else "L"
            else:
                kind = shape[-1] if shape and shape[-1] in "ULsDG" else "L"
        shape.append(kind)
    return "".join(shape)


def _pairs(run: str) -> list[tuple[int, int, str]]:
    """Overlapping pairs of the characters of a CJK run; of a single character, itself."""
    units = [(unit.start(), unit.end(), _fold_cjk(unit.group())) for unit in _CJK_UNIT.finditer(run)]
    if len(units) == 1:
        return units
    return [(a[0], b[1], a[2] + b[2]) for a, b in zip(units, units[1:], strict=False)]


def _fold_cjk(unit: str) -> str:
    """One written character in its usual form."""
    return unicodedata.normalize("NFKC", unit).casefold()


def _joins(chunk: str, words: list[str], terms: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """(term, first part, how many parts) of the extras of a chunk: its words written as one."""
    count = len(words)
    if len(chunk) > _MAX_CHUNK or _CJK_FIRST.match(chunk):
        return []
    if count == 1:
        return [(stem(words[0].replace("&", "")), 0, 1)] if "&" in words[0] else []
    seen = set(terms)
    result = []
    for first in range(count - 1):
        for length in range(2, count - first + 1):
            if length > 3 and count > _MAX_JOINED and length < count:
                continue
            term = joined(words[first : first + length])
            if term not in seen:
                seen.add(term)
                result.append((term, first, length))
    return result
