"""Whether a passage bears a sentence that a model wrote.

A sentence stands if one sentence of one passage that it cites says it, alone: every word that is not light, every
number with what it counts, in the passage's order; nothing denied or bounded that the passage does not; no hedge
dropped or added (``qualifiers``), no number, doer or clause of something else (``claims``). That is stricter than
reading: a true paraphrase may fall, an invention should not stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from papersearch.core.frozen import NamedTuple
from papersearch.engine.ask import claims, clauses, qualifiers, vocabulary
from papersearch.engine.ask.clauses import NUMBER
from papersearch.engine.ask.evidence import Passage
from papersearch.engine.ask.orders import is_addressed
from papersearch.engine.ask.terms import names_of, terms_of
from papersearch.text import sentences, words
from papersearch.text.folding import fold
from papersearch.text.stopwords import STOP_WORDS

MOST_MOVED = 24  # words of a sentence whose beginning may be moved
MOST_CHARS = 1_000  # of a sentence: what is longer stands as a copy only (the longest of 13,483 real ones has 712)

# passage: Accuracy improves by 5 percentage points.
# stands: Accuracy improves by 5 points.
# falls: Accuracy improves by 5%.
_AFTER = re.compile(r"[\s~≈-]*(%|[^\W\d_]+(?:/[^\W\d_]+)?|°\w?)")

# passage: We test FastNet on three sets.
# stands: They test FastNet on 3 sets.
# falls: They test FastNet on four sets.
_SPELLED_OUT = re.compile(rf"\b(?:{'|'.join(vocabulary.SPELLED)})\b", re.IGNORECASE)

# passage: It cuts memory by 50%.
# stands: It cuts memory by 50 per cent.
# falls: It cuts memory by 50 per core.
_PER_CENT = re.compile(r"\bper cent\b", re.IGNORECASE)

# passage: We use BERT instead of GPT for tagging.
# stands: They use BERT instead of GPT for tagging.
# falls: They use GPT for tagging.
# passage: We reject the hypothesis that BERT outperforms GPT.
# stands: We reject the hypothesis that BERT outperforms GPT on the whole.
# falls: BERT outperforms GPT.
_EXCEPT = re.compile(
    r"\b(?:instead of|rather than|other than|far from|anything but|contrary to|in place of|apart from|excluding"
    r"|(?:false|untrue|myth|misconception) that|(?:reject|refute)\w* the (?:hypothesis|claim|idea|notion|view) that)\b",
    re.IGNORECASE,
)

# passage: FastNet is a training-free method for non-convex losses.
# stands: FastNet is a training-free method.
# falls: FastNet is a training method.
# passage: FastNet is a task-free method for convex and non-convex losses.
# stands: FastNet is a task-free method for convex losses.
# falls: FastNet is a task method for convex losses.
# passage: FastNet is a fast method for non-convex losses.
# stands: FastNet is a method for non-convex losses.
# falls: FastNet is a method for convex losses.
_FREE = re.compile(r"\bnon-|\b(?=\w+-free\b)", re.IGNORECASE)

# passage: FastNet starts from a little noise on frames, and needs two steps.
# stands: FastNet needs two steps.
# falls: FastNet starts from little noise on frames.
_A_LITTLE = re.compile(r"\ba little(?= )", re.IGNORECASE)

# passage: FastNet is the second best of the nets.
# stands: FastNet is the second best.
# falls: FastNet is the best.
_NEXT = frozenset("second third fourth fifth".split())  # before "best"

# passage: Malware authors use FastNet.
# stands: The authors report that malware authors use FastNet.
# falls: The reviewers report that malware authors use FastNet.
# passage: FastNet uses two losses.
# stands: Specifically, FastNet uses two losses.
# falls: Specifically, FastNet uses three losses.
_SAID = re.compile(
    r"""(?:according\s+to|in)\s+(?:the|this)\s+(?:authors|paper|study|work|article|abstract),\s+
    | (?:the|this)\s+(?:authors|paper|study|work|article|abstract)\s+(?:also\s+)?
      (?:reports?|reported|shows?|showed|states?|stated|says?|said|finds?|found|notes?|noted)\s+that\s+
    | (?:moreover|additionally|in\s+addition|furthermore|specifically|notably|overall|finally),\s+""",
    re.IGNORECASE | re.VERBOSE,
)

# passage: BERT is outperformed by GPT.
# stands: BERT is outperformed by GPT in the study.
# falls: BERT outperforms GPT.
_PASSIVE = re.compile(
    r"\b\w+(ed|en|own|ught)\s+by\b(?!\s+(?:(?:up to|about|over|nearly|an?)\s+)?[~≈]?\d)", re.IGNORECASE
)

# passage: We train FastNet on videos.
# stands: FastNet is trained on videos.
# falls: FastNet is trained on images.
# passage: Foxes chase hens. We train FastNet on SlowNet.
# stands: Foxes chase hens.
# falls: Hens chase foxes.
# passage: We train FastNet on SlowNet.
# stands: FastNet is trained on SlowNet.
# falls: SlowNet is trained on FastNet.
_IS = re.compile(r"\b(?:is|are|was|were|been)\b", re.IGNORECASE)

# passage: We learn from mistakes of models.
# stands: We learn from mistakes.
# falls: Models are learned from mistakes.
_COMPARES = re.compile(
    r"\b(than|outperform\w*|beats?|beaten|surpass\w*|exceed\w*|superior|inferior|over|better|worse|teaches|taught|caus\w*|"
    r"depend\w*|replac\w*|precede\w*|follow\w*|lead\w*|from|instead|compared|versus|vs)\b",
    re.IGNORECASE,
)


class _Reading(NamedTuple):
    """One sentence, taken apart: folded words in order, terms of the weighty ones in order, names and numbers in order;
    which terms stand right after a word that denies, and which of those behind "non-" stand elsewhere without it."""

    text: str
    folded: tuple[str, ...]
    terms: tuple[str, ...]
    marks: tuple[str, ...]
    denied: frozenset[str]
    affirmed: frozenset[str]


def bearing(text: str, cited: Sequence[Passage]) -> tuple[list[Passage], str]:
    """Those of the cited passages that bear a sentence, each alone; if none does, why."""
    if not cited:
        return [], "it cites no passage"
    wrongs = [objection(text, f"{passage.title}\n{passage.context}") for passage in cited]
    kept = [passage for passage, wrong in zip(cited, wrongs, strict=True) if wrong is None]
    return kept, "" if kept else next(filter(None, wrongs))


def objection(text: str, passage: str) -> str | None:
    """Why a sentence does not stand on a passage (its title on the first line), in words that a model can act on; None
    if it does."""
    if is_addressed(text) or text.rstrip().endswith("?"):
        return "it is not a statement about the papers"
    text = _SAID.sub("", text, count=1) if _SAID.match(text) else text
    text, passage = (_PER_CENT.sub("percent", each) for each in (text, passage))
    title, _, body = passage.partition("\n")
    anchors = _sentences(body or title)
    if _plain(text) in map(_plain, anchors):
        return None
    if len(text) > MOST_CHARS:
        return "it is too long"
    if wrong := _number_wrong(text, passage):
        return wrong
    told = _read(text)
    weighty = [term for term in dict.fromkeys(told.terms) if term not in vocabulary.LIGHT]
    if not weighty:
        return "it says nothing"
    held = terms_of(passage)
    names = (name for name in names_of(text) if name not in vocabulary.LIGHT)
    if (unsaid := next((term for term in (*weighty, *names) if term not in held), None)) is not None:
        return f"the passage does not say {_written(text, unsaid)!r}"
    return _wrong_by_each(told, weighty, title, [sentence for sentence in anchors if len(sentence) <= MOST_CHARS])


def _wrong_by_each(told: _Reading, weighty: list[str], title: str, anchors: Sequence[str]) -> str | None:
    """Why no sentence of a passage bears another, by the one that shares most words with it; None if one does."""
    wrongs: list[tuple[int, str]] = []
    before = ""
    for sentence in anchors:
        together = len(terms_of(sentence).intersection(weighty))
        if (wrong := _wrong_by(told, weighty, _Anchor(title, before, sentence))) is None:
            return None
        wrongs.append((together, wrong))
        before += f" {sentence}"
    return max(wrongs, key=lambda each: each[0], default=(0, "no sentence of the passage says it"))[1]


class _Anchor(NamedTuple):
    """The sentence of a passage that is to bear another one, with the title of its paper and what stands before it."""

    title: str
    before: str
    text: str


def _wrong_by(told: _Reading, weighty: list[str], anchor: _Anchor) -> str | None:
    """Why one sentence of a passage does not bear another, alone but for whose work it speaks of."""
    own = claims.known(anchor.title, anchor.before, anchor.text)
    borrowed = set(weighty) - terms_of(anchor.text)
    if borrowed - own or (borrowed and not claims.points_back(anchor.text)):
        return "no sentence of the passage says it"
    if wrong := _number_wrong(told.text, f"{anchor.title}\n{anchor.text}"):
        return wrong
    return (
        _otherwise(told, _read(anchor.text))
        or qualifiers.changed(told.text, anchor.text)
        or claims.changed(told.text, anchor.text, own)
    )


def _otherwise(told: _Reading, anchor: _Reading) -> str | None:
    """In which way a sentence says something else than the passage's sentence with the same words."""
    if told.denied - anchor.denied:
        return "it denies what the passage says"
    if anchor.denied & set(told.terms) - told.denied - anchor.affirmed:
        return "it says what the passage denies"
    bounds = (set(told.folded) - set(anchor.folded)) & vocabulary.BOUNDS
    if bounds:
        return f"the passage does not say {min(bounds)!r}"
    if (_PASSIVE.search(told.text) is None) != (_PASSIVE.search(anchor.text) is None):
        return "it turns round what the passage says"
    if not any(_in_order(read.terms, anchor.terms) and _in_order(read.marks, anchor.marks) for read in _turned(told)):
        return "its words stand in another order than in the passage"
    return None


def _in_order(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether those of ``ours`` that are in ``theirs`` stand there in that order, with others between them."""
    common = set(theirs)
    rest: Iterator[str] = iter(theirs)
    return all(each in rest for each in ours if each in common)


def _turned(told: _Reading) -> Iterator[_Reading]:
    """A sentence in the orders in which a passage may say the same."""
    yield from map(_read, clauses.turned(told.text))
    if _IS.search(told.text) and not _COMPARES.search(told.text) and len(told.terms) <= MOST_MOVED:
        # "FastNet is trained on videos" for "we train FastNet on videos".
        for cut in range(1, len(told.terms)):
            for end in range(cut + 1, len(told.terms) + 1):
                order = (*told.terms[cut:end], *told.terms[:cut], *told.terms[end:])
                yield told._replace(terms=order)


def _read(text: str) -> _Reading:
    """A sentence taken apart. A word that denies speaks of the two weighty words behind it."""
    folded: list[str] = []
    terms: list[str] = []
    plain = _A_LITTLE.sub("", _FREE.sub("non ", _EXCEPT.sub("except", text)))
    marks = [(found.start(), _digits(found[0])) for found in NUMBER.finditer(plain)]
    denied: set[str] = set()
    lacking: list[str] = []  # behind "non-" or before "-free"
    reach = 0  # weighty words that the last one that denies still speaks of: the two after it
    for word in words.query_words(plain):
        is_next = word.word == "best" and folded[-1:] and folded[-1] in _NEXT
        folded.append("next best" if is_next else word.word)
        if word.word in vocabulary.DENIES:
            reach = 2
        elif not (word.stop or word.word.isdigit() or word.word == "non"):
            terms.append(word.term)
            if word.text != word.text.lower():
                marks.append((word.start, word.term))
            if reach:
                denied.add(word.term)
                reach -= 1
            elif folded[-2:-1] == ["non"]:
                lacking.append(word.term)
    order = tuple(mark for _, mark in sorted(marks))
    also = frozenset(term for term in lacking if terms.count(term) > lacking.count(term))
    return _Reading(text, tuple(folded), tuple(terms), order, frozenset((*denied, *lacking)), also)


# passage: The set has over 33 memes, made from 50 known meme templates.
# stands: The set has over 33 memes.
# falls: The set has 50 memes.
# passage: FastNet takes 12 ms per frame.
# stands: FastNet takes 12 ms.
# falls: FastNet takes 13 ms.
def _number_wrong(text: str, passage: str) -> str | None:
    """Which number of a sentence the passage does not have, or not with what it counts or measures."""
    theirs = _quantities(passage)
    for number, following in _quantities(text):
        same = [after for each, after in theirs if each == number]
        if not same:
            return f"the number {number} is not in the passage"
        same = [after for after in same if vocabulary.SCALES.intersection(after[:1]) <= set(following)]
        if not same:
            return f"the passage says {number} on another scale"
        others = [after for each, after in theirs if each != number]
        if following[:1] and not any(_counts(after, following, others) for after in same):
            return f"the passage does not say {number} of that"
    return None


def _counts(after: list[str], following: list[str], others: list[list[str]]) -> bool:
    """Whether what follows a number in the passage is what follows it in a sentence: "memes" is for "large memes", and
    for "meme templates" only if no other number counts memes."""
    if following[0] not in after:
        return False
    is_same = after[0] == following[0] or after[-1] == following[-1]
    return is_same or not any(following[0] in each for each in others)


def _quantities(text: str) -> list[tuple[str, list[str]]]:
    """The numbers of a text as digits, each with the terms that follow it before the next mark; a unit is one too."""
    found = []
    spelled = _SPELLED_OUT.sub(lambda each: vocabulary.SPELLED[each[0].lower()], text)
    for number in NUMBER.finditer(spelled):
        after: list[str] = []
        is_of_a_name = spelled[max(0, number.start() - 1) : number.start()].isalpha()  # GPT4 counts nothing
        at = number.end() if not is_of_a_name else len(spelled)
        while len(after) < 5 and (word := _AFTER.match(spelled, at)):
            at = word.end()
            name = fold(word[1]) or word[1]
            if not after and name in vocabulary.SAME_UNIT:
                after.append(vocabulary.SAME_UNIT[name])
            elif name in STOP_WORDS:
                break
            after.append(words.stem(name))
        found.append((_digits(number[0]), after))
    return found


def _digits(number: str) -> str:
    """A number without its separators of thousands and a plus sign."""
    return re.sub(r",(?=\d{3}(?!\d))", "", number).lstrip("+").replace("−", "-")


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences.find(text).spans()] if text.strip() else [text]


def _plain(sentence: str) -> str:
    """A sentence without what makes no difference to whether it is a copy."""
    return " ".join(sentence.split()).casefold().rstrip(" .!")


def _written(text: str, term: str) -> str:
    return next((word.text for word in words.query_words(text) if word.term == term), term)
