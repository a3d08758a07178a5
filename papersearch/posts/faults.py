"""What a post should say and does not, as ``check`` reports it. Such a post is found all the same."""

from __future__ import annotations

from papersearch.core.records import Post
from papersearch.posts import front, matter
from papersearch.posts.facts import linked, stated
from papersearch.posts.placeholders import PLACEHOLDER_TAG, plain
from papersearch.posts.sections import Section
from papersearch.text import clean


def of_sections(post: Post, sections: dict[str, Section]) -> list[tuple[int, str]]:
    """(line, reason) of what the sections of the generator lack."""
    faults: list[tuple[int, str]] = []
    if not post.abstract:
        section = sections.get("abstract", Section("", 0))
        faults.append((section.line, no_abstract(section.text)))
    given = sections.get("id")
    if given is None or stated(plain(given.text)) is None:
        faults.append((given.line if given else 0, f"no paper id; the file name gives {post.id}"))
    else:
        faults += _other_ids(post, sections)
    published = sections.get("published")
    if published and not post.published:
        shown = clean.line(published.text)[:40].strip()
        faults.append((published.line, f"not a date: {shown}" if shown else "no publish date"))
    return faults


def no_abstract(text: str) -> str:
    """The reason for a post without an abstract, which may have a ``text`` in place of one."""
    return "a placeholder for an abstract" if text else "no abstract"


def of_front(post: Post, parts: front.Front, sections: dict[str, Section]) -> list[tuple[int, str]]:
    """(line, reason) of what stands in place of a date, an id or a tag and is none; also if there is no date at all."""
    faults: list[tuple[int, str]] = []
    if not post.posted and (post.published or not sections.get("published")):
        if shown := matter.posted_as(parts.values):
            faults.append((0, f"not a date: {clean.line(shown)}"))
        elif not post.published:
            faults.append((0, "no date"))
    faults += [(0, reason) for reason in matter.unread(parts.values)]
    faults += [
        (0, f"a placeholder for a tag: {tag}")
        for tag in front.strings(parts.values.get("tags"))
        if PLACEHOLDER_TAG.fullmatch(tag)
    ]
    return faults


def of_merge(text: str) -> list[tuple[int, str]]:
    """(line, reason) of the first conflict that git left in a post for somebody to resolve, and nobody did."""
    if "<" not in text or "<<<<<<< " not in text:  # one character is looked for in a tenth of the time
        return []
    text = "\n" + text
    begin = text.find("\n<<<<<<< ")
    middle = text.find("\n=======\n", begin) if begin >= 0 else -1
    if middle < 0 or text.find("\n>>>>>>> ", middle) < 0:
        return []
    return [(text.count("\n", 0, begin + 1), "a merge conflict that nobody resolved")]


def placed(found: list[tuple[int, str]], text: str, lines: int) -> list[tuple[int, str]]:
    """The faults ``found`` in the first ``lines`` of a post, at the line that has what they tell after a colon."""
    head = text.split("\n", lines)[:lines] if found else []
    values = [reason.partition(": ")[2] for _, reason in found]
    where = [next((number for number, line in enumerate(head, 1) if value and value in line), 0) for value in values]
    return [(number or line, reason) for number, (line, reason) in zip(where, found, strict=True)]


def _other_ids(post: Post, sections: dict[str, Section]) -> list[tuple[int, str]]:
    """(line, reason) where the address in a post's download section is that of another paper."""
    download = sections.get("download")
    other = linked(download.text) if download else None
    if download and other and (other[0] != post.id or other[1] not in (None, post.version)):
        version = f"v{other[1]}" if other[1] else ""
        own = f"v{post.version}" if post.version else ""
        return [(download.line, f"two ids: {post.id}{own} and {other[0]}{version}")]
    return []
