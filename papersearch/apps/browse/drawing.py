"""Papers as text for the screen: a line or two in the list, and the preview with the words that matched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.text import Text

from papersearch.core.records import Answer, Hit, Paper, Request
from papersearch.output import plain
from papersearch.text.display import lines, one_line, shorten

MATCH = "bold underline green"
_QUIET = "dim"
MOST_CHARS = 60_000  # of one preview: thousands of lines; papersearch show has the rest


def entry(hit: Hit, marked: bool, width: int) -> Text:
    """A paper in the list: whether it is marked, its title, and what is known of it."""
    title = shorten(one_line(hit.title or "(no title)"), max(10, width - 2))
    text = Text("● " if marked else "  ", style="bold")
    text.append_text(spans(title, hit.title_highlights, "bold"))
    facts = shorten(" · ".join(plain.facts(hit)[:3]), max(10, width - 2))
    return text.append("\n  ").append(facts, _QUIET)


def spans(text: str, highlights: Iterable[tuple[int, int]], style: str = "") -> Text:
    """The text on one line with its highlights marked."""
    shown = Text(one_line(text), style)
    for start, end in highlights:
        shown.stylize(MATCH, start, end)
    return shown


def words_marked(hit: Hit) -> list[str]:
    """What is marked in a hit's title and passages, longest first."""
    found = {hit.title[start:end] for start, end in hit.title_highlights}
    for snippet in hit.snippets:
        found.update(snippet.text[start:end] for start, end in snippet.highlights)
    return sorted((word for word in found if word.strip()), key=len, reverse=True)


def preview(paper: Paper, words: Sequence[str]) -> Text:
    """A paper, whole, with the words marked wherever they stand."""
    text = Text(one_line(paper.title or "(no title)"), "bold")
    text.append(f"\n{' · '.join(plain.facts(paper, plain.MOST_AUTHORS))}", "cyan not bold")
    if paper.url:
        text.append(f"\n{one_line(paper.url)}", "dim not bold")
    for heading, part in (("Abstract", paper.abstract), ("Questions and answers", paper.qa)):
        if part.strip():
            text.append(f"\n\n{heading}\n", "bold cyan")
            text.append(lines(part).strip(), "not bold")
    for post in (paper.path, *(post.path for post in paper.other_posts)):
        text.append(f"\n\n{one_line(post)}", "dim not bold")
    if len(text) > MOST_CHARS:
        text.truncate(MOST_CHARS)
        text.append(f"\n\n… the rest: papersearch show {one_line(paper.id)}", "dim not bold")
    if words:
        pattern = "|".join(map(re.escape, words))
        text.highlight_regex(re.compile(rf"(?i)(?<!\w)(?:{pattern})(?!\w)"), MATCH)
    return text


def status(answer: Answer, request: Request) -> str:
    """What was found, in which order, and what filters hold."""
    parts = [plain.found(answer)]
    if request.sort != "relevance":
        parts.append(request.sort)
    parts += [f"{name}: {value}" for name, value in filters(request)]
    if plain.order_is_too_strict(answer, request):
        parts.append("this order asks for every word")
    elif plain.says_it_otherwise(answer, request):
        parts.append("even the nearest lacks half of the words")
    if answer.hint:
        parts.append(answer.hint)
    elif answer.suggestion:
        parts.append(f"did you mean: {answer.suggestion} (ctrl+y)")
    return " · ".join(parts)


def filters(request: Request) -> list[tuple[str, str]]:
    """The filters of a request as kind and value."""
    dates = [("since", request.since), ("until", request.until)]
    return [
        *(("author", value) for value in request.authors),
        *(("tag", value) for value in request.tags),
        *((name, value) for name, value in dates if value),
    ]
