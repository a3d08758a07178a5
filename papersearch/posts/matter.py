"""What front matter says: facts by the keys that ``labels`` knows, and texts that a reader sees: whatever stands under
other keys than those of site generators and editors."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, NamedTuple

from papersearch.posts import byline, dates, facts, front, markup
from papersearch.posts.keys import MACHINES, OF_A_BLOG, OF_AN_ARTICLE, REFERENCE, SPOKEN, SPOKEN_AT_LENGTH
from papersearch.posts.labels import AUTHORS, ID, LINK, OTHER, PAPER, PUBLISHED, TAGS, TITLE, VENUE, kind_of, listed
from papersearch.posts.links import chosen, leads_to
from papersearch.posts.people import authors_of
from papersearch.posts.placeholders import NO_VALUE, PLACEHOLDER_TAG, TO_FILL
from papersearch.query import ids
from papersearch.text import clean

# When a post was posted. Of the paper's own dates: ``published``, ``year``.
_POSTED = (
    "pubdate", "pubdatetime", "publishedat", "posted", "date", "publishdate", "datetime", "date posted", "created",
    "date created", "created at", "timestamp", "日付", "日期",
)  # fmt: skip
_ABSTRACTS = ("abstract", "abstracts", "摘要", "要旨", "초록")
_TEXTS = (
    "description", "summary", "excerpt", "subtitle", "tldr", "tl dr", "lead", "publication", "publication short",
    "journal", "venue", "conference", "booktitle", "keywords", "topics", "categories", "category", "aliases", "note",
    "notes", "comment",
)  # fmt: skip
_READ = (*_ABSTRACTS, *_TEXTS)
_CITATIONS = ("citation", "reference", "full citation", "full reference", "cite as")
# The paper's authors; ``author`` is who keeps the blog, unless the front matter is a reference.
_OF_THE_PAPER = listed(
    "authors|paper authors|paperauthors|paper author|author list|author names|autores|autoren|auteurs|autori|autorzy"
    "|yazarlar|авторы|автори|论文作者|全部作者|作者列表|著者|저자|المؤلفون|المؤلفين"
)
_SWITCH = re.compile(
    r"(?i)today|now|true|false|yes|no|on|off|open|closed|enabled?|disabled?|[^\s.]*(?:\.[^\s.]+)+|[^\s./\\]*[/\\][^\s.]+"
)
_OF_JEKYLL = re.compile(r"[\\/]_(?:posts|drafts)[\\/](?:[^\\/]+[\\/])*\d{4}-\d{1,2}-\d{1,2}-[^\\/]+\Z")
_NUMBERED_AUTHOR = re.compile(r"authors? ?(\d{1,3})")
_CITED_BY = listed("citekey | citation key | cite key | bibtex key | zotero key")
# What stands in place of a title or a tag; ``todo`` and ``unknown`` may be either.
_NO_FACT = re.compile(rf"{PLACEHOLDER_TAG.pattern}|\W?(?:n/a|tba|tbd|[-–—?])\W?", re.IGNORECASE)
_NO_TITLE = re.compile(rf"{_NO_FACT.pattern}|@[\w:./-]+|{TO_FILL}", re.IGNORECASE)  # ``@exampleOtters2017``: a key
_PLAIN_WORDS = re.compile(r"[\w.+/ -]+")
_FILE = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|avif|css|js|bib|csl)", re.IGNORECASE)
_SAID = (TITLE, PAPER, AUTHORS, TAGS, LINK, ID, PUBLISHED)
# Keys under which a note or a page has its own number as often as the paper has its.
_NUMBERING = ("id", "identifier")
_PLACED = frozenset((*_POSTED, *_ABSTRACTS, *_TEXTS)) | MACHINES
_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_a-zA-Z]")
_MOST_TEXTS = 100  # keys of people's own that are read (chosen: ten times what anybody has)


class Given(NamedTuple):
    """What front matter gives. ``abstract`` and ``texts`` have their marks still."""

    title: str = ""
    authors: tuple[str, ...] = ()
    et_al: bool = False
    published: str | None = None
    posted: str | None = None
    tags: tuple[str, ...] = ()
    known: ids.Known | None = None
    url: str | None = None
    abstract: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def read(values: dict[str, Any], path: str) -> Given:
    """The facts of a note's front matter."""
    values = _with_all_authors(values)
    kinds: dict[str, list[str]] = {}
    for key in values:
        if (kind := kind_of(key)) is not None:
            kinds.setdefault(kind, []).append(key)
    links = _links(values, kinds)
    known = _known(values, kinds, links)
    links.sort(key=lambda link: known is None or not leads_to(link, known[0]))
    authors, et_al = _authors(values, kinds, known is not None or not OF_AN_ARTICLE.isdisjoint(values))
    cited = _cited(values) if not authors else None
    if cited is not None:
        authors, et_al, known = cited.authors, cited.et_al, known or cited.known
    tags, tag_key = _tags(values, kinds, path)
    texts = [text for key in _TEXTS if key != tag_key for text in _shown(values.get(key), key)]
    title = _title(values, kinds)
    said = facts.BETWEEN_NAMES.union(facts.words_of(" ".join((title, *authors, *tags))))
    texts += [text for kind in _SAID for key in kinds.get(kind, ()) for text in _unsaid(values[key], key, kind, said)]
    return Given(
        title=title,
        authors=authors,
        et_al=et_al,
        published=_published(values, kinds) or (cited.published if cited else None),
        posted=posted(values, path),
        tags=tags,
        known=known,
        url=next(iter(links), None),
        abstract=tuple(text for key in _ABSTRACTS for text in front.strings(values.get(key))),
        texts=tuple(dict.fromkeys([*texts, *_under_other_keys(values)])),
    )


def _with_all_authors(values: dict[str, Any]) -> dict[str, Any]:
    """The values with those of ``author-1``, ``author-2`` and so on as ``authors``, if that is no key."""
    numbered = sorted((int(found[1]), key) for key in values if (found := _NUMBERED_AUTHOR.fullmatch(key)))
    if not numbered or "authors" in values:
        return values
    people = [front.first(values[key]) for _, key in numbered]
    return {key: value for key, value in values.items() if not _NUMBERED_AUTHOR.fullmatch(key)} | {"authors": people}


def shown(values: dict[str, Any]) -> list[str]:
    """The texts of front matter that are for readers, abstract first."""
    texts = [text for key in _READ if values.get(key) for text in _shown(values[key], key)]
    return list(dict.fromkeys([*texts, *_under_other_keys(values)]))


def posted(values: dict[str, Any], path: str) -> str | None:
    """When the post was posted: as its front matter says, or its name (``2024-12-19-otters.md``, ``May 5th, 2024.md``
    of a diary, or that of the folder of an ``index.md``)."""
    for key in (*_POSTED, "published at"):
        if key in values and (found := dates.moment(front.first(values[key]))):
            return found
    name = facts.stem_of(path).replace("_", "-")
    if facts.is_diary(path):
        day = dates.day(name)
        return day if day and len(day) == 10 else None
    return dates.day(name[:10]) if len(name) >= 10 and name[4] == "-" else None


def posted_as(values: dict[str, Any]) -> str:
    """What the front matter has in place of a date of the post, at most 40 characters; empty if it has nothing."""
    return next((text for key in _POSTED if not NO_VALUE.fullmatch(text := front.first(values.get(key))[:40])), "")


def meta_author(values: dict[str, Any]) -> str:
    """The paper's author in the generator's ``meta``, or nothing."""
    meta = values.get("meta")
    for entry in meta[:100] if isinstance(meta, list) else ():
        if isinstance(entry, dict) and entry.get("name") == "author":
            return front.first(entry.get("content"))
    return ""


def _cited(values: dict[str, Any]) -> byline.Byline | None:
    """How front matter cites the paper, if that is one."""
    texts = next(filter(None, (front.strings(values.get(key)) for key in _CITATIONS)), [])
    found = byline.read(texts[0]) if len(texts) == 1 else None
    address = facts.web_address(texts[0]) if found else None
    return found._replace(known=found.known or ids.of_address(address)) if found and address else found


def _title(values: dict[str, Any], kinds: dict[str, list[str]]) -> str:
    found = (front.first(values[key]) for key in _first_named("title", kinds.get(TITLE, [])))
    titles = (clean.line(_unlinked(text)) for text in found if not _NO_TITLE.fullmatch(text))
    return next((title for title in titles if title and not _NO_TITLE.fullmatch(title)), "")


def _unlinked(text: str) -> str:
    return text[2:-2] if text[:2] == "[[" and text[-2:] == "]]" else text


def _first_named(name: str, keys: list[str]) -> list[str]:
    return sorted(keys, key=lambda key: key != name)


def _authors(values: dict[str, Any], kinds: dict[str, list[str]], is_of_paper: bool) -> tuple[tuple[str, ...], bool]:
    """The paper's authors; ``is_of_paper``: the front matter names the paper's id, or is that of an article."""
    meta = meta_author(values)
    if meta:
        return authors_of(meta)
    keys = kinds.get(AUTHORS, [])
    plural = [key for key in keys if key in _OF_THE_PAPER]
    if not plural and not REFERENCE.isdisjoint(values) and OF_A_BLOG.isdisjoint(values):
        plural = keys
    if not plural:  # nobody links to himself
        plural = [key for key in keys if any(text[:2] == "[[" for text in front.strings(values[key]))]
    if not plural and is_of_paper and (OF_A_BLOG.isdisjoint(values) or not REFERENCE.isdisjoint(values)):
        plural = [key for key in keys if len(authors_of(values[key], single=True)[0]) > 1]  # they hardly keep a note
    is_bibtex = not _CITED_BY.isdisjoint(values)  # there ``Hopper, Grace`` is one also as ``authors``
    for key in plural:
        names, et_al = authors_of(values[key], single=is_bibtex or key not in _OF_THE_PAPER)
        if names:
            return names, et_al
    return (), False


def _published(values: dict[str, Any], kinds: dict[str, list[str]]) -> str | None:
    best: str | None = None
    own = ("date",) if "publication types" in values else ()  # as a theme of Hugo's has it of papers
    for key in kinds.get(PUBLISHED, []):
        if key in _POSTED and key not in own:
            continue
        date = dates.day(front.date_in(values[key]))
        if date and (best is None or date.startswith(best)):
            best = date
    return best


def _tags(values: dict[str, Any], kinds: dict[str, list[str]], path: str) -> tuple[tuple[str, ...], str]:
    """The tags, and the key that has them."""
    for key in ("tags", *(key for key in kinds.get(TAGS, []) if key not in ("tags", "category", "categories"))):
        given = _as_jekyll(values.get(key), path) if key == "tags" else values.get(key)
        if tags := facts.clean_tags(front.strings(given), _NO_FACT):
            return tags, key
    description = values.get("description")  # as GitBook has it below the title of a page
    if isinstance(description, str) and markup.HASH_TAGS.fullmatch(description.strip()[: markup.LONGEST_LINE]):
        return facts.clean_tags([description.strip()], _NO_FACT), "description"
    return (), ""


def _as_jekyll(tags: Any, path: str) -> Any:
    """Tags in one text as Jekyll reads them, whose posts have dates in their names: each word is one."""
    return tags.split() if isinstance(tags, str) and _OF_JEKYLL.search(path) and _PLAIN_WORDS.fullmatch(tags) else tags


def _links(values: dict[str, Any], kinds: dict[str, list[str]]) -> list[str]:
    """Web addresses of the paper, the likeliest first."""
    keys = [*_first_named("link", kinds.get(LINK, [])), *kinds.get(PAPER, []), *kinds.get(ID, [])]
    keys.sort(key=lambda key: key in ("source", "original", "address"))
    found = (_address(text) for key in keys for text in front.strings(values[key], True) if "://" in text)
    return list(dict.fromkeys(filter(None, found)))


def _address(text: str) -> str | None:
    """A text that is a web address, or the first in it."""
    whole = re.fullmatch(r"https?://[^\s<>\"]{1,2000}", text, re.IGNORECASE)
    return text if whole and text.isprintable() else facts.web_address(text)


def _known(values: dict[str, Any], kinds: dict[str, list[str]], links: list[str]) -> ids.Known | None:
    """The id that a key names, else a numbering key's value if it has the form of a known id, else that of a link."""
    order = ("arxiv", "arxiv id", "arxivid", "eprint", *facts.ANY_ID, "doi")
    for key in sorted(kinds.get(ID, []), key=lambda key: order.index(key) if key in order else len(order)):
        if key not in _NUMBERING and (known := _id_of(key, front.first(values[key]))) is not None:
            return known
    numbers = (front.first(values[key]) for key in _NUMBERING if key in values)
    if known := next(filter(None, map(ids.known_form, numbers)), None):
        return known
    found = [known for known in map(ids.of_address, links) if known is not None]
    if not found:
        for key in (*kinds.get(LINK, []), *kinds.get(PAPER, [])):
            text = front.first(values[key])
            if (known := ids.identify(text)) is not None and "://" not in text:
                found.append(known)
    titles = (front.first(values[key]) for key in kinds.get(TITLE, ()))
    places = (front.first(values[key]) for key in kinds.get(VENUE, ()))  # ``publisher: "DOI: 10.1000/otters.7"``
    return chosen(found) or next(filter(None, (*map(facts.numbered, titles), *map(ids.named_in, places))), None)


def _id_of(key: str, text: str) -> ids.Known | None:
    """The id that stands under a key for ids. That of a paper may be any word; under the others (``doi: in press``) it
    has the form of one."""
    if key in ("pmid", "pubmed id") and text.isdigit():
        return ids.identify(f"pmid:{text}")
    known = facts.stated(text)
    if known is None or key in facts.ANY_ID or ids.names_paper(known[0]):
        return known
    return ids.identify(text)


def _is_no_id(key: str, kind: str, text: str) -> bool:
    """Whether something other than an id stands where one should."""
    return kind == ID and key not in _NUMBERING and not NO_VALUE.fullmatch(text) and _id_of(key, text) is None


def unread(values: dict[str, Any]) -> list[str]:
    """Why the values of keys for ids and days of papers say none of these."""
    found = []
    for key in values:
        kind, text = kind_of(key), front.first(values[key])
        if kind == ID and "://" not in text and _is_no_id(key, kind, text):
            found.append(f"not an id: {clean.line(text)[:40]}")
        elif kind == PUBLISHED and key not in _POSTED and not NO_VALUE.fullmatch(text) and dates.day(text) is None:
            found.append(f"not a date: {clean.line(text)[:40]}")
    return found


def _shown(value: Any, key: str, whole: bool = False) -> list[str]:
    """The texts of a value that are for readers: no placeholders, no addresses."""
    kind = kind_of(key)
    return [
        text
        for text in front.strings(value, whole or isinstance(value, dict))
        if _is_text(text) and (kind != VENUE or any(map(str.isalpha, text)))
    ]


def _unsaid(value: Any, key: str, kind: str, said: frozenset[str]) -> list[str]:
    """The texts under the key of a fact that no fact says: the affiliations of authors, a second title."""
    if key in _PLACED and kind != PUBLISHED and not (key == "author" and _names_people(value)):
        return []
    if key in front.NESTED and isinstance(value, dict):  # what it holds comes under keys of its own
        return []
    texts = front.strings(value, whole=True)
    if kind == PUBLISHED:
        texts = [text for text in texts if not (_SWITCH.fullmatch(text) or NO_VALUE.fullmatch(text))]
        texts = [text for text in texts if dates.day(text) is None or facts.says_more_than_when(text)]
    elif kind in (LINK, ID):
        texts = [text for text in texts if (not _is_address(text) if "://" in text else not facts.linked(text))]
        texts = [text for text in texts if facts.has_several_words(text) or _is_no_id(key, kind, text)]
    return [
        text for text in texts if _is_text(text) and _WORD.search(text) and not said.issuperset(facts.words_of(text))
    ]


def _is_text(text: str) -> bool:
    """Whether a value is no placeholder, no address and no switch."""
    is_address = "://" in text[:10] and _is_address(text)
    return not PLACEHOLDER_TAG.fullmatch(text) and not is_address and text.lower() not in ("true", "false")


def _is_address(text: str) -> bool:
    """Whether a text is an address, or several; one may have a blank."""
    return "://" in text and not facts.has_several_words(" ".join(part for part in text.split() if "://" not in part))


def _names_people(value: Any) -> bool:
    """Whether an author is more than the name of an account."""
    return not isinstance(value, str) or any(" " in name for name in authors_of(value, single=True)[0])


def _spoken(value: Any, key: str) -> list[str]:
    """What a person wrote under a key of machines, with that key."""
    texts = [
        text
        for text in front.strings(value)
        if _WORD.search(text) and not _is_address(text) and not _SWITCH.fullmatch(text)
        if key in SPOKEN or facts.has_several_words(text)
    ]
    return [f"{key}: {', '.join(texts)}"] if texts else []


def _under_other_keys(values: dict[str, Any]) -> list[str]:
    """What stands under keys that are no facts, each with its key. Mappings whose keys count as if they stood outside
    (``front.NESTED``) are left out: their values come under these keys."""
    found = []
    others = (key for key in values if key not in _PLACED and kind_of(key) in (None, OTHER, VENUE))
    for key in islice(others, _MOST_TEXTS):
        if key in front.NESTED and isinstance(values[key], dict):
            continue
        texts = [text for text in _shown(values[key], key, True) if _WORD.search(text) and not _FILE.fullmatch(text)]
        name, _, number = key.rpartition(" ")
        if texts and number.isdecimal() and kind_of(name) in _SAID:  # another value of a key that stands there twice
            found.append(", ".join(texts))
        elif texts:
            found.append(f"{key}: {', '.join(texts)}")
    spoken = (key for key in values if key in SPOKEN or key in SPOKEN_AT_LENGTH)
    return found + [text for key in spoken for text in _spoken(values[key], key)]
