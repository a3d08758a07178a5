"""Ids, tags and addresses out of the texts that give them, and what names of files tell: ids, titles, years, days."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from papersearch.core.caches import cached_if_short
from papersearch.posts import dates
from papersearch.posts.labels import GENERIC, is_generic, normal
from papersearch.posts.markup import WIKI_LINK
from papersearch.posts.placeholders import NO_VALUE, PLACEHOLDER
from papersearch.query import ids
from papersearch.text import clean

MOST_ID = 200
"""Characters of the longest id (chosen)."""

ANY_ID = ("paper id", "paperid")
"""Labels behind which any word is an id; behind others an id has one of the usual forms."""

MOST_SAID = 5_000
"""Characters of the longest section that may say nothing but facts (chosen); a longer one is text."""

# Begins with a digit, because a digit is found at full speed.
_ARXIV = re.compile(r"(\d(?<![\d.]\d)\d{3}\.\d{4,5})(?:[vV](\d{1,4}))?(?!\d)")
_OLD_ARXIV = re.compile(r"(?<![\w.-])([a-z-]{2,10})(?:\.[A-Z]{2})?(/\d{7})(?:[vV](\d{1,4}))?(?!\d)")
_OLD_NUMBER = re.compile(r"/\d{7}")
_ARXIV_PLACE = re.compile(r"(?:arxiv:|https?://\S*/)?", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*\[?(\d{4}\.\d{4,5}(?:v\d{1,3})?|[a-z-]{2,9}(?:\.[A-Z]{2})?/\d{7})(?:\]|:)\s+(?=\S)")
_LINK = re.compile(
    r"\]\(\s?<?((?:https?|ftp)://[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)?)>?\s?\)|((?:https?|ftp)://[^\s<>\"')\]]+)",
    re.IGNORECASE,
)
_BEHIND_ADDRESS = ".,;\u00ad\u200b\u200c\u200d\u200e\u200f\u202c\u2060\ufeff"  # also what nobody sees there
BUNDLES = ("index", "_index", "readme")
PDF_PAGE = "hls__"
"""What Logseq puts before the name of a PDF to name the page of its annotations."""
# Dates and numbers of notes before a name, and what Notion writes after it.
_BEFORE_NAME = re.compile(r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{12}|\d{14})[-_ ]+(?=\S)")
_WEEKDAY = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
    r"|mo|di|mi|do|fr|sa|so|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend"
    r"|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo"
    r"|(?:lune|marte|mercole|giove|vener)d[ìi]|sabato|domenica|(?:segunda|ter[çc]a|quarta|quinta|sexta)(?:-feira)?"
    r"|(?:maan|dins|woens|donder|vrij|zater|zon)dag|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|пн|вт|ср|чт|пт|сб|вс|(?:周|週|星期)?[一二三四五六日天]|[月火水木金土](?:曜日?)?|日曜日?|[월화수목금토일](?:요일)?"
)
_OF_TIME = re.compile(rf"{_WEEKDAY}|utc|gmt|[ecmp][sd]t|cest?|cet|[bijk]st|msk|uhr|the|del|and", re.IGNORECASE)
_NAME_OF_ZONE = re.compile(r"\([^()]{0,40} Time\)")  # ``GMT+0800 (China Standard Time)``, as browsers write it
_LONG_WORD = re.compile("[A-Za-zÀ-ɏͰ-ӿ]{3,}")  # of Latin, Greek and Cyrillic
_DAY_ALONE = re.compile(
    r"(?:\d{4}(?:([-_.]?)\d{2}\1\d{2}|-?W\d{2})|\d{4}年\d{1,2}月\d{1,2}日)"
    rf"(?:[ _-]{{0,3}}[(（](?:{_WEEKDAY})[)）]|[ _-]+(?:{_WEEKDAY}|daily(?: note)?|journal|diary|log))?"
    r"|[a-z]{3,9} \d{1,2}(?:st|nd|rd|th), \d{4}",
    re.IGNORECASE,
)
# As Zotero names files: ``Example et al. - 2017 - Otters at Work``; and ZotFile: ``Example et al_2017_Otters at Work``.
_CITED_NAME = re.compile(r"[^\d]{2,80}(?: - ((?:19|20)\d{2}) - (?=\S)|_((?:19|20)\d{2})_(?=\S+ [^_]*\Z))")
_AFTER_NAME = re.compile(r"(?<=\S)[-_ ][0-9a-f]{32}\Z")
_ARXIV_NAMED = re.compile(rf"[(\[]?(?:arxiv[-_:. ]?)?{_ARXIV.pattern}[)\]]?", re.IGNORECASE)
_TAG_BREAK = re.compile(r"[,;，、；،|\n•·]|(?<=\s)/(?=\s)")
_ENTRY = re.compile(r"[A-Z][.)] \S")
_WORD = re.compile(r"\w+")
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]{2,}")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_YEAR_BEFORE = re.compile(r"((?:19|20)\d{2})([ _-]| - )(?=[^\W\d])(.{8,300})")
BETWEEN_NAMES = frozenset("and et al und y e others".split())
# What is no id where any word is one: letters before more words, and what people write until there is one.
_NO_ID = re.compile(
    r"[^\W\d_]+\s[^\d]*|pending|missing|forthcoming|submitted|accepted|preprint|manuscript|tbc|link|here|true|false|yes|no"
    r"|arxiv|doi|n/d|s/n|keine?|暂?无|[\d./_-]{0,12}x{3,8}[x\d./_-]{0,12}|https?://(?:dx\.)?(?:doi|arxiv)\.org/?(?:abs/?|pdf/?)?",
    re.IGNORECASE,
)
_FULL_STOP = re.compile(r"(?<=[^\W\d_]{4})\.\Z")  # of a list; a shorter word may be abbreviated
_CODE_TAGS = re.compile(r"\s*`[^`\n]{1,60}`(?:[ ,]{1,3}`[^`\n]{1,60}`){1,100}\s*")
_HASH_TAGS = re.compile(r"#?[^\s#]+(?:\s+#[^\s#]+)+|#[^\s#]+")
_EMPHASIZED = re.compile(r"\A\s*([*_]{1,3})(?=[^\s*_])([^*_]+)(?<=\S)\1\s*\Z")  # ``*otters, rivers*``
_LINKED_TAG = re.compile(
    r"#?\[\[(?:[^\[\]|]{0,200}\|)?([^\[\]|]{1,200})\]\]|\[([^\[\]\n]{1,200})\]\((?:[^()\n]{0,1000})\)"
)
# ``cs.CL stat.ML``, as arXiv lists them.
_CATEGORY = (
    "(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|nlin|nucl-(?:ex|th)|physics|q-(?:bio|fin)"
    r"|quant-ph|stat)(?:\.[A-Za-z-]{2,10})?"
)
_CATEGORIES = re.compile(rf"{_CATEGORY}(?:\s+{_CATEGORY})+")


def identity(given: str, download: str, path: str, name: str = "") -> ids.Known:
    """(paper id, version) as the text gives it, else the download link, else ``name``, else the file's name; the id is
    never empty."""
    return stated(given) or linked(download) or named(path, name)


@lru_cache(maxsize=8)  # a post's is asked for twice: as its id, and for what is wrong with it
def stated(given: str) -> ids.Known | None:
    """(paper id, version) that a text which is an id gives: any word will do. None where it holds none, or what stands
    in its place (``N/A``)."""
    if arxiv := _ARXIV.fullmatch(given):
        return arxiv[1], ids.number_of(arxiv[2])
    if known := ids.identify(given[: 2 * MOST_ID]):
        return known
    text = clean.line(given[:5_000]).strip("*`[]<>{}\"' ")[: MOST_ID + 20].strip()
    text = text[1:-1].strip() if text[:1] == "(" and text[-1:] == ")" else text
    if NO_VALUE.fullmatch(text) or PLACEHOLDER.fullmatch(text) or _NO_ID.fullmatch(text):
        return None
    word = text.split()[0][:MOST_ID]
    if not text.isalnum() and (known := _known_within(text, word)):
        return known
    return ids.as_written(word)


def _known_within(text: str, word: str) -> ids.Known | None:
    """An id of a usual form in a text that begins with ``word``."""
    if known := ids.identify(text):
        return known
    if (found := linked(text)) and (_is_arxiv_place(text) or not re.search(r"\d", word)):
        return found
    return ids.identify(word) or ids.named_in(text)


def _is_arxiv_place(text: str) -> bool:
    found = _ARXIV.search(text) or _OLD_ARXIV.search(text)
    return bool(found and _ARXIV_PLACE.fullmatch(text[: found.start()].strip()))


def usual_sections(
    paper_id: str, version: int | None, authors: tuple[str, ...], et_al: bool, published: str | None, url: str | None
) -> tuple[str, str, str, str]:
    """Id, link, date and authors as the sections of nearly all posts write them."""
    number = paper_id if version is None else f"{paper_id}v{version}"
    return number, f"[{number}]({url})", f"**{published}**", f"{', '.join(authors)}{' et.al.' if et_al else ''}"


@lru_cache(maxsize=8)  # as above
def linked(text: str) -> ids.Known | None:
    """The first (arXiv id, version) in a text, or None."""
    if found := _ARXIV.search(text):
        return found[1], ids.number_of(found[2])
    found = _OLD_ARXIV.search(text) if _OLD_NUMBER.search(text) else None  # which is found at full speed
    return (found[1] + found[2], ids.number_of(found[3])) if found else None


def numbered(title: str) -> ids.Known | None:
    """(paper id, version) of a title that begins with it, as titles of arXiv's pages do: ``[2412.15115] Qwen``."""
    found = _NUMBERED.match(title)
    return ids.identify(found[1]) if found else None


def stem_of(path: str) -> str:
    """The name of a post: its file's without the ending, or its folder's where the file is only an ``index``."""
    start, dot = path.rfind("/") + 1, path.rfind(".")
    if os.sep == "/" and dot > start and path[start] != ".":  # as nearly always: a third of the cost
        stem = path[start:dot]
    else:
        stem = os.path.splitext(os.path.basename(path))[0]
    if stem.lower() in BUNDLES and os.path.dirname(path):
        stem = os.path.basename(os.path.dirname(path))
    return stem


def named(path: str, name: str = "") -> ids.Known:
    """(paper id, version) that ``name``, else the file's name gives; never empty."""
    if name:
        return name, None
    stem = stem_of(path)
    found = _ARXIV.search(stem)
    if found:
        return found[1], ids.number_of(found[2])
    # Bytes that are no UTF-8 are spelled out: two such names are two papers.
    spelled = clean.printable(stem.encode("utf-8", "backslashreplace").decode())[:MOST_ID]
    return ids.as_written(spelled or "-".join(f"{ord(character):04X}" for character in stem[:20]))


def is_diary(path: str) -> bool:
    """Whether a file is named by a day or a week alone, as diaries are: ``2024-03-05 Tue``, ``2024-W10``."""
    return _DAY_ALONE.fullmatch(stem_of(path)) is not None


def title_of(path: str) -> str:
    """The title that a file name gives: its words, or its folder's where it says nothing (``Otters_at_Work/paper.md``);
    a diary's day. An arXiv id is no part of it, and where there are no words of a title beside one, it is empty."""
    stem = stem_of(path)
    if is_diary(path):
        return clean.printable(stem[:10].replace("_", "-") + stem[10:].replace("_", " "))
    folder = os.path.basename(os.path.dirname(path))
    if is_generic(stem) and not any(map(str.isdigit, stem)) and _says_more(folder, normal(stem)):
        stem = folder
    stem = stem.removeprefix(PDF_PAGE)
    words = _BEFORE_NAME.sub("", stem.encode("utf-8", "backslashreplace").decode(), count=1)
    words = _AFTER_NAME.sub("", _CITED_NAME.sub("", unquote(words)))
    if _ARXIV.search(words):
        words = _ARXIV_NAMED.sub(" ", words, count=1)
        if is_generic(words):
            return ""
    between = r"[_\s]+" if " " in words.strip() else r"[-_+\s]+"  # beside blanks hyphens are a person's
    return clean.printable(re.sub(between, " ", words)).strip(" -–—")[:MOST_ID].strip()


def _says_more(folder: str, stem: str) -> bool:
    """Whether a folder is named by words, or has a name with capitals, and so says more than ``paper.md`` in it."""
    has_capitals = _LETTERS.search(folder) is not None and folder not in (folder.lower(), folder.upper())
    return len(re.findall(r"[^\W_]+", folder)) > 2 or (has_capitals and stem in GENERIC and not is_generic(folder))


def as_in_logseq(title: str) -> str:
    """A title without the marks of Logseq's pages for references and PDFs, and without quotation marks around it."""
    if title.startswith(PDF_PAGE):
        return title_of(f"{title}.md")
    title = title[1:-1] if title[:1] + title[-1:] == '""' and title.count('"') == 2 else title
    is_key = " " not in title and title.isascii()
    return title[1:] if title[:1] == "@" and not is_key and title[1:2].isalnum() else title


def year_named(path: str) -> str | None:
    """The year in a name that cites the paper, as Zotero names files."""
    found = _CITED_NAME.match(stem_of(path).removeprefix(PDF_PAGE))
    return (found[1] or found[2]) if found else None


def year_before(path: str, title: str) -> str | None:
    """The year in a name that has nearly all of the note's title behind it: ``2019 Otters at Work in Rivers``, or the
    venue and it: ``2019-otter-otters-at-work``."""
    found = _YEAR_BEFORE.match(stem_of(path))
    words, said = words_of(found[3].replace("_", " ")) if found else [], words_of(title)
    if found and found[2] == "-":
        words = words[1:] if words[:1] != said[:1] else []
    same = sum(word in said for word in words)
    return found[1] if found and len(words) > 2 and same * 5 >= 4 * max(len(words), len(said) - 2) else None


def person_named(path: str) -> str:
    """What a person named a file, if that is as titles are: words with blanks, and no year of a citation, or one word
    with a capital."""
    stem = stem_of(path)
    if is_diary(path) or is_generic(stem) or _YEAR.search(stem):
        return ""
    if " " not in stem:
        return stem if _CAPITALISED.fullmatch(stem) and not stem.isupper() else ""
    name = title_of(path)
    return name if len(_LETTERS.findall(name)) > 1 and not is_generic(name) else ""


def split_tags(text: str) -> list[str]:
    """The tags of one text: between commas, after ``#``, or each between backticks, as HackMD has them."""
    if text.isalnum():  # one word
        return [text]
    if _CODE_TAGS.fullmatch(text):
        return text.strip("` ,").split("`")[::2]
    if "[[" in text or "](" in text:
        text = _LINKED_TAG.sub(lambda link: f",{link[1] or link[2]},", text)
    text = text.strip("[]{} ,")
    if _HASH_TAGS.fullmatch(text) or _CATEGORIES.fullmatch(text):
        return [tag.strip(",;") for tag in text.split()]
    parts = [part for piece in _TAG_BREAK.split(text) if (part := piece.strip())]
    if len(parts) > 1:
        parts[-1] = _FULL_STOP.sub("", parts[-1])
    return [tag for part in parts for tag in (part.split() if _HASH_TAGS.fullmatch(part) else [part])]


def clean_tags(values: Iterable[str], placeholder: re.Pattern[str]) -> tuple[str, ...]:
    """Tags as they read, each once, without placeholders. One text with commas or ``#`` is several tags."""
    found = list(values)
    if len(found) == 1:
        found = split_tags(_EMPHASIZED.sub(r"\2", found[0]))
    tags = [tag for tag in map(_clean_tag, found) if tag and not placeholder.fullmatch(tag)]
    return tuple(dict.fromkeys(tags))


@cached_if_short(4_096)
def _clean_tag(tag: str) -> str:
    """A tag as it reads, without ``#``, brackets, braces and quotation marks around it."""
    tag = WIKI_LINK.sub(r"\1", tag) if "[[" in tag else tag
    if tag[:1] in ("[", "{", "`", '"', "'"):
        bare = tag.strip("[]{}`\"' ")
        tag = bare if tag[0] not in "\"'" or tag[0] not in bare else tag.strip("[]{}` ")  # ``"Otter" effect``
    tag = tag[1:] if tag[:1] == "#" and tag[1:2].strip("# ") else tag
    return clean.line(tag)[:200].strip()


def is_phrase(tag: str) -> bool:
    """Whether a tag is the end of a sentence with commas, ``which we call topics.``, an entry of an outline, ``B.
    Learned otters``, or what is said of one, ``— where they swim``."""
    return (tag.endswith(".") and len(tag.split()) > 3) or _ENTRY.match(tag) is not None or tag[:1] in ("—", "–")


def web_address(text: str) -> str | None:
    """The first web address in a text, or None."""
    found = _LINK.search(text[:4_000])
    if not found:
        return None
    address = found[1] or found[2].rstrip(_BEHIND_ADDRESS)
    return address[:2_000] if address.isprintable() else None


def words_of(text: str) -> list[str]:
    """The words of a text, case aside."""
    return _WORD.findall(text.casefold())


def length_in_words(text: str) -> int:
    """How many words a text has; where none are set apart, as in Chinese, two characters are one."""
    return len(words_of(text)) + len(_EASTERN.findall(text)) // 2


def cites(text: str, title: str) -> bool:
    """Whether a citation is of the paper with a title: half of its words, and two if it has two, are in it."""
    words = set(words_of(title))
    same = len(words.intersection(words_of(text)))
    return same * 2 >= len(words) and same >= min(len(words), 2) > 0


def alike(one: str, other: str) -> bool:
    """Whether two titles are of one paper: the shorter has half of its words in the other."""
    first, second = set(words_of(one)), set(words_of(other))
    return len(first & second) * 2 >= min(len(first), len(second)) > 0


def says_more_than_when(text: str) -> bool:
    """Whether a text with a date has words that are no month, day of the week or time zone: a venue, a remark."""
    words = _LONG_WORD.findall(_NAME_OF_ZONE.sub("", text))
    return not all(dates.is_month(word) or _OF_TIME.fullmatch(word) for word in words)


def has_several_words(text: str) -> bool:
    """Whether two words of a text, at least, have two letters side by side."""
    return len([*islice(filter(_LETTERS.search, text.split()), 2)]) == 2
