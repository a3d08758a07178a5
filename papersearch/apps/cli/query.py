"""The commands that search: query, similar, facets. Arguments in, one library call, one print."""

from __future__ import annotations

import sys
from math import inf

from papersearch.apps import settings as config
from papersearch.apps.cli.requests import request_of, settled
from papersearch.apps.cli.show import draw, drawn
from papersearch.apps.session import hint_at_empty, hint_at_stale, open_index, paper_of
from papersearch.core.errors import UsageError
from papersearch.core.fields import most_telling
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import Answer, Request
from papersearch.output import formats
from papersearch.output.streams import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.arguments import Arguments
    from papersearch.library import Index

_MOST_TEXT = 1_000_000  # bytes of a text to find papers like it (chosen: a book)
# What of a request, beside its words, says which papers are new.
_NARROWING = ("match", "authors", "tags", "since", "until", "syntax", "expand")


def query(arguments: Arguments) -> int:
    """Search, print the answer, and give the exit code."""
    settings = config.settings(arguments.index)
    arguments = settled(arguments, settings.query)
    if arguments.batch is not None:
        from papersearch.apps.cli.batch import run_batch

        if arguments.words:
            raise UsageError("--batch reads the queries from a file", "leave out the WORDS")
        if arguments.new:
            raise UsageError("--batch and --new do not go together", "ask each query with --new on its own")
        return run_batch(_open(arguments, settings), arguments)
    text = " ".join(arguments.words)
    if not text.strip() and not _says_enough(arguments):
        raise UsageError("there is nothing to search for", 'papersearch query "mixture of experts"')
    if arguments.new:
        return _ask_for_new(text, arguments, _open(arguments, settings))
    request = request_of(text, arguments)
    index = _open(arguments, settings)
    answer = index.search(request)
    _print(answer, request, arguments, index)
    if not answer.total:
        _hint_at_authors(request, index)
    if sys.stderr.isatty():
        _hint_at_other_ways(answer, request)
    return _ended(answer, request, index)


def _says_enough(arguments: Arguments) -> bool:
    """Whether a query without words has filters or an order that stand for them."""
    ordered = arguments.sort not in (None, "relevance")
    filtered = (
        arguments.author or arguments.tag or arguments.since or arguments.until or arguments.since_run is not None
    )
    return bool(ordered or filtered or arguments.new)


def _open(arguments: Arguments, settings: config.Settings) -> Index:
    return open_index(settings, trust=arguments.trust, refresh=arguments.refresh)


def _ask_for_new(text: str, arguments: Arguments, index: Index) -> int:
    """What was indexed since these words were last asked, save for what was printed since. What was asked is known by
    words and filters alone, whatever the format, order and page."""
    from papersearch.apps.since_last import last_seen, page, remember, unseen

    request = request_of(text, arguments)
    key, run = repr((*text.split(), [(name, getattr(request, name)) for name in _NARROWING])), index.run
    seen = last_seen(index, [key])[key]
    new = unseen(index, request, seen)
    end = new.total if arguments.limit is None else request.offset + request.limit
    answer = page(index, request, seen, new, request.offset, end)
    _print(answer, request, arguments)
    shown, everything = answer.results, len(answer.results) == new.total
    now = seen.through(run, shown) if everything else seen.and_also(index, shown)
    remember(index, {key: now}, "ask without --new")
    return _ended(answer, request, index)


def _print(answer: Answer, request: Request, arguments: Arguments, index: Index | None = None) -> None:
    """The answer on standard output, and on standard error what a person should know about it."""
    form, template = arguments.format or "text", arguments.template
    is_text, is_watched = template is None and form == "text", sys.stderr.isatty()
    if is_text and drawn(arguments):
        from papersearch.output import page

        shown = _corrected(answer, request, index)
        draw(lambda screen: page.results(shown, request, screen, once=arguments.new), arguments)
        return
    if answer.hint:
        say(answer.hint)
    formats.write(form, answer, sys.stdout, template=template, null=arguments.null, explain=request.explain)
    if answer.suggestion and form not in ("json", "jsonl") and not is_watched:
        say(f"did you mean: {answer.suggestion}")
    if is_text and is_watched:
        from papersearch.output import plain

        sys.stdout.flush()
        for note in plain.notes(answer):
            say(note)
        say(plain.found(answer))
    elif not answer.total and is_watched:
        say("nothing found" + (f"; did you mean: {answer.suggestion}" if answer.suggestion else ""))


def _ended(answer: Answer, request: Request, index: Index) -> int:
    """The exit code, once an answer is printed; what of the index may be why it is not a better one is hinted at, and
    that the page begins after the last paper."""
    if not answer.total:
        hint_at_empty(index)
    elif answer.total <= request.offset and sys.stderr.isatty():
        say(f"--offset {request.offset:,} leaves out all of them")
    hint_at_stale(index)
    return 0 if answer.total else 1


def _hint_at_authors(request: Request, index: Index) -> None:
    """Say which of the authors asked for nobody is, also where papers have the words of the name in their texts; of a
    name that no paper has at all the search itself speaks."""
    alone = Request("", limit=0, meaning=False, partial=request.partial)
    for author in request.authors:
        if not index.search(replace(alone, authors=(author,))).total:
            say(f"no paper has the author {author!r}")


def _hint_at_other_ways(answer: Answer, request: Request) -> None:
    """Say to a person that it is the order that found nothing, or that what was found has few of the words."""
    from papersearch.output import plain

    if plain.order_is_too_strict(answer, request):
        say(f"--sort {request.sort} asks for every word: --match any finds papers with some")
    elif plain.says_it_otherwise(answer, request):
        say("even the nearest lacks half of the words: papersearch index --meaning finds what is said in others, too")


def _corrected(answer: Answer, request: Request, index: Index | None) -> Answer:
    """The answer to the suggestion, if that is certain, no paper has every word of the query, and one has every word of
    the suggestion, or fewer are lacking; its hint says so. Else the answer as it is."""
    if answer.total_all or answer.suggestion is None or not answer.certain or index is None:
        return answer
    found = index.search(replace(request, query=answer.suggestion))
    if not found.total_all and _fewest_missing(found) >= _fewest_missing(answer):
        return answer
    begin = "No paper has every word of" if answer.total else "Nothing was found for"
    begin = begin if found.total_all else "Not searched for:"  # the page says that what is shown lacks words
    hint = f"{begin} “{request.query}”; these are the papers for “{answer.suggestion}”."
    return replace(found, hint=hint, suggestion=None)


def _fewest_missing(answer: Answer) -> float:
    """How many words the papers of a page lack at least; infinitely many if there is none."""
    return min([len(hit.missing) for hit in answer.results], default=inf)


def similar(arguments: Arguments) -> int:
    """Papers like one, or like a text."""
    settings = config.settings(arguments.index)
    arguments = settled(arguments, settings.query)
    text, ids = arguments.text, arguments.words
    if (text is None) == (not ids):
        raise UsageError("similar needs a paper or a text, one of them", "papersearch similar ID, or --text TEXT")
    if text == "-":
        text = sys.stdin.buffer.read(_MOST_TEXT).decode("utf-8", "replace")
    request = request_of("", arguments)
    index = _open(arguments, settings)
    options = {name: getattr(request, name) for name in names_of(Request) if name != "query"}
    if ids:
        paper_of(index, ids[0])
    answer = index.similar(ids[0] if ids else None, text=text, **options)
    _print(answer, request, arguments)
    return _ended(answer, request, index)


def _say_how_read(answer: Answer) -> None:
    """What should be known about a query of which only the number of papers is shown."""
    if answer.hint:
        say(answer.hint)
    if answer.suggestion and not answer.total:
        say(f"did you mean: {answer.suggestion}")


def facets(arguments: Arguments) -> int:
    """Counts by tag, author, year or month."""
    from papersearch.apps.cli.show import show_record
    from papersearch.output.json_shapes import facets_json

    index = _open(arguments, config.settings(arguments.index))
    request = request_of(" ".join(arguments.words) or "*", arguments)
    counts = index.facets(arguments.by, request)
    shown = most_telling(counts, arguments.by, arguments.limit or 0)
    if arguments.words:
        _say_how_read(index.search(replace(request, limit=0, meaning=False)))
    data = facets_json(shown, arguments.by)
    show_record("facets", shown, arguments.by, data=data, as_json=arguments.json)
    if len(shown) < len(counts) and sys.stderr.isatty():
        say(f"{len(counts) - len(shown):,} more; all with --limit 0")
    if not counts:
        hint_at_empty(index)
    return 0 if counts else 1
