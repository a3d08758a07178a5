"""One table of the commands and their options.

The parser, the help and completion (Typer), the manual page and the reference are all made from it; ``Arguments`` has a
field for each option. Importing it costs nothing.
"""

from __future__ import annotations

from papersearch.apps.cli.arguments import Argument, Command, Option
from papersearch.core.fields import FACETS
from papersearch.core.records import MATCHES, SORTS
from papersearch.output import FORMATS, PAPER_FORMATS

# An option a line.
# fmt: off
INDEX = Option("index", ("--index",), "text", "Folder of the index, or opensearch://host:port/name.", metavar="DIR")
TRUST = Option("trust", ("--trust",), "flag", "Open an index folder that belongs to another user.", False)
DEBUG = Option("debug", ("--debug",), "flag", "Show the traceback of an error.", False)
VERBOSE = Option("verbose", ("-v", "--verbose"), "flag", "Say on standard error what is done, and how long it takes.", False)
COLOR = Option("color", ("--color",), "text", "Colour and layout for people: auto (on a terminal), always or never.", "auto", "WHEN", ("auto", "always", "never"))
COMMON = (INDEX, TRUST, VERBOSE, DEBUG)
JSON = Option("json", ("--json",), "flag", "Print JSON.", False)
WAIT = Option("wait", ("--wait",), "float", "Seconds to wait for another run that holds the index.", 60.0, "SECONDS")
JOBS = Option("jobs", ("-j", "--jobs"), "int", "Processes to work with; 0 means one for each core.", 0, "N")

FILTERS = (
    Option("author", ("--author",), "many", "Only papers by this author; can be repeated (all must hold).", (), "A"),
    Option("tag", ("--tag",), "many", "Only papers with this tag; can be repeated (all must hold).", (), "T"),
    Option("since", ("--since",), "text", "Published on this day, month or year or later: 2024-12-19, 2024-12, 2024; or 7d, 2w, 3m, yesterday.", metavar="D"),
    Option("until", ("--until",), "text", "Published on this day, month or year or earlier.", metavar="D"),
    Option("partial", ("--partial",), "flag", "Answer from what is left of a cluster that has lost a part of the index.", False),
)
PAGER = Option("pager", ("--pager", "--no-pager"), "switch", "Page what is taller than the terminal, or not.", True)
REFRESH = Option("refresh", ("--refresh",), "flag", "Bring the index up to date first.", False)
SORT = Option("sort", ("--sort",), "text", "Order: relevance, newest, oldest or title (relevance).", None, "ORDER", SORTS)
PAGE = (
    Option("limit", ("-n", "--limit"), "int", "How many papers to show (10).", None, "N"),
    Option("offset", ("--offset",), "int", "How many to leave out before them.", 0, "N"),
    SORT,
)
OUTPUT = (
    Option("format", ("-f", "--format"), "text", f"Output: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.", None, "FORMAT", FORMATS),
    Option("json", ("--json",), "flag", "The same as --format json.", False),
    Option("template", ("--template",), "text", "A line for each paper, such as '{id}\\t{title}'.", metavar="TEXT"),
    Option("null", ("-0", "--null"), "flag", "End ids, paths, urls and template lines with NUL, for xargs -0.", False),
    Option("explain", ("--explain",), "flag", "Why each paper ranks where it does: per word and field.", False),
    Option("snippets", ("--snippets", "--no-snippets"), "switch", "Show the passages that match, or leave them out (faster).", True),
    PAGER,
    COLOR,
)
MEANING = Option("meaning", ("--meaning", "--no-meaning"), "switch", "Rank by words and by meaning together, or by words alone (yes if the index keeps vectors).", None)
MATCH = Option("match", ("--match",), "text", "Which words a paper must have: all, any, or auto (any, but those with all come first).", None, "HOW", MATCHES)
UNDERSTANDING = (
    MATCH,
    Option("syntax", ("--syntax", "--no-syntax"), "switch", "Whether operators are understood (yes for WORDS, no for --batch).", None),
    Option("expand", ("--expand", "--no-expand"), "switch", "Whether acronyms' long forms count, and others for words that hardly match.", True),
)

QUERY = Command(
    "query",
    "Search: ranked papers, with the passages that match.",
    Argument("words", "[WORDS...]", "What to search for; without words, all papers that the options let through."),
    (
        *PAGE,
        *FILTERS,
        *UNDERSTANDING,
        MEANING,
        *OUTPUT,
        Option("batch", ("--batch",), "text", "One query a line from FILE (- is standard input); one JSON object a line.", metavar="FILE"),
        Option("jobs", ("-j", "--jobs"), "int", "Processes for --batch; 0 means one for each core (1; for a long file 0).", 1, "N"),
        REFRESH,
        Option("new", ("--new",), "flag", "Only what was indexed since this query was last asked with --new.", False),
        Option("since_run", ("--since-run",), "int", "Only papers first seen after the index run with this number.", None, "N"),
        *COMMON,
    ),
    (
        'papersearch query "mixture of experts"',
        "papersearch query 'title:diffusion -video' --since 2024 --sort newest",
        "papersearch query retrieval augmented generation --format ids | head -3",
        "papersearch query --batch questions.txt > answers.jsonl",
    ),
)

COMMANDS = (
    Command(
        "index",
        "Bring the index up to date with the posts: new, changed and removed ones.",
        Argument("folders", "[FOLDER...]", "Folders of posts, all that the index is to hold; without any, those it was built from, else the corpus of papersearch.toml, else ./corpus."),
        (
            Option("rebuild", ("--rebuild",), "flag", "Start afresh; the old index answers until the new one is complete.", False),
            Option("watch", ("--watch",), "flag", "Keep running; re-index when posts change.", False),
            Option("prune", ("--prune",), "flag", "Also remove papers whose whole folder is gone or cannot be listed.", False),
            Option("exclude", ("--exclude",), "many", "Leave out files and folders that match, as in .gitignore; can be repeated.", (), "PATTERN"),
            Option("meaning", ("--meaning", "--no-meaning"), "switch", "Keep a vector for each paper, to search by meaning too; or drop them.", None),
            JOBS,
            WAIT,
            Option("quiet", ("-q", "--quiet"), "flag", "Print only errors and warnings.", False),
            JSON,
            *COMMON,
        ),
        ("papersearch index posts/", "papersearch index", "papersearch index --watch"),
    ),
    QUERY,
    Command(
        "show",
        "One paper, whole.",
        Argument("ids", "ID...", "A paper id, with or without version, or the path of a post.", 1),
        (
            Option("format", ("-f", "--format"), "text", "Output: json, markdown or bibtex.", None, "FORMAT", PAPER_FORMATS),
            JSON,
            Option("first_line", ("--from",), "text", "Only from this line of the text on, or only a range of lines, such as 12-40.", None, "LINE"),
            Option("max_chars", ("--max-chars",), "int", "At most so many characters of the text, in whole lines; says where to go on.", 0, "N"),
            PAGER,
            COLOR,
            *COMMON,
        ),
        ("papersearch show 2412.15115", "papersearch show 2412.15115 --format bibtex >> refs.bib", "papersearch show 2412.15115 --from 5 --max-chars 2000"),
    ),
    Command(
        "similar",
        "Papers like one that the index holds, or like a text.",
        Argument("ids", "[ID]", "A paper id, or the path of a post; or --text.", 0, 1),
        (
            Option("text", ("--text",), "text", "Papers like this text; - reads it from standard input.", metavar="TEXT"),
            *PAGE,
            *FILTERS,
            MEANING,
            *OUTPUT,
            *COMMON,
        ),
        ("papersearch similar 2412.15115", "pbpaste | papersearch similar --text -"),
    ),
    Command(
        "ask",
        "An answer from the papers, each sentence with those that say so.",
        Argument("words", "QUESTION...", "What you want to know."),
        (
            Option("papers", ("--papers",), "int", "Papers to answer from, at most.", 5, "N"),
            *FILTERS,
            Option("server", ("--server",), "text", "OpenAI-compatible server of a model that writes the answer.", None, "URL"),
            Option("model", ("--model",), "text", "The server's model, such as qwen2.5:7b.", None, "NAME"),
            Option("timeout", ("--timeout",), "float", "Longest silence of the server.", 120.0, "SECONDS"),
            Option("show_prompt", ("--show-prompt",), "flag", "Print what a model would be sent, and ask none.", False),
            JSON,
            *COMMON,
        ),
        ('papersearch ask "how many denoising steps does DiffusionDrive need?"', 'papersearch ask --json "what does Qwen2.5 cost compared to GPT-4o?"'),
    ),
    Command(
        "facets",
        "Count papers by tag, author, year or month: all, or those that match.",
        Argument("words", "[WORDS...]", "What to search for; without words, all papers."),
        (
            Option("by", ("--by",), "text", "What to count by: tag, author, year or month (tag).", "tag", "WHAT", FACETS),
            Option("limit", ("-n", "--limit"), "int", "How many values to show; 0 means all.", 20, "N"),
            *FILTERS,
            MATCH._replace(help="Which words a paper must have: all (auto, the default, is the same here) or any."),
            *UNDERSTANDING[1:],
            JSON,
            *COMMON,
        ),
        ("papersearch facets --by month", "papersearch facets diffusion --by author"),
    ),
    Command("stats", "What the index holds, and what is not indexed yet.", None, (JSON, *COMMON), ("papersearch stats",)),
    Command(
        "check",
        "Read every post and the index, and say what is wrong: file:line: reason.",
        Argument("folders", "[FOLDER...]", "Folders of posts; without any, those the index was built from."),
        (JSON, *COMMON),
        ("papersearch check", "papersearch check drafts/"),
    ),
    Command(
        "open",
        "Open the web address of a paper in the browser, or its post in $EDITOR.",
        Argument("ids", "ID", "A paper id, or the path of a post.", 1, 1),
        (
            Option("post", ("--post",), "flag", "Open the post in $EDITOR, at the abstract.", False),
            Option("print", ("--print",), "flag", "Print the address or path instead.", False),
            *COMMON,
        ),
        ("papersearch open 2412.15115", "papersearch open 2412.15115 --post"),
    ),
    Command(
        "config",
        "Show the effective settings and where each comes from.",
        None,
        (
            Option("trust_file", ("--trust",), "flag", "Trust the papersearch.toml that holds here: what it names outside its folder is used.", False),
            JSON,
            INDEX,
            DEBUG,
        ),
        ("papersearch config", "papersearch config --trust"),
    ),
    Command(
        "browse",
        "The same search, full screen: results change as you type.",
        Argument("words", "[WORDS...]", "What to search for first."),
        (
            SORT,
            *FILTERS,
            *UNDERSTANDING,
            MEANING,
            Option("format", ("-f", "--format"), "text", "How the papers that were marked are printed at the end (ids).", None, "FORMAT", FORMATS),
            Option("null", ("-0", "--null"), "flag", "End ids, paths and urls with NUL, for xargs -0.", False),
            *COMMON,
        ),
        ("papersearch browse", "papersearch browse diffusion --since 2024 --format bibtex >> refs.bib"),
    ),
    Command(
        "digest",
        "What is new for each search saved in papersearch.toml since the last digest.",
        Argument("words", "[NAME...]", "Names of saved searches; without any, all of them."),
        (
            Option("format", ("-f", "--format"), "text", "Output: markdown, html (for mail), atom or json.", None, "FORMAT", ("markdown", "html", "atom", "json")),
            JSON,
            Option("limit", ("-n", "--limit"), "int", "Papers of each search to show at most; the others count as seen.", None, "N"),
            Option("peek", ("--peek",), "flag", "Do not remember what is shown: it is new the next time too.", False),
            REFRESH,
            *COMMON,
        ),
        ("papersearch digest", "papersearch digest --refresh --format html > digest.html"),
    ),
    Command(
        "serve",
        "A search page and a JSON API on this machine.",
        None,
        (
            Option("host", ("--host",), "text", "Address to serve on; anything but this machine's own asks for a token.", "127.0.0.1", "HOST"),
            Option("port", ("--port",), "int", "Port; 0 takes a free one.", 8765, "N", most=65_535),
            Option("open", ("--open",), "flag", "Open the page in the browser.", False),
            Option("paths", ("--paths",), "flag", "Show where posts lie on this machine.", False),
            *COMMON,
        ),
        ("papersearch serve --open", "papersearch serve --port 0"),
    ),
    Command(
        "mcp",
        "The search as tools for agents (MCP), over standard input and output.",
        None,
        COMMON,
        ("papersearch mcp --index index",),
    ),
    Command("schema", "The JSON Schema of what papersearch prints as JSON.", None, (DEBUG,), ("papersearch schema",)),
)

# Under which heading the many options of a command are told; those that none names stand under the last.
HEADINGS = {
    "Which papers": ("text", "limit", "offset", "sort", "author", "tag", "since", "until", "new", "since_run"),
    "How words are searched": ("match", "syntax", "expand", "meaning"),
    "Output": ("format", "json", "template", "null", "explain", "snippets", "pager", "color"),
    "Many queries": ("batch", "jobs"),
    "The index": ("index", "refresh", "partial", "trust"),
    "Other": (),
}
_MANY = 20  # options that nobody finds one among without headings (chosen)

BY_NAME = {command.name: command for command in COMMANDS}


def headed(command: Command) -> list[tuple[str, tuple[Option, ...]]]:
    """The options of a command under headings; under one, "Options", unless there are many."""
    if len(command.options) < _MANY:
        return [("Options", command.options)]
    named = {name for names in HEADINGS.values() for name in names}
    parts = []
    for heading, names in HEADINGS.items():
        own = [option for option in command.options if option.name in names or (not names and option.name not in named)]
        if own:
            parts.append((heading, tuple(own)))
    return parts
