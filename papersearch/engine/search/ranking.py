"""One request on its way through the index: what matches, what ranks first, and the hits of the page asked for."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from functools import partial
from itertools import groupby, pairwise
from operator import itemgetter

from papersearch.core.errors import NotFoundError
from papersearch.core.fields import TAG
from papersearch.core.frozen import NamedTuple
from papersearch.core.records import Contribution, Hit, Request
from papersearch.engine.index.reader import IndexReader, OpenSegment, column_of, docs_of
from papersearch.engine.search import expansion, hits
from papersearch.engine.search.expansion import Slot
from papersearch.engine.search.matching import NOTHING, date_bits, exact_bits, match, since_run_bits
from papersearch.engine.search.plan import Plan, evaluate
from papersearch.engine.search.rerank import (
    CANDIDATES,
    FEEDBACK_WORDS,
    Candidate,
    Pair,
    feedback_scores,
    packed,
    pair_scores,
)
from papersearch.engine.search.scoring import SATURATION, Matches, Weighted, best, idf
from papersearch.text.folding import whole

# A paper that holds every word gets this share of the words' weights more (chosen: enough for a long abstract with all
# words to stay above short ones that repeat some; 0 to 0.5 made no difference on Cranfield and CACM, whose queries are
# longer), and up to this many such papers are looked at however low their words rank.
ALL_WORDS_WEIGHT = 0.3
MOST_ALL_WORDS = 100


class _Found(NamedTuple):
    """A document with its score so far."""

    score: float
    segment: int
    doc: int


class Asked:
    """One request on its way through the index."""

    def __init__(self, reader: IndexReader, request: Request, plan: Plan) -> None:
        self.reader = reader
        self.request, self.plan = request, plan
        segments = self.reader.segments
        self.matches = [[self._match(slot, segment) for slot in plan.slots] for segment in segments]
        self.bits = [[matches.bits for matches in row] for row in self.matches]
        self.frequencies = [sum(row[n].bit_count() for row in self.bits) for n in range(len(plan.slots))]
        papers = self.reader.papers
        self.weights = [
            slot.boost * idf(frequency, papers) if slot.wanted else 0.0
            for slot, frequency in zip(plan.slots, self.frequencies, strict=True)
        ]
        self._marking = hits.Marking(plan.slots, self.weights) if request.snippets else None
        self.filtered = self._filters()
        self.matching = [self._matching(number, segment) for number, segment in enumerate(segments)]
        self.every = [self._every(number) for number in range(len(segments))]
        self.total = sum(bits.bit_count() for bits in self.matching)
        self.total_all = sum(bits.bit_count() for bits in self.every)

    def _match(self, slot: Slot, segment: OpenSegment) -> Matches:
        if slot.field == "id":
            entry = segment.find(slot.alternatives[0].terms[0], "id")
            if entry is None:
                return NOTHING
            docs, bits = segment.postings(entry).docs, segment.bits(entry)
            codes = bytes([255]) * len(docs)
            column = partial(column_of, docs, codes, segment.count)
            return Matches(docs, codes, {}, bits, SATURATION[255], lambda _: bits, column)
        return match(slot, segment)

    def _filters(self) -> list[int] | None:
        """The bit set of each segment that all filters let through; None without filters."""
        request, segments = self.request, self.reader.segments
        filters: list[list[int]] = []
        if request.since or request.until:
            from papersearch.query.days import day_bounds

            low, high = day_bounds(request.since, request.until)
            filters.append([date_bits(segment, low, high) for segment in segments])
        if request.since_run is not None:
            filters.append([since_run_bits(segment, request.since_run) for segment in segments])
        for tag in request.tags:
            filters.append(self._tag(tag))
        for author in request.authors:
            slot = expansion.phrase(author, self.reader, "authors", 0, 1.0)
            filters.append([match(slot, segment).bits if slot is not None else 0 for segment in segments])
        if not filters:
            return None
        combined = filters[0]
        for more in filters[1:]:
            combined = [a & b for a, b in zip(combined, more, strict=True)]
        return combined

    def _tag(self, tag: str) -> list[int]:
        bits = [exact_bits(segment, TAG, whole(tag) + "\0") for segment in self.reader.segments]
        if not any(bits):
            from papersearch.engine.search import spelling

            known = {term.partition("\0")[2] for term in self.reader.terms("", TAG)}
            near = spelling.nearest(tag, known)
            raise NotFoundError(f"no paper has the tag {tag!r}", f"did you mean {near!r}?" if near else "")
        return bits

    def _matching(self, number: int, segment: OpenSegment) -> int:
        bits = evaluate(self.plan.expression, self.bits[number], segment, self.request.match)
        return bits & self.filtered[number] if self.filtered is not None else bits

    def _every(self, number: int) -> int:
        bits = self.matching[number]
        for slot, part in zip(self.plan.slots, self.bits[number], strict=True):
            if slot.wanted:
                bits &= part
        return bits

    def page(self) -> tuple[Hit, ...]:
        """The hits of the request's page."""
        request = self.request
        end = request.offset + request.limit
        if not self.total or request.offset >= self.total or not request.limit:
            return ()
        if request.sort == "relevance" and self.plan.slots:
            found, parts = self._ranked(end)
        else:
            found, parts = self._sorted(end), {}
        return tuple(
            self._hit(rank, one, parts.get((one.segment, one.doc), []))
            for rank, one in enumerate(found[request.offset : end], request.offset + 1)
        )

    # --- by relevance ---

    def _order(self) -> list[int]:
        """Slot numbers, rarest first."""
        slots_ = self.plan.slots
        wanted = [n for n, slot in enumerate(slots_) if slot.wanted]
        return sorted(wanted, key=lambda n: (self.frequencies[n], slots_[n].word, slots_[n].field or "", n))

    def _ranked(self, end: int) -> tuple[list[_Found], dict[tuple[int, int], list[Contribution]]]:
        order = self._order()
        k = max(end, CANDIDATES)
        found: list[_Found] = []
        floor = 0.0
        for number in range(len(self.reader.segments)):
            scores = best(self._weighted(number, order), k, self._allowed(number), floor)
            found += [_Found(score, number, doc) for doc, score in scores.items()]
            if len(found) >= k:
                found = self._cut(found, k)
                floor = found[-1].score
        if len(found) < k:
            found += self._newest(self._unscored(order), k)
        found = self._cut(found, k)
        head = found[:CANDIDATES]
        tail = found[CANDIDATES:]
        extra = self._with_every_word(order, head)
        known = {(one.segment, one.doc) for one in extra}
        head, parts = self._rerank(head + extra)
        tail = [one for one in tail if (one.segment, one.doc) not in known]
        return self._cut(head + tail, max(k, len(head))), parts

    def _unscored(self, order: Sequence[int]) -> list[int]:
        """The bit sets of papers that match without holding any word: by their date, say, or by what they lack."""
        found = []
        for bits, row in zip(self.matching, self.bits, strict=True):
            for n in order:
                bits &= ~row[n]
            found.append(bits)
        return found

    def _newest(self, matching: Sequence[int], k: int) -> list[_Found]:
        """The ``k`` newest papers of some bit sets and all of the last one's day, in no order."""
        published = [segment.documents.column("published") for segment in self.reader.segments]
        dated = [
            (days[doc], number, doc)
            for number, (bits, days) in enumerate(zip(matching, published, strict=True))
            for doc in docs_of(bits)
        ]
        last = heapq.nlargest(k, (day for day, _, _ in dated))[-1] if len(dated) > k else 0
        return [_Found(0.0, number, doc) for day, number, doc in dated if day >= last]

    def _weighted(self, number: int, order: Sequence[int]) -> list[Weighted]:
        return [Weighted(self.matches[number][n], self.weights[n]) for n in order]

    def _allowed(self, number: int) -> int | None:
        """None where whatever has a score matches."""
        if self.plan.plain and self.filtered is None and self.request.match != "all":
            return None
        return self.matching[number]

    def _cut(self, found: list[_Found], k: int) -> list[_Found]:
        """The first ``k``: by score, then newest, then by id. Ids are read only where they decide."""
        published = [segment.documents.column("published") for segment in self.reader.segments]
        keys = sorted(
            [(-round(score, 9), -published[segment][doc], number) for number, (score, segment, doc) in enumerate(found)]
        )
        if len(keys) > k:
            last = keys[k - 1][:2]
            keys = keys[: k + sum(key[:2] == last for key in keys[k:])]
        if len({key[:2] for key in keys}) == len(keys):
            return [found[number] for _, _, number in keys]
        result: list[_Found] = []
        for _, same in groupby(keys, itemgetter(0, 1)):
            group = [found[number] for _, _, number in same]
            result += sorted(group, key=self._id_of) if len(group) > 1 else group
        return result[:k]

    def _id_of(self, one: _Found) -> str:
        paper_id: str = self.reader.segments[one.segment].documents.stored(one.doc)["id"]
        return paper_id

    def _with_every_word(self, order: Sequence[int], head: Sequence[_Found]) -> list[_Found]:
        """Papers that hold every word and did not get among the candidates by their score."""
        if len(order) < 2 or self.total_all > MOST_ALL_WORDS:
            return []
        known = {(one.segment, one.doc) for one in head}
        extra = []
        for number, bits in enumerate(self.every):
            words = self._weighted(number, order)
            for doc in docs_of(bits):
                if (number, doc) not in known:
                    extra.append(_Found(_score(words, doc), number, doc))
        return extra

    def _rerank(self, head: list[_Found]) -> tuple[list[_Found], dict[tuple[int, int], list[Contribution]]]:
        """The candidates with what pairs, completeness and feedback add, best first; and these parts by document."""
        pairs = self._pairs()
        runs = [packed(pairs, segment) for segment in self.reader.segments]
        parts: dict[tuple[int, int], list[Contribution]] = {}
        scored = []
        candidates: dict[tuple[int, int], Candidate] = {}
        several = sum(slot.wanted for slot in self.plan.slots) > 1
        bonus = ALL_WORDS_WEIGHT * sum(self.weights)
        complete = self._complete(head) if several and bonus else frozenset()
        explain = self.request.explain
        for one in head:
            candidate = Candidate(self.reader.segments[one.segment], one.doc)
            candidates[one.segment, one.doc] = candidate
            mine: list[Contribution] = []
            score = one.score
            for pair, more in pair_scores(pairs, runs[one.segment], candidate):
                score += more
                if explain:
                    mine.append(Contribution(pair.words, "pair", 1, 0, round(pair.weight, 4), more, "side by side"))
            if (one.segment, one.doc) in complete:
                score += bonus
                if explain:
                    mine.append(Contribution("all words", "any", 1, 0, 0.0, bonus, "holds every word"))
            parts[one.segment, one.doc] = mine
            scored.append(_Found(score, one.segment, one.doc))
        scored = self._cut(scored, len(scored))
        if not self._takes_feedback():
            return scored, parts
        ordered = [candidates[one.segment, one.doc] for one in scored]
        added, terms = feedback_scores(ordered, [one.score for one in scored], self.reader, explain)
        again = []
        for one, more in zip(scored, added, strict=True):
            again.append(_Found(one.score + more, one.segment, one.doc))
            if more and explain:
                note = "like the best papers: " + " ".join(terms)
                parts[one.segment, one.doc].append(Contribution("feedback", "any", 1, 0, 0.0, more, note))
        first, rest = again[0], self._cut(again[1:], len(again))
        return [first, *rest], parts

    def _complete(self, head: Sequence[_Found]) -> Collection[tuple[int, int]]:
        """(segment, document) of those that hold every word."""
        every = [bits.to_bytes(bits.bit_length() // 8 + 1, "little") for bits in self.every]
        return {
            (number, doc)
            for _, number, doc in head
            if doc >> 3 < len(every[number]) and every[number][doc >> 3] >> (doc & 7) & 1
        }

    def _takes_feedback(self) -> bool:
        kinds = [slot for slot in self.plan.slots if slot.field is None and slot.literal]
        return self.plan.plain and len(kinds) == len(self.plan.slots) >= FEEDBACK_WORDS

    def _pairs(self) -> list[Pair]:
        pairs = []
        slots_ = self.plan.slots
        for n, (first, second) in enumerate(pairwise(slots_)):
            if not (first.term and second.term and first.field == second.field and self.plan.plain):
                continue
            joined = {a.terms for a in first.alternatives if a.note == "written as one"}
            joined &= {a.terms for a in second.alternatives}
            runs = [(first.term, second.term), *sorted(joined)]
            if second.lead and second.position == first.position + len(second.lead) + 1:
                runs.insert(1, (first.term, *second.lead, second.term))
            weight = max(self.weights[n], self.weights[n + 1])
            pairs.append(Pair(f"{first.word} {second.word}", tuple(runs), weight))
        return pairs

    # --- by other orders ---

    def _sorted(self, end: int) -> list[_Found]:
        sort = "newest" if self.request.sort == "relevance" else self.request.sort
        if sort == "newest":
            return self._with_scores(self._cut(self._newest(self.matching, end), end))
        found = [_Found(0.0, number, doc) for number, bits in enumerate(self.matching) for doc in docs_of(bits)]
        if sort == "title":
            titles = {one: str(self._stored(one).get("title", "")).casefold() for one in found}
            found.sort(key=lambda one: (titles[one], self._id_of(one)))
        else:
            published = [segment.documents.column("published") for segment in self.reader.segments]
            unknown = 10**7
            found.sort(key=lambda one: published[one.segment][one.doc] or unknown)
            if len(found) > end:
                last = published[found[end - 1].segment][found[end - 1].doc] or unknown
                found = [one for one in found if (published[one.segment][one.doc] or unknown) <= last]
            found.sort(key=lambda one: (published[one.segment][one.doc] or unknown, self._id_of(one)))
        return self._with_scores(found[:end])

    def _with_scores(self, found: Sequence[_Found]) -> list[_Found]:
        """The same papers with what their words score."""
        order = self._order()
        return [one._replace(score=_score(self._weighted(one.segment, order), one.doc)) for one in found]

    def _stored(self, one: _Found) -> dict[str, object]:
        return self.reader.segments[one.segment].documents.stored(one.doc)

    def _hit(self, rank: int, one: _Found, parts: list[Contribution]) -> Hit:
        segment = self.reader.segments[one.segment]
        stored = segment.documents.stored(one.doc)
        bits = self.bits[one.segment]
        missing = tuple(
            slot.word for slot, has in zip(self.plan.slots, bits, strict=True) if slot.wanted and not has >> one.doc & 1
        )
        explanation: tuple[Contribution, ...] = ()
        if self.request.explain:
            from papersearch.engine.search.explain import explain_words

            words = [Weighted(m, w) for m, w in zip(self.matches[one.segment], self.weights, strict=True)]
            explanation = (*explain_words(self.plan.slots, words, Candidate(segment, one.doc)), *parts)
        return hits.hit(
            rank,
            one.score,
            stored,
            tuple(dict.fromkeys(missing)),
            self._marking.of(segment, one.doc) if self._marking else None,
            hits.other_posts(self.reader, stored["id"]),
            explanation,
        )


def _score(words: Sequence[Weighted], doc: int) -> float:
    score = 0.0
    for word in words:
        score += word.weight * word.matches.saturation(doc)
    return score
