"""The commands for papers that are named: show and open."""

from __future__ import annotations

import os
import sys

from papersearch import library
from papersearch.apps import settings as config
from papersearch.apps.cli.show import draw, drawn
from papersearch.apps.session import open_index, paper_of
from papersearch.core.errors import NotFoundError, PapersearchError, UsageError
from papersearch.core.hosts import is_web
from papersearch.output import formats, json_shapes
from papersearch.output.streams import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.arguments import Arguments
    from papersearch.core.records import Paper
    from papersearch.output.terminal import Screen


def show(arguments: Arguments) -> int:
    """Papers, whole."""
    opened = _open(arguments)
    papers: list[Paper] = []
    missing: list[NotFoundError] = []
    for paper_id in arguments.words:
        try:
            papers.append(paper_of(opened, paper_id))
        except NotFoundError as error:
            missing.append(error)
    if papers and (arguments.first_line or arguments.max_chars):
        _show_parts(papers, arguments)
    elif papers:
        _show(papers, arguments)
    for unknown in missing:
        say(str(unknown))
    return 1 if missing else 0


def _show(papers: list[Paper], arguments: Arguments) -> None:
    form = "json" if arguments.json else arguments.format
    if form == "json":
        for paper in papers:
            formats.write_json(json_shapes.paper_json(paper), sys.stdout)
    elif form == "bibtex":
        from papersearch.output.bibtex import entries

        formats.write_text("\n".join(entries(papers)), sys.stdout)
    elif form is None and drawn(arguments):
        from papersearch.output import page

        def whole(screen: Screen) -> None:
            for paper in papers:
                page.paper(paper, screen)

        draw(whole, arguments)
    else:
        from papersearch.output import plain

        formats.write_text("\n".join(plain.paper(paper) for paper in papers), sys.stdout)


def _show_parts(papers: list[Paper], arguments: Arguments) -> None:
    """Parts of papers, and on standard error where to go on."""
    from papersearch.output import plain
    from papersearch.output.parts import lines_of, part_of

    if arguments.format == "bibtex":
        raise UsageError("a BibTeX entry has no parts", "leave out --from and --max-chars")
    first, last = lines_of(arguments.first_line or "1")
    parts = [part_of(plain.paper_text(paper), first, last, most=arguments.max_chars) for paper in papers]
    for paper, part in zip(papers, parts, strict=True):
        if arguments.json or arguments.format == "json":
            formats.write_json(json_shapes.part_json(paper, part), sys.stdout)
        else:
            formats.write_text(part.text, sys.stdout)
    sys.stdout.flush()
    for paper, part in zip(papers, parts, strict=True):
        if part.cut:
            say(f"{paper.id}: line {part.last:,} is longer than that; a larger --max-chars shows more of it")
        if part.next is not None and last is None:
            say(f"{paper.id}: lines {part.first:,} to {part.last:,} of {part.lines:,}; more with --from {part.next}")


def _open(arguments: Arguments) -> library.Index:
    return open_index(config.settings(arguments.index), trust=arguments.trust)


def open_paper(arguments: Arguments) -> int:
    """A paper in the browser, or its post in the editor."""
    paper = paper_of(_open(arguments), arguments.words[0])
    if arguments.post:
        if arguments.print:
            formats.write_records([paper.path], sys.stdout)
            return 0
        return edit(paper)
    address = library.address_of(paper)
    if address is None:
        raise NotFoundError(f"the post of {paper.id} gives no web address", "--post opens the post itself")
    if arguments.print:
        formats.write_records([address], sys.stdout)
        return 0
    if not is_web(address):
        raise PapersearchError(f"{address} is not a web address", "--print prints it, --post opens the post itself")
    import webbrowser

    if not webbrowser.open(address):
        raise PapersearchError("no browser was found", f"the address is {address}")
    return 0


def edit(paper: Paper) -> int:
    """Open a paper's post in the user's editor, at the abstract; the editor's exit code, as a shell has it."""
    import shlex
    import subprocess

    if not os.path.isfile(paper.path):  # else what is typed into an empty window lands where a disk is to be mounted
        raise PapersearchError(f"the post {paper.path} is gone", "papersearch index brings the index up to date")
    given = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(given) or ["vi"]
    except ValueError as wrong:
        raise PapersearchError(f"the editor {given!r} is not a command ({wrong})", "set EDITOR") from wrong
    line = paper.abstract_line or 1
    name = os.path.basename(command[0])
    # Never an option, whatever an index says.
    path = os.path.join(os.curdir, paper.path) if paper.path.startswith(("-", "+")) else paper.path
    if name.startswith(("code", "codium", "cursor")):
        place = ["-g", f"{path}:{line}"]
    elif name.startswith(("subl", "zed", "hx", "helix")):
        place = [f"{path}:{line}"]
    else:
        place = [f"+{line}", path]
    try:
        code = subprocess.call([*command, *place])
        return code if code >= 0 else 128 - code
    except (OSError, ValueError) as refused:
        raise PapersearchError(f"the editor {command[0]} cannot be started", "set EDITOR") from refused
