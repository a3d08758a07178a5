"""Answers and records on a terminal: what a person looks at.

Knows nothing of the index and decides nothing: records in, text out. Whatever comes from a post is put into `Text`
objects and cleaned of control codes. Colours are the terminal's own (so that they suit dark and
light backgrounds), and none carries meaning alone. With ``NO_COLOR`` nothing but text is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from papersearch.core.records import Answer, Hit, Paper, Problem, Request, Snippet, Stats, Summary
from papersearch.output import plain
from papersearch.output.ansi import PLAIN, Style, Text, link, style
from papersearch.output.terminal import Screen
from papersearch.text import display

WIDEST = 100  # columns; longer lines are hard to read (chosen)
NARROWEST = 20
# Bold and underlined, so that a matched word is seen without colour as well; green is readable on black and on white.
MATCH = style("bold", "underline", colour="green")
TITLE = style("bold")
FACT = style(colour="cyan")
QUIET = style("dim")
WARNING = style(colour="magenta")
MISSING = style("dim", "strike")
BAR = style(colour="green")
LABELS = {"qa": "Q&A", "title": "title", "authors": "authors", "tags": "tags"}


def columns(screen: Screen) -> int:
    """How long lines of text are made for a screen."""
    return max(NARROWEST, min(screen.width, WIDEST))


def _put(screen: Screen, text: Text, indent: int = 0, first: Text | None = None) -> None:
    """Print text wrapped to the screen, every line behind so many blanks, or the first behind ``first``."""
    lines = [text.part(start, end) for start, end in display.breaks(text.plain, max(8, columns(screen) - indent))]
    for number, line in enumerate(lines or [Text()]):
        screen.line(first if first is not None and number == 0 else Text(" " * indent), line)


def marked(text: str, highlights: Iterable[tuple[int, int]], base: Style = PLAIN) -> Text:
    """The text with the spans marked; offsets count code points and may reach beyond its end."""
    shown = Text((display.one_line(text), base))
    for start, end in highlights:
        shown = shown.styled(MATCH, max(0, start), max(0, end))
    return shown


def _link(url: str | None) -> Style:
    """A style that links to the address, or none where it is not a plain web address."""
    return link(url) if url and re.fullmatch(r"(?:https?|ftp|file)://[!-~]+", url) else PLAIN


def _facts(paper: Hit | Paper, authors: int = plain.NAMED_AUTHORS) -> Text:
    looks = {"published": FACT, "id": FACT + _link(paper.url), "tags": QUIET}
    facts = plain.named_facts(paper, authors).items()
    parts = [part for name, fact in facts for part in ((" · ", QUIET), (fact, looks.get(name, PLAIN)))]
    return Text(*parts[1:])


def results(answer: Answer, request: Request, screen: Screen, *, once: bool = False) -> None:
    """Print one page of results: what was understood, the papers with their passages, how many there are in all.
    ``once``: papers that are shown are not shown again, so that the next page is no further on."""
    for note in _notes(answer):
        _put(screen, note)
    if answer.results:
        rank_width = len(str(answer.results[-1].rank))
        for hit in answer.results:
            screen.line()
            _hit(screen, hit, rank_width)
            if hit.explanation or request.explain:
                explain_hit(hit, screen, indent=rank_width + 2)
        screen.line()
    _put(screen, Text((_footer(answer, once), QUIET)))


def _footer(answer: Answer, once: bool) -> str:
    line = plain.found(answer).replace(" ms", "\u00a0ms").replace(" s", "\u00a0s")
    last = answer.results[-1].rank if answer.results else 0
    if once and 0 < len(answer.results) < answer.total:
        return f"{line}; the others when asked again"
    return f"{line}; more with --offset {last}" if 0 < last < answer.total and not once else line


def _notes(answer: Answer) -> Iterator[Text]:
    """How the query was understood: a hint, nothing with every word, another spelling, what else was searched."""
    if answer.hint:
        yield Text((display.one_line(answer.hint), WARNING))
    if plain.all_lack_words(answer):
        missing = list(dict.fromkeys(word for hit in answer.results for word in hit.missing))
        words = display.one_line(", ".join(missing[:6]))
        yield Text((f"No paper has every word ({words}); these come nearest.", WARNING))
    if answer.suggestion:
        yield Text(("Did you mean: ", WARNING), (display.one_line(answer.suggestion), MATCH))
    for word, meant in answer.expanded.items():
        also = ", ".join(map(display.one_line, meant))
        yield Text((f"Also searched for {also} ({display.one_line(word)})", QUIET))


def _hit(screen: Screen, hit: Hit, rank_width: int) -> None:
    indent = rank_width + 2
    title = marked(hit.title or "(no title)", hit.title_highlights, TITLE + _link(hit.url))
    _put(screen, title, indent, Text((f"{hit.rank:>{rank_width}}  ", FACT)))
    _put(screen, _facts(hit), indent)
    for snippet in hit.snippets:
        _put(screen, _snippet(snippet), indent)
    if hit.missing:
        words, others = plain.missing(hit)
        parts = [part for word in words for part in (" ", (word, MISSING))]
        _put(screen, Text(("missing:", QUIET), *parts, (others, QUIET)), indent)
    for post in hit.other_posts:
        version = f"v{post.version}: " if post.version is not None else ""
        _put(screen, Text((f"also {version}{display.one_line(post.path)}", QUIET)), indent)
    if hit.url and not screen.links:  # so the address is said
        screen.line(Text(" " * indent + display.one_line(hit.url)))


def _snippet(snippet: Snippet) -> Text:
    text = marked(snippet.text, snippet.highlights)
    label = LABELS.get(snippet.field)
    return Text((f"{label}: ", QUIET), text) if label else text


def explain_hit(hit: Hit, screen: Screen, indent: int) -> None:
    """Print one result's score word by word and field by field, so that the last column adds up to the total."""
    lines = plain.explanation(hit, columns(screen) - indent)
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        screen.line(Text((" " * indent + line, TITLE if last else QUIET if number == 0 else PLAIN)))


def paper(record: Paper, screen: Screen) -> None:
    """Print one paper, whole: facts, abstract, questions and answers, and where its posts are."""
    _put(screen, Text((display.one_line(record.title) or plain.versioned(record), TITLE + _link(record.url))))
    _put(screen, _facts(record, plain.MOST_AUTHORS))
    if record.url:
        screen.line(Text((display.one_line(record.url), _link(record.url))))
    for heading, text in (("Abstract", record.abstract), ("Questions and answers", record.qa)):
        if text:
            screen.line()
            screen.line(Text((heading, TITLE + FACT)))
            _prose(screen, text)
    screen.line()
    _put(screen, Text((_posted(plain.place(record.path, record.abstract_line), record.posted), QUIET)))
    for post in record.other_posts:
        version = f"v{post.version}, " if post.version is not None else ""
        _put(screen, Text((f"also {version}{_posted(plain.place(post.path), post.posted)}", QUIET)))


def _posted(place: str, posted: str | None) -> str:
    return f"{place}, posted {display.one_line(posted).replace('T', ' ')}" if posted else place


_ITEM = r"(?P<blank>\s*)(?P<mark>[-*+•]|\d{1,3}[.)])\s+(?P<text>.*)"
_HEADING = r"#{1,6}\s+(?P<text>.*)"


def _prose(screen: Screen, text: str) -> None:
    """Print readable text: paragraphs, list items with their marks hanging out, headings and questions in bold."""
    for line in display.lines(text).expandtabs(4).strip("\n").split("\n"):
        heading = re.fullmatch(_HEADING, line)
        item = re.fullmatch(_ITEM, line)
        if heading:
            _put(screen, Text((heading["text"], TITLE)))
        elif item:
            mark = "•" if item["mark"] in "-*+" else item["mark"]
            indent = min(8, len(item["blank"])) + len(mark) + 1
            _put(screen, Text(item["text"]), indent, Text(f"{mark} ".rjust(indent)))
        elif line.strip():
            _put(screen, Text((line.strip(), TITLE if re.match(r"Q\d*\s*[:.]\s", line) else PLAIN)))
        else:
            screen.line()


def stats(record: Stats, screen: Screen) -> None:
    """Print what an index holds, one fact a line."""
    rows = plain.stats_rows(record)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        late = name == "not indexed" and bool(record.stale)
        value_style = WARNING if late else PLAIN
        _put(screen, Text((value, value_style)), width + 2, Text((f"{name:<{width}}  ", FACT)))


def facets(counts: Sequence[tuple[str, int]], by: str, screen: Screen) -> None:
    """Print counts as bars, each with the filter of ``query`` that keeps just these papers."""
    if not counts:
        screen.line(Text(("nothing found", QUIET)))
        return
    rows = [(display.one_line(value), f"{number:,}", plain.facet_filter(by, value)) for value, number in counts]
    most = max(number for _, number in counts)
    widest, longest, paste = (max(map(display.width, column)) for column in zip(*rows, strict=True))
    widest = min(widest, 32)
    # The filters are to be pasted, so never wrapped or cut; where all three do not fit, they say the value as well.
    room = columns(screen) - longest - paste - 4
    named = room - widest - 2 >= 8
    bars = min(30, room - widest - 2 if named else room)
    for (value, number, filtering), (_, amount) in zip(rows, counts, strict=True):
        parts = [Text((f"{number:>{longest}}  ", FACT))]
        if bars >= 6:
            parts.append(Text((bar(amount / most, bars) + "  ", BAR)))
        if named:
            parts.insert(0, Text(display.pad(display.shorten(value, widest), widest) + "  "))
        screen.line(*parts, Text((filtering, QUIET if named else PLAIN)))


def bar(share: float, columns: int) -> str:
    """A bar of eighths of a column, at least one eighth long for a share above 0; filled with blanks to ``columns``."""
    eighths = max(1 if share > 0 else 0, round(share * columns * 8))
    full, part = divmod(eighths, 8)
    return ("█" * full + ("" if part == 0 else " ▏▎▍▌▋▊▉"[part])).ljust(columns)


def problems(records: Iterable[Problem], screen: Screen) -> None:
    """Print problems, one line each, ``path:line: reason``, not wrapped: editors and grep read them."""
    for record in records:
        place = Text((plain.place(record.path, record.line), FACT))
        screen.line(place, Text(f": {display.one_line(record.reason)}"))


def summary(record: Summary, screen: Screen) -> None:
    """Print what an index run did, on one line."""
    screen.line(Text(plain.summary(record)))
