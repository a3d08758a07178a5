"""The records that travel between the parts: what a post says, what is asked, what is answered.

Frozen, without behaviour, knowing no engine. Offsets count code points of the text they belong to, end excluded.
Dates are ISO strings (``2024-12-19``, ``2024-12-23T11:35:38``); a fact that is not known is None, never invented.
"""

from __future__ import annotations

from papersearch.core.fields import Facts, Texts
from papersearch.core.frozen import Frozen, made_by

# What a request may say of how words are matched, and of the order of papers.
MATCHES = ("auto", "all", "any")
SORTS = ("relevance", "newest", "oldest", "title")
# The fields of a request that hold several values, by the name of the option that gives one.
SEVERAL = {"author": "authors", "tag": "tags"}


class Problem(Frozen):
    """Something wrong with a file: ``line`` counts from 1, and is 0 where the whole file is meant."""

    path: str
    line: int
    reason: str


class Post(Texts):
    """One Markdown file about one paper, as readable text (no LaTeX, no Markdown marks, no control codes).

    ``problems`` are all that could be better; ``damage`` is the one that kept a part of the post from being read.
    """

    problems: tuple[Problem, ...] = ()
    damage: Problem | None = None


class Request(Frozen):
    """One question with everything that shapes its answer.

    ``match`` is auto, all or any, and ``sort`` relevance, newest, oldest or title; ``since`` and ``until`` are dates
    such as 2024, 2024-12, 2024-12-19 or 7d. ``authors`` and ``tags`` must all hold. With ``syntax`` operators are
    understood; with ``expand`` acronyms are searched by their long forms too, versions by their names, and words that
    hardly match by what papers say in their place. ``since_run`` leaves only papers first seen after the index run with
    that number. ``meaning`` None ranks by it where the index keeps vectors; True raises an error where it does not.
    With ``prefix`` the last word is still being typed, and a mistake in it is a hint; ``partial`` accepts what is left
    of a cluster that has lost a part of its index.
    """

    query: str
    limit: int = 10
    offset: int = 0
    match: str = "auto"
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    sort: str = "relevance"
    syntax: bool = True
    expand: bool = True
    snippets: bool = True
    explain: bool = False
    since_run: int | None = None
    prefix: bool = False
    meaning: bool | None = None
    partial: bool = False


class Completion(Frozen):
    """How a query may go on: the whole ``text``, what the completed part is (word, author or tag), and how many papers
    have that."""

    text: str
    kind: str
    papers: int


class Answering(Frozen):
    """How questions are answered: from at most so many ``papers``; quoted, unless a ``server`` (an OpenAI-compatible
    one, such as ``http://127.0.0.1:11434/v1``) and its ``model`` are named. ``key`` is for servers that want one;
    ``wait`` is the longest silence of a server, in seconds: without a graphics card a prompt is read for a minute."""

    papers: int = 5
    server: str | None = None
    model: str | None = None
    key: str = ""
    wait: float = 120.0


class Sentence(Frozen):
    """One sentence of an answer, and the ids of the papers that say so."""

    text: str
    sources: tuple[str, ...]


class Source(Frozen):
    """A paper that an answer rests on, with the passage that says so (of a model's answer those that it cites, each a
    sentence with its neighbours, with " … " between), and the line where its section starts."""

    id: str
    title: str
    passage: str
    line: int = 0


class Reply(Frozen):
    """The answer to a question: ``sentences`` with their sources, or, not ``answered``, the ``reason``.

    ``model`` is None if the sentences are quoted without one. For people, ``notes`` say what went wrong with a model,
    or that there is more; ``details`` what it was not shown.
    """

    question: str
    answered: bool
    model: str | None = None
    sentences: tuple[Sentence, ...] = ()
    papers: tuple[Source, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


class Snippet(Frozen):
    """A passage of one field. ``line`` is where the field's section starts in the post."""

    field: str
    line: int
    text: str
    highlights: tuple[tuple[int, int], ...] = ()


class Contribution(Frozen):
    """What one word brought to a score: how often it stands in ``field`` (``frequency``), the field's ``length`` in
    words, the word's ``weight`` (boost times idf), and the part of the score that this is. What ranking adds beside
    words, such as pairs, has such a part too."""

    term: str
    field: str
    frequency: int
    length: int
    weight: float
    score: float
    note: str = ""


class OtherPost(Frozen):
    """Another post about the same paper."""

    path: str
    version: int | None
    title: str
    posted: str | None


class Hit(Facts):
    """One paper found, ``rank`` counted from 1. ``missing`` are the words of the query that the paper lacks,
    ``meaning`` its likeness to the question from 0 to 1 (None: not compared). ``other_posts`` are about the same paper,
    ``explanation`` adds up to the score. ``common_tags`` are those of its tags that nearly all papers have, so that
    they tell nothing."""

    rank: int = 0
    score: float = 0.0
    missing: tuple[str, ...] = ()
    meaning: float | None = None
    title_highlights: tuple[tuple[int, int], ...] = ()
    other_posts: tuple[OtherPost, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    explanation: tuple[Contribution, ...] = ()
    common_tags: tuple[str, ...] = ()


class Answer(Frozen):
    """One page of results. ``total`` papers could be paged through, ``total_all`` of them hold every word.
    ``suggestion`` is the query as it was probably meant; one that is ``certain`` may be followed without asking.
    ``expanded`` maps words of the query to the long or short forms that were searched for too; ``hint`` says what a
    person should know of how the query was read."""

    query: str
    total: int
    total_all: int
    seconds: float
    results: tuple[Hit, ...] = ()
    suggestion: str | None = None
    expanded: dict[str, tuple[str, ...]] = made_by(dict)
    hint: str | None = None
    certain: bool = False


class Paper(Texts):
    """One paper, whole."""

    other_posts: tuple[OtherPost, ...] = ()


class Summary(Frozen):
    """What an index run did. ``vectors`` is how many it made, None if the index keeps none; ``missing`` are corpus
    folders that are gone, their posts are still indexed. ``skipped`` posts are not indexed, ``partial`` ones in part;
    ``warnings`` are those of both that the run before did not know."""

    added: int
    updated: int
    removed: int
    unchanged: int
    skipped: tuple[Problem, ...]
    total: int
    seconds: float
    notes: tuple[str, ...] = ()
    vectors: int | None = None
    missing: tuple[Problem, ...] = ()
    partial: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


class Stats(Frozen):
    """What an index holds. ``terms`` counts the entries of its dictionaries, in a cluster the words alone;
    ``generation`` is the number of the committed state, ``run`` that of the last run that changed anything. ``stale``
    counts posts on disk that differ from what is indexed, None if not looked. ``model`` made the ``vectors`` of so many
    papers; both are None if the index keeps none. ``planned`` is how many files a run was to bring into an index that
    it has not completed, None of any other."""

    papers: int
    posts: int
    terms: int
    segments: int
    size_bytes: int
    generation: int
    indexed_at: str | None
    corpus: tuple[str, ...]
    stale: int | None = None
    run: int = 0
    model: str | None = None
    vectors: int | None = None
    planned: int | None = None
