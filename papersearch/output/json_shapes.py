"""Records as JSON documents, in the shapes that ``schema.json`` describes.

Each function gives a dictionary that `json.dumps` takes. Within one format keys are only ever added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from papersearch.core.fields import FACTS, TEXTS, Facts
from papersearch.core.frozen import as_dict
from papersearch.core.records import Answer, Hit, Paper, Problem, Reply, Stats, Summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from papersearch.output.parts import Part


FORMAT = 1


def reply_json(reply: Reply) -> dict[str, Any]:
    """The answer to a question."""
    return {
        "format": FORMAT,
        "question": reply.question,
        "answered": reply.answered,
        "model": reply.model,
        "sentences": [{"text": each.text, "sources": list(each.sources)} for each in reply.sentences],
        "papers": [as_dict(each) for each in reply.papers],
        "reason": reply.reason,
    }


def _facts_json(facts: Facts, names: Sequence[str]) -> dict[str, Any]:
    """Facts of those names in their order."""
    values = ((name, getattr(facts, name)) for name in names)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def hit_json(hit: Hit, *, explain: bool = False) -> dict[str, Any]:
    """One result; with ``explain`` (or where the hit carries one) its explanation too."""
    data: dict[str, Any] = {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        **_facts_json(hit, FACTS),
        "path": hit.path,
        "missing": list(hit.missing),
        "meaning": None if hit.meaning is None else round(hit.meaning, 4),
        "title_highlights": [list(span) for span in hit.title_highlights],
        "other_posts": [as_dict(post) for post in hit.other_posts],
        "snippets": [  # written out, as every hit has some
            {
                "field": snippet.field,
                "line": snippet.line,
                "text": snippet.text,
                "highlights": [list(span) for span in snippet.highlights],
            }
            for snippet in hit.snippets
        ],
    }
    if explain or hit.explanation:
        data["explanation"] = [
            as_dict(part) | {"weight": round(part.weight, 4), "score": round(part.score, 4)} for part in hit.explanation
        ]
    return data


def answer_json(answer: Answer, *, explain: bool = False) -> dict[str, Any]:
    """One answer with all its results, as the contract has it."""
    return {
        "format": FORMAT,
        "query": answer.query,
        "total": answer.total,
        "total_all": answer.total_all,
        "seconds": round(answer.seconds, 6),
        "suggestion": answer.suggestion,
        "expanded": {word: list(meant) for word, meant in answer.expanded.items()},
        "hint": answer.hint,
        "results": [hit_json(hit, explain=explain) for hit in answer.results],
    }


def error_json(query: str, error: str) -> dict[str, Any]:
    """An answer that found nothing, and why (``error``): for a line of a batch that could not be answered."""
    return {**answer_json(Answer(query=query, total=0, total_all=0, seconds=0.0)), "error": error}


def paper_json(paper: Paper) -> dict[str, Any]:
    """One paper, whole."""
    return {
        "format": FORMAT,
        **_facts_json(paper, TEXTS),
        "path": paper.path,
        "other_posts": [as_dict(post) for post in paper.other_posts],
    }


def part_json(paper: Paper, part: Part) -> dict[str, Any]:
    """A part of one paper's text, with its facts; the texts that it is a part of are left empty."""
    return {**paper_json(paper), "abstract": "", "qa": "", "part": as_dict(part)}


def problem_json(problem: Problem) -> dict[str, Any]:
    """Something wrong with a file; line 0 means the whole file."""
    return as_dict(problem)


def summary_json(summary: Summary) -> dict[str, Any]:
    """What an index run did."""
    return {
        "added": summary.added,
        "updated": summary.updated,
        "removed": summary.removed,
        "unchanged": summary.unchanged,
        "skipped": [problem_json(problem) for problem in summary.skipped],
        "total": summary.total,
        "seconds": round(summary.seconds, 3),
        "notes": list(summary.notes),
        "vectors": summary.vectors,
        "missing": [problem_json(problem) for problem in summary.missing],
        "partial": [problem_json(problem) for problem in summary.partial],
    }


def stats_json(stats: Stats) -> dict[str, Any]:
    """What an index holds."""
    return {
        "format": FORMAT,
        "papers": stats.papers,
        "posts": stats.posts,
        "terms": stats.terms,
        "segments": stats.segments,
        "size_bytes": stats.size_bytes,
        "generation": stats.generation,
        "run": stats.run,
        "indexed_at": stats.indexed_at,
        "corpus": list(stats.corpus),
        "stale": stats.stale,
        "model": stats.model,
        "vectors": stats.vectors,
        "planned": stats.planned,
    }


def facets_json(counts: Iterable[tuple[str, int]], by: str) -> dict[str, Any]:
    """Counts by tag, author, year or month, in the order given."""
    return {"format": FORMAT, "by": by, "counts": [{"value": value, "count": count} for value, count in counts]}
