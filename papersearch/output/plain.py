"""Answers and records as plain text for people: in pipes, logs and terminals without colour.

No colour, no control codes, columns aligned; `page` says the same on a terminal. Nothing here imports Rich. Each
function gives text; none prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from papersearch.core.fields import TIMES
from papersearch.core.records import Answer, Hit, Paper, Problem, Request, Stats, Summary
from papersearch.text import display

COLUMNS = 80  # of a line where no terminal says its own
NAMED_AUTHORS = 4  # more than these are "et al."; a line of 80 columns holds about four names (chosen)
_MARKS, _OPERATORS = '"*~^():', ("AND", "OR", "NOT")  # of the query language
_SEVERAL = 4  # words of a question of which half may be others than a paper's (chosen)
_MOST_MISSING, _MOST_OF_WORD = 12, 60  # words that a hit lacks, and columns of one: texts are pasted (chosen)
MOST_AUTHORS = 30  # of a paper that is shown whole; some have thousands (chosen)


def count(number: int, noun: str) -> str:
    """``1 paper``, ``1,711 papers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def took(seconds: float) -> str:
    """A duration as people say it: ``4 ms``, ``1.2 s``, ``2 min 5 s``."""
    if seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def size(size_bytes: int) -> str:
    """A size as people say it: ``812 B``, ``3.4 MB``."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    amount, units = size_bytes / 1000, ["kB", "MB", "GB"]
    while amount >= 999.5 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 99.5 else f"{amount:.1f} {units[0]}"


def names(authors: Sequence[str], et_al: bool, most: int = NAMED_AUTHORS) -> str:
    """The authors on one line: all, or the first ``most`` and ``et al.``."""
    shown = ", ".join(map(display.one_line, authors[:most]))
    return f"{shown} et al." if shown and (et_al or len(authors) > most) else shown


def pieces(text: str, highlights: Iterable[tuple[int, int]] = ()) -> list[tuple[str, bool]]:
    """The text on one line in pieces, each with whether it is marked; nothing in it can steer what is shown."""
    found, at = [], 0
    for start, end in highlights:
        found += [(display.one_line(text[at:start]), False), (display.one_line(text[start:end]), True)]
        at = end
    found.append((display.one_line(text[at:]), False))
    return [piece for piece in found if piece[0]]


def versioned(paper: Hit | Paper) -> str:
    """The paper's id with its version, as in ``2412.15115v1``."""
    return display.one_line(paper.id if paper.version is None else f"{paper.id}v{paper.version}")


def _telling_tags(paper: Hit | Paper) -> list[str]:
    """The tags of a paper; of a hit those that not nearly all papers have."""
    common = getattr(paper, "common_tags", ())
    return [tag for tag in paper.tags if tag not in common]


def named_facts(paper: Hit | Paper, authors: int) -> dict[str, str]:
    """What is known of a paper beside its title, in the order shown: so many ``authors``, date, id, tags."""
    known = {
        "authors": names(paper.authors, paper.et_al, authors),
        "published": display.one_line(paper.published or ""),
        "id": versioned(paper),
        "tags": ", ".join(map(display.one_line, _telling_tags(paper))),
    }
    return {name: fact for name, fact in known.items() if fact}


def facts(paper: Hit | Paper, authors: int = NAMED_AUTHORS) -> list[str]:
    """As ``named_facts``, without their names."""
    return [*named_facts(paper, authors).values()]


def missing(hit: Hit) -> tuple[list[str], str]:
    """The words that a hit lacks, of many the first, and of how many others none is told: `` and 80 more``."""
    rest = len(hit.missing) - _MOST_MISSING
    words = [display.shorten(display.one_line(word), _MOST_OF_WORD) for word in hit.missing[:_MOST_MISSING]]
    return words, f" and {rest:,} more" if rest > 0 else ""


def found(answer: Answer) -> str:
    """How much was found, of how much, how fast: ``1-10 of 612 papers, 8 with every word, 4 ms``."""
    if not answer.total:
        return f"nothing found, {took(answer.seconds)}"
    shown = len(answer.results)
    part = f"{answer.results[0].rank}-{answer.results[-1].rank} of " if 0 < shown < answer.total else ""
    words = [f"{part}{count(answer.total, 'paper')}"]
    if 0 < answer.total_all < answer.total:
        words.append(f"{answer.total_all:,} with every word")
    return ", ".join([*words, took(answer.seconds)])


def all_lack_words(answer: Answer) -> bool:
    """Whether no paper has every word, and each that is shown lacks some: not one of the year that is asked, nor one
    that is like another paper."""
    return not answer.total_all and bool(answer.results) and all(hit.missing for hit in answer.results)


def order_is_too_strict(answer: Answer, request: Request) -> bool:
    """Whether nothing was found in an order that, unlike relevance, counts only papers with every word of several."""
    is_strict = request.sort != "relevance" and request.match == "auto"
    return not answer.total and is_strict and len(request.query.split()) > 1


def says_it_otherwise(answer: Answer, request: Request) -> bool:
    """Whether papers may say what is asked in other words: even the one that lacks fewest of these lacks half of them,
    they were not ranked by meaning, and nothing but words is asked for. Of 151 questions in other words whose paper is
    not among the first three this holds for 126, of 50 ordinary queries for none."""
    if request.meaning is False or not all_lack_words(answer) or any(hit.meaning is not None for hit in answer.results):
        return False
    if request.match != "auto" or (request.syntax and _has_operators(request.query)):
        return False
    from papersearch.text.phrasing import asked_words  # a search has loaded it, nothing else needs it

    words = {word.term for word in asked_words(request.query) if not word.stop}
    return _SEVERAL <= len(words) <= 2 * min(len(hit.missing) for hit in answer.results)


def _has_operators(query: str) -> bool:
    """Whether a query may ask for more than words; a question may end in its mark."""
    words = query.split()
    return any(mark in query for mark in _MARKS) or any(word in _OPERATORS or word[0] in "+-" for word in words)


def notes(answer: Answer) -> list[str]:
    """What a person should know, beside the hint, about how the query was understood, one line each."""
    lines = []
    if all_lack_words(answer):
        lines.append("no paper has every word; the nearest are shown")
    if answer.suggestion:
        lines.append(f"did you mean: {display.one_line(answer.suggestion)}")
    for word, meant in answer.expanded.items():
        lines.append(f"also searched for {display.one_line(word)}: {', '.join(map(display.one_line, meant))}")
    return lines


def results(answer: Answer, *, explain: bool = False) -> str:
    """The results as aligned text, a blank line between two. Addresses have lines of their own and are not broken."""
    rank_width = len(str(answer.results[-1].rank)) if answer.results else 1
    return "\n".join(_result(hit, rank_width, explain) for hit in answer.results)


def _result(hit: Hit, rank_width: int, explain: bool) -> str:
    indent = " " * (rank_width + 2)
    room = COLUMNS - len(indent)
    title = display.wrap(hit.title, room) or ["(no title)"]
    lines = [f"{hit.rank:>{rank_width}}. {title[0]}", *(indent + line for line in title[1:])]
    lines += [indent + line for line in display.wrap(" · ".join(facts(hit)), room)]
    for snippet in hit.snippets:
        lines += [indent + line for line in display.wrap(snippet.text, room)]
    if hit.missing:
        words, others = missing(hit)
        lines += [indent + line for line in display.wrap(f"missing: {', '.join(words)}{others}", room)]
    if hit.url:
        lines.append(indent + display.one_line(hit.url))
    for post in hit.other_posts:
        version = f" (v{post.version})" if post.version is not None else ""
        lines.append(f"{indent}also: {display.one_line(post.path)}{version}")
    if explain or hit.explanation:
        lines += [(indent + line).rstrip() for line in explanation(hit, room)]
    return "\n".join(lines) + "\n"


def explanation(hit: Hit, columns: int = COLUMNS) -> list[str]:
    """Why a paper ranks where it does: one line per word and field, and what they add up to.

    Where the columns do not suffice the notes are left out, then the lengths and weights.
    """
    if not hit.explanation:
        return [f"score {hit.score:.3f}"]
    rows = [("word", "field", "score", "times", "length", "weight", "")]
    rows += [
        (
            display.one_line(part.term),
            display.one_line(part.field),
            f"{part.score:.3f}",
            f"{part.frequency}" if part.frequency else "",
            f"{part.length}" if part.length else "",
            f"{part.weight:.2f}" if part.weight else "",
            display.one_line(part.note),
        )
        for part in hit.explanation
    ]
    rest = hit.score - sum(part.score for part in hit.explanation)
    if abs(rest) >= 0.0005:
        rows.append(("(rest)", "", f"{rest:.3f}", "", "", "", ""))
    rows.append(("total", "", f"{hit.score:.3f}", "", "", "", ""))
    lines: list[str] = []
    for kept in (7, 6, 4, 3):
        lines = table([row[:kept] for row in rows], right=(2, 3, 4, 5))
        if max(map(display.width, lines)) <= columns:
            break
    return lines


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Rows as aligned lines, two blanks between columns; the columns numbered in ``right`` are set to the right.

    Nothing in a cell steers the terminal: cells may come from a settings file or a folder that somebody else named.
    """
    rows = [[display.one_line(cell) for cell in row] for row in rows]
    widths = [max(map(display.width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for number, cell in enumerate(row):
            gap = " " * (widths[number] - display.width(cell))
            cells.append(gap + cell if number in right else cell + gap)
        lines.append("  ".join(cells).rstrip())
    return lines


def paper(record: Paper) -> str:
    """One paper as Markdown: title, facts, abstract, questions and answers, and where its posts are."""
    return f"{paper_text(record)}\n{_posts(record)}"


def paper_text(record: Paper, authors: int = MOST_AUTHORS) -> str:
    """As ``paper``, without where its posts are. Parts of a paper are parts of this."""
    parts = [f"# {display.one_line(record.title) or versioned(record)}", " · ".join(facts(record, authors))]
    if record.url:
        parts.append(f"<{display.one_line(record.url)}>")
    if record.abstract:
        parts.append(f"## Abstract\n\n{display.lines(record.abstract).strip()}")
    if record.qa:
        parts.append(f"## Questions and answers\n\n{display.lines(record.qa).strip()}")
    return "\n\n".join(parts) + "\n"


def _posts(record: Paper) -> str:
    posts = [
        f"- {place(record.path, record.abstract_line)}"
        + (f", posted {display.one_line(record.posted)}" if record.posted else "")
    ]
    for post in record.other_posts:
        known = [f"v{post.version}" if post.version is not None else "", f"posted {post.posted}" if post.posted else ""]
        posts.append("- " + ", ".join([place(post.path), *filter(None, map(display.one_line, known))]))
    return "## Posts\n\n" + "\n".join(posts) + "\n"


def place(path: str, line: int = 0) -> str:
    """``path:line`` as editors take it; without a line the path alone."""
    return display.one_line(path) + (f":{line}" if line else "")


def problem(record: Problem) -> str:
    """``path:line: reason``."""
    return f"{place(record.path, record.line)}: {display.one_line(record.reason)}"


def problems(records: Iterable[Problem]) -> str:
    """What is wrong, one problem a line."""
    return "".join(f"{problem(record)}\n" for record in records)


def summary(record: Summary) -> str:
    """What an index run did, on one line, without a newline."""
    changes = [
        f"{number:,} {word}"
        for number, word in (
            (record.added, "added"),
            (record.updated, "updated"),
            (record.removed, "removed"),
            (record.unchanged, "unchanged"),
            (len(record.skipped), "skipped"),
        )
        if number
    ]
    if record.vectors:
        changes.append(count(record.vectors, "vector") + " made")
    done = ": " + ", ".join(changes) if changes else ""
    return f"{count(record.total, 'post')} indexed{done} ({took(record.seconds)})"


def stats(record: Stats) -> str:
    """What an index holds, one fact a line."""
    return "".join(line + "\n" for line in table(stats_rows(record)))


def stats_rows(record: Stats) -> list[tuple[str, str]]:
    """The facts of an index as (name, value)."""
    rows = [("papers", f"{record.papers:,}"), ("posts", f"{record.posts:,}"), ("terms", f"{record.terms:,}")]
    if record.planned is not None:
        rows.append(("complete", f"no, only {record.posts:,} of {record.planned:,} posts: run papersearch index"))
    rows += [
        ("size", size(record.size_bytes)),
        ("segments", f"{record.segments:,}"),
        ("indexed", display.one_line(record.indexed_at or "never").replace("T", " ")),
        ("run", f"{record.run:,}"),
        *(("corpus", display.one_line(folder)) for folder in record.corpus),
    ]
    if record.model is not None:
        made = f"{record.vectors or 0:,} of {record.papers:,} papers"
        rows.append(("vectors", f"{made}, by {display.one_line(record.model)}"))
    if record.stale is None:
        late = "not known: a corpus folder is missing"
    else:
        late = f"{count(record.stale, 'post')}: run papersearch index" if record.stale else "none"
    return [*rows, ("not indexed", late)]


def facet_filter(by: str, value: str) -> str:
    """The options of ``query`` that keep just these papers, quoted for a shell."""
    import shlex

    value = display.one_line(value)
    if by in TIMES:
        return f"--since {shlex.quote(value)} --until {shlex.quote(value)}"
    return f"--{by} {shlex.quote(value)}"


def facets(counts: Iterable[tuple[str, int]], _: str) -> str:
    """Counts with the value they belong to, one a line, a tab between: for ``sort``, ``cut`` and the like. What they
    are counted by says only ``page.facets``, which is called alike."""
    rows = [(f"{number}", display.one_line(value)) for value, number in counts]
    width = max((len(number) for number, _ in rows), default=0)
    return "".join(f"{number:>{width}}\t{value}\n" for number, value in rows)
