"""Evidence for a question: the passages of the best papers that bear on it, and whether they suffice for an answer.

That is decided by words alone and before any model is asked. Each word of the question weighs what it tells apart
(its inverse document frequency); what nobody in the corpus writes weighs most. A paper *covers* the share of that
weight that its words carry, a sentence likewise, the title and the neighbouring sentences helping. The thresholds are
measured on the visible half of ``benchmarks/ask_questions.jsonl`` by ``python -m benchmarks.ask``.

A sentence that asks something itself, as in questions and answers about a paper, answers nothing: the one behind it
does, and has its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import log

from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Paper, Request
from papersearch.engine.ask import definitions, wanted
from papersearch.engine.ask.terms import MOST_WORDS, akin, names_of, plain_capitals, terms_of
from papersearch.engine.port import Engine
from papersearch.query import ids
from papersearch.text import sentences
from papersearch.text.courtesy import without_courtesy
from papersearch.text.folding import fold
from papersearch.text.phrasing import asked_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.text.words import QueryWord

CANDIDATES = 12  # papers looked at for evidence
CANDIDATES_FOR_A_DEFINITION = 30  # hardly any paper says what is known to all (chosen)
MOST_QUESTION = 8_000  # characters
MOST_CHARS = 200_000  # of one paper
FEWEST = 1_000
"""Papers that a corpus counts as having at least: in a small one, what nobody writes is not yet telling (chosen)."""
LEAST_COVERED = 0.55
"""The share of a question's weight that the best paper must cover; below, the corpus does not answer it."""
LEAST_TOGETHER = 0.75
"""The share of a thing's name that one sentence with its title must have, where it is asked what the thing is: a paper
that speaks of a speculation and of decoding does not say what speculative decoding is (chosen)."""
LEAST_SENTENCE = 0.25
"""The share that a sentence must cover together with its title and neighbours, to be quoted."""
LIGHT = 0.2
"""What a word of asking counts beside one of what is asked: of "what kind of" papers say nothing (chosen)."""
_TITLE, _NEIGHBOUR = 0.99, 0.5
"""What a word there counts beside one in the sentence itself. Of two sentences that hold the question together with
their title, the one that says more of it itself is first: the number beside the name, not that of another model."""
LEAST_WORTH = 0.3  # how much a sentence must say what something is, to say what it is used for (chosen)
_LIKELY = 0.25  # what a number adds where a number is asked for, or a reason where it is asked why (chosen)
# What a request for an answer begins with; any other word there that no paper has is a name.
_ASKS = frozenset(
    "answer compare contrast define describe discuss explain find give identify list mention name outline show state "
    "summarise summarize tell write".split()
)
# They stand for what was spoken of before; what is asked here is all there is.
_POINTING = frozenset("it its they them their this these".split())
_CALLS = (",", "!", ":")
_IS_QUESTION = re.compile(r"[?？][\s*_\"'”’»)\]]*\Z")


class Passage(NamedTuple):
    """A sentence of a paper with its neighbours. ``score`` is between 0 and about 2; ``text`` is the sentence alone,
    as it stands; ``context`` has the sentences before and after it too."""

    paper_id: str
    title: str
    line: int
    text: str
    context: str
    score: float


class Evidence(NamedTuple):
    """What bears on a question, best first. ``reason`` is None if it suffices, else says why not. ``texts`` are the
    whole texts of the papers that were looked at, by their ids."""

    passages: tuple[Passage, ...]
    reason: str | None
    texts: dict[str, str]


class Question:
    """The weighty words of a question, each with its share of the weight."""

    def __init__(self, text: str, engine: Engine) -> None:
        self.thing = definitions.thing_of(text)
        self.wanted = wanted.of(text)
        asked = self.thing or text
        found = asked_words(asked)[:MOST_WORDS]
        degree = wanted.degree(asked)  # of "how fast" and "what number" only a number is said
        kept = [word for word in found if not word.stop and word.start != degree]
        by_term = {word.term: word.word for word in kept}
        counts = engine.frequencies([*by_term.values()])
        papers = max(FEWEST, engine.stats().papers)
        # One word alone says too little of what is asked: who speaks of bees tells no benefit of theirs.
        is_alone = sum(not self.wanted.is_asking(word) for word in by_term.values()) < 2
        light = 1.0 if is_alone and not self.wanted.is_fact() else LIGHT
        weights = {
            term: log(1 + (papers - count + 0.5) / (count + 0.5)) * (light if self.wanted.is_asking(word) else 1)
            for (term, word), count in zip(by_term.items(), counts, strict=True)
        }
        total = sum(weights.values())
        self.weights = {term: weight / total for term, weight in weights.items()} if total else {}
        self.others = {term: [{each} for each in akin(term)] for term in self.weights}
        self._wholes = dict(_with_wholes(found))
        self._pointing = next((word.text for word in found if word.stop and word.word in _POINTING), "")
        self.forms: list[tuple[str, ...]] = []
        self.names = names_of(text, plain_capitals(text))
        # A capital at the beginning tells a name only if no paper has the word, and nothing calls out by it.
        first = kept[0] if kept and kept[0] is found[0] else None
        if first is not None and asked[first.start].isupper() and first.word not in _ASKS and not counts[0]:
            self.names += (first.term,) if asked[first.end : first.end + 1] not in _CALLS else ()

    def covered(self, terms: set[str]) -> float:
        """The share of the question's weight that some terms carry."""
        return sum(weight for term, weight in self.weights.items() if term in terms or self._otherwise(term, terms))

    def may_be_answered(self, sentence: str, own: set[str], title: set[str], around: set[str]) -> bool:
        """Whether a sentence with its ``own`` terms has what alone can answer the question, if its form says what: a
        time of what, with its title, is asked for; a number of what is counted, of all that is named; somebody and,
        without it, what they did; a price; a use."""
        if self.wanted.counted is not None:
            told = terms_of(wanted.without_compared(sentence)) if self.names_held(own) else around
            return self.names_held(told | title) and any(map(self._counted, self.wanted.counts(sentence)))
        if not self.wanted.is_fact():
            return True
        is_it = self.covered(own if self.wanted.who else own | title) >= LEAST_COVERED
        tells = self.wanted.tells_fact(sentence) or definitions.worth(sentence, self.forms) >= LEAST_WORTH
        return is_it and tells

    def _counted(self, beside: set[str]) -> bool:
        """Whether something that is counted is among the terms beside a number."""
        return any(term in beside or self._otherwise(term, beside) for term in self.wanted.counted or ())

    def points_at_nothing(self) -> str:
        """The word that stands for what the question is about, where that is not said: ``how does it work?``."""
        return self._pointing if len(self.weights) < 2 and not self.names else ""

    def names_held(self, terms: set[str]) -> bool:
        """Whether some terms have all names of the question: what is not about GPT-5 says nothing of GPT-5."""
        return all(
            name in terms or self._wholes.get(name) in terms or self._otherwise(name, terms) for name in self.names
        )

    def _otherwise(self, term: str, terms: set[str]) -> bool:
        return any(other <= terms for other in self.others.get(term, ()))

    def understand(self, expanded: dict[str, tuple[str, ...]]) -> None:
        """Take the long forms of acronyms, as the engine searched for them, for the acronyms."""
        if self.thing:
            self.forms = definitions.forms_of(self.thing, expanded)
        for word, forms in expanded.items():
            for term in terms_of(word) & self.weights.keys():
                self.others.setdefault(term, []).extend(terms_of(form) for form in forms)


def _with_wholes(found: Sequence[QueryWord]) -> Iterator[tuple[str, str]]:
    """The terms of a compound's parts, each with that of the whole: a title may have lost the hyphens of a name."""
    for _, chunk in groupby(found, key=lambda word: word.chunk):
        parts = [*chunk]
        for whole in (joined for joined, many in parts[0].joins if many == len(parts) > 1):
            yield from ((part.term, whole) for part in parts)


def find(engine: Engine, request: Request, papers: int) -> Evidence:
    """Evidence from the best ``papers`` that the request's query finds, its filters applied. A question without a
    word that tells anything has none."""
    request = replace(request, query=without_courtesy(request.query[:MOST_QUESTION]))
    named, about = _papers_named(engine, request.query)
    question = Question(about, engine)
    if not question.weights:
        return _none("the question has no word that could be looked for")
    if not named and (word := question.points_at_nothing()):
        return _none(f"the question does not say what “{word}” stands for")
    limit = CANDIDATES_FOR_A_DEFINITION if question.thing else CANDIDATES
    asked = question.thing or request.query
    answer = engine.search(
        replace(request, query=asked, limit=limit, offset=0, match="any", syntax=False, snippets=False)
    )
    if not answer.results:
        is_filtered = bool(request.authors or request.tags or request.since or request.until)
        return _none(f"no paper{' that the filters leave' if is_filtered else ''} has a word of the question")
    question.understand(answer.expanded)
    read = (engine.paper(hit.id) for hit in answer.results if not named or hit.id in named)
    looked_at = [paper for paper in read if paper is not None]
    best, passages = _weighed(question, looked_at, papers)
    reason = "the papers do not say enough about it" if best < LEAST_COVERED or not passages else None
    return Evidence(tuple(passages), reason, {paper.id: f"{paper.abstract}\n{paper.qa}" for paper in looked_at})


def _none(reason: str) -> Evidence:
    return Evidence((), reason, {})


def _weighed(question: Question, looked_at: Iterable[Paper], most: int) -> tuple[float, list[Passage]]:
    """How much of the question the best paper covers, and the passages of the best, ``most`` papers at most."""
    found = [_of_paper(question, paper) for paper in looked_at]
    # The papers that cover the name of a thing whole are many: of these the one that says best what it is comes first.
    found.sort(key=lambda each: (-each[0], -_best(each[1]) if question.forms else 0.0))
    best = found[0][0] if found else 0.0
    passages = [passage for _, each in found[:most] for passage in each if passage.score >= LEAST_SENTENCE]
    return best, _distinct(sorted(passages, key=lambda passage: -passage.score))


def _papers_named(engine: Engine, text: str) -> tuple[set[str], str]:
    """The papers that a question names by ids, and the question with ``the paper`` for each: none says its own id."""
    words = text.split()
    known = {word: found[0] for word in words[:MOST_WORDS] if (found := ids.known_form(word)) is not None}
    named = {word: paper for word, paper in known.items() if engine.paper(paper) is not None}
    return {*named.values()}, " ".join("the paper" if word in named else word for word in words) if named else text


def _best(passages: list[Passage]) -> float:
    return max([passage.score for passage in passages], default=0.0)


def _of_paper(question: Question, paper: Paper) -> tuple[float, list[Passage]]:
    """How much of the question a paper covers, and its sentences with their scores."""
    title = terms_of(paper.title) | _authors_named(question, paper)
    covered = set(title)
    together = 0.0  # the most that one sentence covers
    passages: list[Passage] = []
    for text, line in ((paper.abstract, paper.abstract_line), (paper.qa, paper.qa_line)):
        spans = _spans(text[:MOST_CHARS]) if text.strip() else []
        bags = [terms_of(text[start:end]) for start, end in spans]
        covered = covered.union(*bags)
        together = max([together, *(question.covered(own | title) for own in bags)])
        asks = [_IS_QUESTION.search(text[start:end]) is not None for start, end in spans]
        for number, ((start, end), own) in enumerate(zip(spans, bags, strict=True)):
            if number and asks[number - 1]:
                own = own | bags[number - 1]
            sentence = text[start:end]
            around = slice(max(0, number - 1), number + 2)
            beside = set().union(*bags[around])
            if (
                question.covered(own) > 0
                and not asks[number]
                and question.may_be_answered(sentence, own, title, beside)
            ):
                context = text[spans[around][0][0] : spans[around][-1][1]]
                score = _score(question, sentence, own, title, beside)
                passages.append(Passage(paper.id, paper.title, line, _in_line(sentence), _in_line(context), score))
    named = covered.union(terms_of(" ".join((paper.id, *paper.authors, *paper.tags))))
    is_said = question.names_held(named) and (not question.thing or together >= LEAST_TOGETHER)
    whole = question.covered(covered) * is_said
    return whole, [passage._replace(score=passage.score * whole) for passage in passages]


def _authors_named(question: Question, paper: Paper) -> set[str]:
    """The terms of those of the paper's authors' names that the question has, which none of their sentences says."""
    names = map(terms_of, " ".join(paper.authors).split())
    return set().union(*(name for name in names if not name.isdisjoint(question.names)))


def _score(question: Question, sentence: str, own: set[str], title: set[str], around: set[str]) -> float:
    """How much a sentence with its ``own`` terms says of what is asked; ``around`` are its neighbours' and its own."""
    # What the title adds, and then the neighbours: an acronym in one and its long form in another add nothing.
    here, titled, all_about = map(question.covered, (own, own | title, around | title))
    score = here + _TITLE * (titled - here) + _NEIGHBOUR * (all_about - titled)
    if question.wanted.is_likely(sentence, own):
        score += _LIKELY
    return score + definitions.worth(sentence, question.forms) if question.forms else score


def _in_line(text: str) -> str:
    return " ".join(text.split())


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text start and end; a line break that only folds a line does not end one."""
    folded = re.sub(r"(?<=[^\n.!?:])\n(?=[^\n\-*#>|\d])", " ", text)
    return [(start, end) for start, end in sentences.find(folded).spans() if end > start]


def _distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Passages without those that say the same again."""
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(fold(passage.text), passage)
    return list(first.values())
