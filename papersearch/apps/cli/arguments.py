"""A command line as a record: what was typed, read and checked, before settings and defaults of requests come in."""

from __future__ import annotations

from papersearch.core.frozen import Frozen


class Arguments(Frozen):
    """The command, its words, and the value of every option; the options of other commands have the values below.

    ``given`` names the options that the line has, so that a value can be told from a default that is the same.
    The names of fields are those of the table in ``flags``.
    """

    command: str
    words: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    help: bool = False

    # every command
    index: str | None = None
    trust: bool = False
    verbose: bool = False
    debug: bool = False
    json: bool = False
    # runs
    rebuild: bool = False
    watch: bool = False
    prune: bool = False
    exclude: tuple[str, ...] = ()
    meaning: bool | None = None
    jobs: int = 0
    wait: float = 60.0
    quiet: bool = False
    refresh: bool = False
    # which papers
    limit: int | None = None
    offset: int = 0
    sort: str | None = None
    author: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    since_run: int | None = None
    partial: bool = False
    new: bool = False
    peek: bool = False
    match: str | None = None
    syntax: bool | None = None
    expand: bool = True
    batch: str | None = None
    text: str | None = None
    by: str = "tag"
    # how they are shown
    format: str | None = None
    template: str | None = None
    null: bool = False
    explain: bool = False
    snippets: bool = True
    pager: bool = True
    color: str = "auto"
    first_line: str | None = None
    max_chars: int = 0
    post: bool = False
    print: bool = False
    # answers
    papers: int = 5
    server: str | None = None
    model: str | None = None
    show_prompt: bool = False
    timeout: float = 120.0
    # programs that stay, and settings
    trust_file: bool = False
    host: str = "127.0.0.1"
    port: int = 8765
    open: bool = False
    paths: bool = False
