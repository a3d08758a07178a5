"""LaTeX as the text that it prints: accents, symbols, formulas in a line of plain characters.

Strings in, strings out, in time linear in the text. What is no LaTeX that is known stays as it is.
"""

from __future__ import annotations

import re
import unicodedata

from papersearch.text.symbols import ACCENTS, BLANK, DROPPED, LOWERED, RAISED, SILENT, SYMBOLS

# A formula: what stands between dollars as Pandoc reads them (no blank inside next to a dollar, no digit after), or
# between dollars with a command inside. Bounded, so that a stray dollar costs little.
_DOLLARS = re.compile(r"\$\$?(?=\S)([^$]{1,600}?)(?<=\S)\$\$?(?!\d)|\$([^$\\]{0,200}\\[^$]{1,400})\$")
_BRACKETED = re.compile(r"\\\((.{1,600}?)\\\)|\\\[(.{1,600}?)\\\]", re.DOTALL)
_MATH_ACCENTS = {"acute": "'", "grave": "`"}
_ACCENT = re.compile(
    r"""\\(?:(['"`^~=.])|([uvHcdbrk])(?=[\s{\\])|(acute|grave)(?=\{))\s?"""
    r"""(?:\{\s?\\?([A-Za-zı])\s?\}|\\?([A-Za-z]))"""
)
_BRACED_ACCENT = re.compile(r"\{(\\['\"`^~=.uvHcdbrk]\s?\{?\\?[A-Za-z]\}?)\}")
_LINK = re.compile(
    r"\\href\s{0,3}\{([^{}]{0,2000})\}\s{0,3}\{([^{}]{0,2000})\}|\\(?:url|path)\s{0,3}\{([^{}]{0,2000})\}"
)
_UNICODE = re.compile(r"\\unicode\{x([0-9A-Fa-f]{1,6})\}")
_FRACTION = re.compile(r"\\[td]?frac\s?(?:\{([^{}]{1,200})\}|(\d))\s?(?:\{([^{}]{1,200})\}|(\d))")
_DROPPED = re.compile(
    rf"\s?\\(?:{'|'.join(sorted(DROPPED, key=len, reverse=True))})(?![A-Za-z])\*?"
    r"(?:\[[^\[\]]{0,200}\])*(?:\{[^{}]{0,500}\})*"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?[ ]?")
_SCRIPT = re.compile(r"([_^])\s?(?:\{([^{}]{1,100})\}|([^\s{}\\_^$(]))")
_ESCAPED = re.compile(r"\\([%&_#${}])")
_SPACING = re.compile(r"\\[,;:!>/ ]|\\\\|\\$")
_TIE = re.compile(r"(?<=[\w.])~(?=[\w\\$])")
_DASHES = re.compile(r"(?<=[\w)\"”])(---?)(?=\w)|(?<=\s)(---?)(?=\s)")


# What Markdown could take for its marks in a formula, and where it waits until Markdown is done.
_GUARD = str.maketrans("_*`[]", "\ue05f\ue02a\ue060\ue05b\ue05d")
UNGUARD = str.maketrans("\ue05f\ue02a\ue060\ue05b\ue05d", "_*`[]")


def to_text(text: str) -> str:
    """``text`` with its LaTeX as it reads when printed. Marks within formulas are guarded: ``translate(UNGUARD)``."""
    if "\\" in text or "$" in text:
        text = _LINK.sub(_link, text)
        text = _UNICODE.sub(_code_point, text)
        text = _ACCENT.sub(_accent, _BRACED_ACCENT.sub(r"\1", text))
        text = _BRACKETED.sub(lambda found: _formula(found[1] or found[2]), text)
        text = _DOLLARS.sub(lambda found: _formula(found[1] or found[2]), text)
        if "\\" in text:
            text = _commands(text)
    if "--" in text:
        text = _DASHES.sub(lambda found: "—" if "---" in found[0] else "–", text)
    if "``" in text and "''" in text:
        text = text.replace("``", "“").replace("''", "”")
    return text


def _link(found: re.Match[str]) -> str:
    if found[3] is not None:
        return found[3]
    address, label = found[1], found[2].strip()
    return address if not label or label in address else label


def _code_point(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""


def _accent(found: re.Match[str]) -> str:
    mark = found[1] or found[2] or _MATH_ACCENTS[found[3]]
    return unicodedata.normalize("NFC", (found[4] or found[5]) + ACCENTS[mark])


def _formula(text: str) -> str:
    """A formula in one line of plain characters."""
    text = _commands(text, formula=True)
    for _ in range(3):  # scripts of scripts of scripts are rare, and braces are gone after the inner ones
        shorter = _SCRIPT.sub(_script, text)
        if shorter == text:
            break
        text = shorter
    return re.sub(r"\s+", " ", text.replace("{", "").replace("}", "").replace("~", " ")).strip().translate(_GUARD)


def _script(found: re.Match[str]) -> str:
    """An index or exponent: small characters where there are such, else its mark and the text."""
    content = (found[2] or found[3]).strip()
    small = content.translate(LOWERED if found[1] == "_" else RAISED)
    if small != content and not any(character in content for character in small):
        return small
    if content in ("′", "∘", "°", "∗", "*", "†"):
        return {"∘": "°"}.get(content, content)
    return found[1] + (content if content.isalnum() else f"({content})")


def _commands(text: str, formula: bool = False) -> str:
    """``text`` with its commands replaced; the braces of their arguments go as well."""
    text = _DROPPED.sub("", text)
    for _ in range(2):
        text = _FRACTION.sub(lambda found: f"{found[1] or found[2]}/{found[3] or found[4]}", text)
    before = text
    text = _COMMAND.sub(_command, text)
    if text != before and not formula:
        text = _SCRIPT.sub(_script, text) if "_{" in text or "^{" in text else text
    text = _SPACING.sub(" ", text)
    protected = _ESCAPED.sub(lambda found: chr(0xE000 + ord(found[1])), text)
    if not formula and before != text:
        protected = protected.replace("{", "").replace("}", "")
    protected = _TIE.sub(" ", protected)
    return re.sub("[\ue023-\ue07f]", lambda found: chr(ord(found[0]) - 0xE000), protected)


def _command(found: re.Match[str]) -> str:
    name = found[1]
    if name in SYMBOLS:
        # The blank after a symbol ends the command's name and is not printed, but between words it reads better.
        return SYMBOLS[name] + (" " if found[0].endswith(" ") and name not in ("i", "j") else "")
    if name in SILENT:
        return ""
    if name in BLANK:
        return " "
    return name + (" " if found[0].endswith(" ") else "")
