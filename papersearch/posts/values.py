"""How far the value of a label goes: through the rest of its line, and which lines below.

Lines are those of a whole note; ``stop`` is the line at which the section ends.
"""

from __future__ import annotations

import re
from collections.abc import Container

from papersearch.posts import markup
from papersearch.posts.labels import ABSTRACT, AUTHORS, OTHER, TAGS, TITLE
from papersearch.posts.marked import is_marked
from papersearch.posts.outline import HEAD_LINES, Outline

MOST_LINES = 60
"""Lines of a value that stands below its label, at most (chosen)."""
_RULE = re.compile(r"[ >]{0,6}([-*_])[ \t]*(?:\1[ \t]*){2,}")
_GOES_ON = (",", ";", "、", "，", " and", "&")


def whole(pair: markup.Pair, lines: list[str], at: int, stop: int, is_alone: bool) -> tuple[str, int] | None:
    """(value, the line after it) of the last pair of line ``at``. None for a label that is alone in its line where this
    does not say that a value follows."""
    if pair.value or pair.kind is None:
        return _continued(pair, lines, at + 1, stop)
    below = _below(lines, at + 1, stop)
    if is_alone and not markup.announces(lines[at], pair.kind, below):
        return None
    if pair.kind == AUTHORS and below:
        below = lines[at + 1 : _marked_end(lines, at + 1 + len(below), stop)]
    if pair.kind == ABSTRACT:
        below = lines[at + 1 : _paragraph_end(lines, at + 1, stop)]
    return "\n".join(map(markup.bare, below)).strip(), at + 1 + len(below)


def until_label(lines: list[str], below: range, fenced: Container[int]) -> range:
    """The lines below a heading up to the first that is a label and a value itself, which none in code is, or to a rule
    below others."""
    is_any = False
    for n in below[:HEAD_LINES]:
        if n not in fenced and (any(pair.kind for pair in markup.pairs(lines[n])) or (is_any and _is_rule(lines[n]))):
            return range(below.start, n)
        is_any = is_any or bool(lines[n].strip())
    return below


def _continued(pair: markup.Pair, lines: list[str], start: int, stop: int) -> tuple[str, int]:
    """The value of a pair with the lines from ``start`` on in which it goes on, and the line after these."""
    value, end = pair.value, start
    if pair.kind in (AUTHORS, TAGS):
        while end < stop and lines[end - 1].rstrip().endswith(_GOES_ON) and lines[end].strip():
            if markup.pairs(lines[end]):
                break
            value = f"{value}, {markup.bare(lines[end])}"
            end += 1
    elif pair.kind == TITLE:
        end = _title_end(lines, start, stop)
        value = " ".join([value, *map(str.strip, lines[start:end])])
    elif pair.kind == ABSTRACT:
        end = _paragraph_end(lines, start, stop)
        value = "\n".join([value, *lines[start:end]])
    return value, end


def _below(lines: list[str], start: int, stop: int) -> list[str]:
    """The lines below a label that are its value: up to a blank line, a rule or the next label; of items below an item,
    up to the next that stands no deeper than the label."""
    begin = end = _after_blank(lines, start, stop)
    depth = _depth(lines[start - 1])
    is_within = begin < stop and _depth(lines[begin]) > depth >= 0
    while end < stop and end - begin < MOST_LINES and lines[end].strip() and not markup.pairs(lines[end]):
        if (is_within and 0 <= _depth(lines[end]) <= depth) or (end > begin and _is_rule(lines[end])):
            break
        end += 1
    return lines[start:end] if end > begin else []


def _marked_end(lines: list[str], end: int, stop: int) -> int:
    """The line after further names with marks of footnotes, which may have blank lines between them."""
    while (after := _after_blank(lines, end, stop)) < stop and is_marked(markup.bare(lines[after])):
        end = after + 1
    return end


def _is_rule(line: str) -> bool:
    """Whether a line is a rule, as between the facts of a note and its text."""
    return _RULE.fullmatch(line) is not None


def _depth(line: str) -> int:
    """How deep an item of a list stands, in characters; -1 for what is none."""
    inner = line.lstrip(" \t>")
    return len(line) - len(inner) if markup.is_item(inner) else -1


def _paragraph_end(lines: list[str], start: int, stop: int) -> int:
    """The line after a paragraph, which ends at a label too if that is not far down."""
    begin = end = _after_blank(lines, start, stop)
    while end < stop and lines[end].strip():
        if end - begin < MOST_LINES and markup.pairs(lines[end]):
            break
        end += 1
    return end if end > begin else start


def _after_blank(lines: list[str], start: int, stop: int) -> int:
    """The line ``start``, or the next where that is blank."""
    return start + 1 if start < stop and not lines[start].strip() else start


def _title_end(lines: list[str], start: int, stop: int) -> int:
    """The line after a title, which goes on in lines that are indented, as in lists of arXiv's."""
    end = start
    while end < min(stop, start + 2) and lines[end][:2].isspace() and (line := lines[end].strip()):
        if len(line) > 120 or line[-1] in ".:。：" or markup.bare(line) != line or markup.pairs(line):
            break
        end += 1
    return end


def are_only_in(outline: Outline, number: int) -> bool:
    """Whether a section, and none below, has the facts of a paper: three labels, one of them for its authors."""
    return _are_in(outline, number) and not any(_are_in(outline, n) for n in range(number + 1, len(outline.headings)))


def _are_in(outline: Outline, number: int) -> bool:
    found = map(markup.pairs, outline.text(outline.below(number))[:HEAD_LINES])
    kinds = [pairs[0].kind for pairs in found if pairs]
    return AUTHORS in kinds and sum(kind not in (None, OTHER) for kind in kinds) > 2
