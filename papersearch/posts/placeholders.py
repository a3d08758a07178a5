"""What generators leave where a text is missing, and what git keeps in place of a file."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(
    r"\W*(?:coming soon|to be (?:added|announced|continued)|tba|tbd|todo|n[/.]?a|none|null|placeholder"
    r"|lorem ipsum.*)\W*",
    re.IGNORECASE | re.DOTALL,
)
# As models write where a paper does not say it, often with why: ``Not specified in the provided text.``
_NOT_SAID = (
    r"not (?:explicitly |clearly |directly )?(?:specified|provided|stated|given|available|listed|mentioned|disclosed"
    r"|reported|indicated|included|identified|applicable)(?:[\s,;:.(–—-].*)?"
    r"|(?:non (?:précisé|mentionné|indiqué|spécifié|communiqué)e?s?|aucune? (?:auteur|mot|date|lien)\b"
    r"|nicht (?:angegeben|genannt)|keine angaben?|no (?:se )?(?:especific|indic|mencion)a(?:d[oa]s?)?"
    r"|não (?:informad|especificad|indicad)[oa]s?"
    r"|non (?:specificat|indicat|disponibil)[oaie])(?:[\s,;:.(–—-].*)?"
)
TO_FILL = r"""["'\s]*(?:<%.*|\{%.*|`r\s[^`]*`|\{\{\s?[\w.@-]+\s?(?:[|:][^{}]*)?(?:\}\}\W*)?)"""
"""What a template was to fill, perhaps cut off, or R: ``<% tp.date.now() %>``, ``{{date:YYYY}}``,
``{% for a in creators %}``; not ``{{DAM}}: Otters``."""
NO_VALUE = re.compile(
    rf"{TO_FILL}|\W*(?:(?:unknown|tba|tbd|todo|n[/.]?a|none|null|true|false|coming soon|last-modified|{_NOT_SAID}"
    r"|未知|不明|不详|未(?:提供|提及|说明|注明|标注|公开|定|记载|記載)|待(?:补充|定|确认|查|更新)|暂?无|暂缺|なし|記載なし"
    r"|없음|미정|미상|미확인|정보 없음|unbekannt|inconnue?s?|desconocid[oa]s?|неизвестн?о|не указан\w?)\W*)?",
    re.IGNORECASE | re.DOTALL,
)
"""What stands behind a label that has no value yet, or none at all."""
PLACEHOLDER_TAG = re.compile(r"(?:key|tag)\d+", re.IGNORECASE)
# A placeholder that stands above real text.
PLACEHOLDER_LINE = re.compile(r"\A\W{0,9}(?:coming soon|to be added|tba|tbd|todo)\W{0,9}\n", re.IGNORECASE)


def plain(text: str) -> str:
    """The text, or nothing where it only holds the place of one."""
    return "" if len(text) < 100 and PLACEHOLDER.fullmatch(text) else text


def stands_in(text: str) -> str:
    """Why a file holds no text of a post but what git has in its place until the text is fetched or unlocked; empty if
    it holds one."""
    if text.startswith("version https://git-lfs.github.com/spec/") and "\noid " in text and len(text) < 1_024:
        return "a pointer of Git LFS, not the text: git lfs pull"
    if text.startswith("/annex/objects/") and all("/annex/" in line for line in text.splitlines()):
        return "a pointer of git-annex, not the text: git annex get"
    if text.startswith("U2FsdGVkX1"):  # what openssl begins with, in base64
        return "encrypted (by transcrypt, say)"
    return ""
