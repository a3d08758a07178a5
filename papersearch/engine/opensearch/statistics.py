"""What queries are compiled with, asked of the cluster: many questions in one request, and the answers kept.

The code that compiles a query asks one thing after the other (see ``engine.search.statistics``), which over a network
would be a journey for each. So it is run on guesses: what is not known yet is taken for absent and noted, and all that
was noted is asked at once; then it is run again, until it met nothing unknown. Two or three rounds are usual, none if
all words were asked before.

Frequencies of terms are the cluster's own (document frequencies of all shards): until it has merged its segments, they
count deleted papers as well.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from papersearch.core.caches import Lock
from papersearch.core.errors import PapersearchError
from papersearch.core.fields import ACRONYM, AUTHOR, FIELDS, ID, LONGFORM, TAG, WORDS
from papersearch.engine.opensearch import query_dsl
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import document_key, limited, posts_in
from papersearch.engine.opensearch.mapping import field_name

Result = TypeVar("Result")
Question = tuple[str, Hashable]
"""(kind, what is asked); see ``_DEFAULTS`` for the kinds."""
Search = tuple[str, dict[str, Any]]
"""(index, body)."""
Asking = tuple[Search, Callable[[dict[str, Any]], Iterable[tuple[Question, Any]]]]
"""A search, and what reads the answers to questions from what it finds."""

MOST_KEPT = 100_000  # answers (chosen: some 20 MB)
_MOST_ROUNDS = 50  # of guesses: two or three are usual, and without an end there is a mistake of ours
_MOST_LISTED = 5_000  # values or words that one question lists
_MOST_NEAR = 1_000
_MOST_INCLUDED = 400  # characters of a prefix in a regular expression, which may have 1,000 with all that is escaped
_DEFAULTS: dict[str, Any] = {
    "frequency": 0, "count": 0, "surface": False, "first": False, "head": False, "listed": (), "near": (), "like": (),
    "explained": "",
}  # fmt: skip


class Guess:
    """``Statistics`` of what is known so far; notes what is not."""

    def __init__(self, known: Callable[[Question], Any], papers: int) -> None:
        self.papers = papers
        self.missing: dict[Question, None] = {}
        self._known = known

    def ask(self, kind: str, what: Hashable) -> Any:
        """The answer to a question, or a guess."""
        answer = self._known((kind, what))
        if answer is None:
            self.missing[kind, what] = None
            return _DEFAULTS[kind]
        return answer

    def frequency(self, term: str, field: str = WORDS) -> int:
        """How many papers hold a term."""
        return min(self.papers, int(self.ask("frequency", (field, term))))

    def count(self, query: query_dsl.Query) -> int:
        """How many papers match a query to the cluster."""
        return int(self.ask(*_count_of(query)))

    def has_surface(self, word: str) -> bool:
        """Whether a word stands in the corpus in exactly this spelling."""
        return bool(self.ask("surface", word))

    def is_name(self, term: str) -> bool:
        """Whether papers hold a term among their authors and nowhere else."""
        texts = [{"term": {field_name(each.name): term}} for each in FIELDS if each.name != "authors"]
        return self.frequency(term) > 0 and not self.count({"bool": {"filter": [{"bool": {"should": texts}}]}})

    def has_prefix(self, prefix: str, field: str) -> bool:
        """Whether a pair of acronyms starts like this: with a whole half (and a NUL), or some whole words of a long
        form (and a blank)."""
        return bool(self.ask("first" if prefix[-1:] == "\0" else "head", (_kind(field), prefix[:-1])))

    def surfaces(self, prefix: str) -> Iterator[str]:
        """Words that start with ``prefix``, in order; the first ``_MOST_LISTED``."""
        return iter(self.ask("listed", ("surface", prefix)))

    def terms(self, prefix: str, field: str) -> Iterator[str]:
        """Terms or values of a field that start with ``prefix``, in order; the first ``_MOST_LISTED``."""
        return iter(self.ask("listed", (_kind(field), prefix)))

    def authors(self, start: str, words: Sequence[str]) -> Iterator[str]:
        """Authors whose folded name starts with ``start``, in order; the first ``_MOST_LISTED``."""
        return self.terms(start, AUTHOR)

    def commonest(self, prefix: str, most: int) -> list[str] | None:
        """None: the cluster would be asked for each term."""
        return None

    def side_by_side(self, run: Sequence[str], most: int | None = None) -> int:
        """How many papers have the terms side by side."""
        return self.count(query_dsl.side_by_side(run))

    def written_apart(self, whole: str, run: Sequence[str], most: int) -> bool:
        """Whether a paper that holds the term ``whole`` has the terms of ``run`` side by side."""
        query = {"bool": {"filter": [{"term": {WORDS: whole}}, query_dsl.side_by_side(run)]}}
        return self.count(query) > 0

    def explained(self, short: str, form: str) -> str:
        """The abstract of a paper that explains an acronym by that long form."""
        return str(self.ask("explained", limited(f"{short}\0{form}")))

    def words_like(self, pattern: str, numbered: bool = False) -> Iterator[str]:
        """Words, or terms with digits and of scripts without blanks, that a folded pattern stands for, in order."""
        return iter(self.ask("like", ("number" if numbered else "surface", pattern)))

    def words_near(self, word: str, edits: int, prefix: str) -> Iterator[str]:
        """Words that start with ``prefix``, at most so many edits from ``word``."""
        return iter(self.ask("near", (word, edits, prefix)))

    def cached(self, function: Callable[..., Result], *arguments: Hashable) -> Result:
        """``function`` of this object and some arguments. Its answers are kept, not what is made of them."""
        return function(self, *arguments)


class ClusterStatistics:
    """The statistics of one state of an index, ``papers`` in number. Safe for many threads."""

    def __init__(self, connection: Connection, index: str, words: str, routings: Sequence[str], papers: int) -> None:
        """``index`` and ``words`` name the indices of documents and of words, ``routings`` has one for each shard of
        documents, which leads to it."""
        self._connection, self._index, self._words, self._routings = connection, index, words, routings
        self.papers = papers
        self._answers: OrderedDict[Question, Any] = OrderedDict()
        self._lock = Lock()

    def of_older(self, index: str, posts: int) -> ClusterStatistics:
        """Those of the ``posts`` that are not shown, which are in the one shard of an ``index``; see
        ``IndexReader.older``."""
        papers = max(self.papers, posts)
        return ClusterStatistics(self._connection, index, self._words, ("0",), papers)

    def settle(self, compute: Callable[[Guess], Result]) -> Result:
        """What ``compute`` gives once everything that it asks is known. It is run several times."""
        for _ in range(_MOST_ROUNDS):
            guess = Guess(self._known, self.papers)
            try:
                result = compute(guess)
            except PapersearchError:
                if not guess.missing:
                    raise
            else:
                if not guess.missing:
                    return result
            self._learn(list(guess.missing))
        raise PapersearchError("internal error (a query that asks without end): please report it")

    def counted(self, query: query_dsl.Query) -> int | None:
        """How many papers match a query, None if that is not known yet."""
        found: int | None = self._known(_count_of(query))
        return found

    def learn_count(self, query: query_dsl.Query, answer: dict[str, Any]) -> int:
        """How many papers match a query by the answer to a search for them, which is remembered."""
        papers = int(answer["hits"]["total"]["value"])
        self._keep({_count_of(query): papers})
        return papers

    def _known(self, question: Question) -> Any:
        return self._answers.get(question)

    def _learn(self, questions: Sequence[Question]) -> None:
        """Ask all at once, and keep the answers."""
        kinds: dict[str, list[Any]] = {}
        for kind, what in questions:
            kinds.setdefault(kind, []).append(what)
        found: dict[Question, Any] = {}
        searches: list[Asking] = []
        for kind, asked in kinds.items():
            if kind == "frequency":
                found.update((("frequency", what), number) for what, number in self._frequencies(asked).items())
            elif kind == "surface":
                searches.append(self._surfaces(asked))
            elif kind in ("first", "head"):
                searches.append(self._beginnings(kind, asked))
            else:
                searches += (self._alone(kind, what) for what in asked)
        answers = self._connection.msearch([search for search, _ in searches])
        for (_, read), answer in zip(searches, answers, strict=True):
            found.update(read(answer))
        self._keep(found)

    def _keep(self, found: dict[Question, Any]) -> None:
        with self._lock:
            self._answers.update(found)
            while len(self._answers) > MOST_KEPT + len(found):
                self._answers.popitem(last=False)

    def _frequencies(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Document frequencies of (field, term)s, added up over the shards: a document that nobody wrote is taken apart
        by each, with what is known of its terms."""
        document: dict[str, Any] = {}
        for field, term in asked:
            document.setdefault(field, []).append(limited(term))
        if WORDS in document:
            document[WORDS] = " ".join(document[WORDS])
        which = {"term_statistics": True, "field_statistics": False, "positions": False, "offsets": False}
        docs = [
            {"_index": self._index, "doc": document, "routing": routing, "fields": list(document), **which}
            for routing in self._routings
        ]
        path = "docs.error,docs.term_vectors.*.terms.*.doc_freq"
        answer = self._connection.call("POST", "/_mtermvectors", {"docs": docs}, "docs", filter_path=path)
        if any("error" in each for each in answer.get("docs", ())):  # a copy that is being made cannot be asked yet
            answer = self._connection.call(
                "POST", "/_mtermvectors", {"docs": docs}, "docs", filter_path=path, preference="_primary"
            )
        totals = dict.fromkeys(asked, 0)
        for each in answer.get("docs", ()):
            if "error" in each and not self._connection.takes_partial:
                raise self._connection.incomplete(each["error"])
            vectors = each.get("term_vectors", {})
            for field, term in asked:
                terms = vectors.get(field, {}).get("terms", {})
                totals[field, term] += terms.get(limited(term), {}).get("doc_freq", 0)
        return totals

    def _surfaces(self, asked: Sequence[str]) -> Asking:
        """One search for which of some words stand in the corpus."""
        keys = {document_key("surface", word): word for word in asked}
        body = {"size": len(keys), "_source": False, "query": {"ids": {"values": list(keys)}}}

        def read(answer: dict[str, Any]) -> Iterator[tuple[Question, Any]]:
            hits = {hit["_id"] for hit in answer["hits"]["hits"]}
            return ((("surface", word), key in hits) for key, word in keys.items())

        return (self._words, body), read

    def _beginnings(self, kind: str, asked: Sequence[tuple[str, str]]) -> Asking:
        """One search for which pairs of acronyms, (kind of entries, text), begin so: see ``Guess.has_prefix``."""
        field = {"first": "first", "head": "heads"}[kind]
        values = [limited(text) for _, text in asked]
        which = {"bool": {"filter": [{"terms": {field: values}}]}}
        inner = {"found": {"terms": {"field": field, "include": values, "size": len(values)}}}
        body = {
            "size": 0,
            "query": which,
            "aggs": {name: {"filter": {"term": {"kind": name}}, "aggs": inner} for name in ("acronym", "longform")},
        }

        def read(answer: dict[str, Any]) -> Iterator[tuple[Question, Any]]:
            groups = {
                name: {bucket["key"] for bucket in group["found"]["buckets"]}
                for name, group in answer["aggregations"].items()
            }
            return (((kind, (name, text)), limited(text) in groups[name]) for name, text in asked)

        return (self._words, body), read

    def _alone(self, kind: str, what: Any) -> Asking:
        """One search for one question."""
        question: Question = (kind, what)
        if kind == "count":
            body = {"size": 0, "track_total_hits": True, "query": json.loads(what)}
            return (self._index, body), lambda answer: [(question, answer["hits"]["total"]["value"])]
        if kind == "explained":
            body = {"size": 1, "query": {"term": {"acronym": what}}, "sort": [{"path": "asc"}]}
            return (self._index, body), lambda answer: [(question, _abstract_of(answer["hits"]["hits"]))]
        if kind == "listed" and what[0] in (TAG, AUTHOR, ID):
            prefix = limited(what[1])
            return (self._index, _values_body(what[0], prefix)), lambda answer: [
                (question, tuple(key for key in _keys_in(answer) if key.startswith(prefix)))
            ]
        kind_of, query = _words_query(kind, what)
        body = {
            "size": _MOST_NEAR if kind == "near" else _MOST_LISTED,
            "_source": ["key"],
            "query": {"bool": {"filter": [{"term": {"kind": kind_of}}, query]}},
            "sort": [{"key": "asc"}],
        }
        return (self._words, body), lambda answer: [
            (question, tuple(hit["_source"]["key"] for hit in answer["hits"]["hits"]))
        ]


def _count_of(query: query_dsl.Query) -> Question:
    return "count", json.dumps(query, sort_keys=True)


def _abstract_of(hits: Sequence[dict[str, Any]]) -> str:
    """The abstract of the first paper found; empty if there is none."""
    shown = [posts_in(hit)[0] for hit in hits[:1]]
    return str(shown[0].get("abstract", "")) if shown else ""


def _values_body(name: str, prefix: str) -> dict[str, Any]:
    """The search for the values of a field of papers that have one which starts with ``prefix``, in order. Few others
    are among them, if any: those that begin as a long prefix does."""
    order: dict[str, Any] = {"field": name, "size": _MOST_LISTED, "order": {"_key": "asc"}}
    if prefix:
        # By the values of the few papers found: clusters of some versions (2.19.3, 3.3.0) fail with an index out of
        # bounds where they look a prefix up among all values, and it is behind the last of them.
        order |= {"include": _literal(prefix[:_MOST_INCLUDED]) + ".*", "execution_hint": "map"}
    return {"size": 0, "query": {"prefix": {name: prefix}}, "aggs": {"found": {"terms": order}}}


def _keys_in(answer: dict[str, Any]) -> list[str]:
    """The values that were found by ``_values_body``."""
    return [bucket["key"] for bucket in answer["aggregations"]["found"]["buckets"]]


def _words_query(kind: str, what: Any) -> tuple[str, dict[str, Any]]:
    """(kind of entries, which of them) of a question that lists words."""
    if kind == "near":
        word, edits, prefix = what
        fuzzy = {"value": word, "fuzziness": edits, "prefix_length": len(prefix), "max_expansions": _MOST_NEAR}
        return "surface", {"fuzzy": {"key": fuzzy}}
    name, text = what
    if kind == "like":
        return name, {"wildcard": {"key": {"value": text.replace("\\", "\\\\")}}}
    if text[-1:] == "\0":
        return name, {"term": {"first": limited(text[:-1])}}
    return name, {"prefix": {"key": {"value": limited(text)}}}


def _kind(field: str) -> str:
    """The kind of entries that hold the terms of a field of ours, or the field itself where papers have them."""
    return {ACRONYM: "acronym", LONGFORM: "longform", WORDS: "number"}.get(field, field)


def _literal(text: str) -> str:
    """What a regular expression of Lucene's takes for the text itself."""
    return "".join(f"\\{each}" if each in '.?+*|{}[]()"\\#@&<>~^$-' else each for each in text)
