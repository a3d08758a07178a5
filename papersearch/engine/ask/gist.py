"""What a paper is about, in its own sentences: what its authors did, and what they found.

Abstracts say so in a few forms: ``we introduce``, ``this paper compares``, ``results show``. Forms and no meaning, as
elsewhere in this room: an abstract without any of them is quoted from its beginning.
"""

from __future__ import annotations

import re
from itertools import islice

from papersearch.text import sentences

MOST_DONE, MOST_FOUND, MOST_BEGUN = 3, 1, 2
"""Sentences that are quoted of what was done, of what was found, and from the beginning of other texts (chosen)."""
MOST_CHARS = 20_000  # of a text that are looked at (chosen: more than any abstract)

_WORK = r"(?:paper|article|work|study|report|survey|review|thesis|chapter|tutorial|research|project|note|dataset|book)"
_DONE = re.compile(
    rf"""\b(?:we(?:\s+(?:\w+ly|also|then|thus|here|first|further|have|do|present\s+and))?
        |(?:this|the\s+present|our|the\s+current)\s+(?:\w+\s+)?{_WORK}(?:\s+(?:\w+ly|also|thus))?
        |the\s+authors?)\s+
      (?:present|introduc|propos|develop|design|describ|report|stud[iy]|investigat|explor|examin|analy[sz]|review|survey
      |compar|evaluat|assess|address|tackl|extend|formulat|establish|prove|provid|offer|creat|build|built|collect|releas
      |construct|demonstrat|show|argue|conduct|perform|focus|aim|seek|attempt|consider|revisit|discuss|devis|deriv|appl
      |leverag|contribut|advoca|initiat|outlin|implement|train|curat|summari[sz]|deal|is\s+about|set\s+out|put\s+forward)
    |\b(?:is|are|was|were)\s+(?:introduced|proposed|presented|developed|designed)\b
    |\b(?:in|throughout)\s+(?:this|the\s+present)\s+{_WORK}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ELSEWHERE = re.compile(r"https?://|\b(?:code|data\w*|models?|weights)\b.{0,60}\bavailable\b", re.IGNORECASE)
_FOUND = re.compile(
    r"""\b(?:results?|experiments?|evaluations?|findings?|simulations?|validations?|verification|tests?|analys[ie]s
        |observations?|comparisons?|stud(?:y|ies)|benchmarks?)\b[^.;]{0,120}?\s
      (?:show|demonstrat|suggest|indicat|reveal|confirm|outperform|achiev|validat|prove|highlight|establish|verif|yield)
    |\bwe\s+(?:also\s+)?(?:find|found|observe|show|demonstrate|conclude|achieve)\b
    |\b(?:outperform|surpass)(?:s|ed|ing)?\b""",
    re.IGNORECASE | re.VERBOSE,
)


def gist(text: str) -> list[str]:
    """The sentences of an abstract that tell what the paper is about, in its order; of any other text the first."""
    text = text[:MOST_CHARS]
    if not text.strip():
        return []
    every = [" ".join(text[start:end].split()) for start, end in sentences.find(_unfolded(text)).spans()]
    said = (n for n, each in enumerate(every) if _DONE.search(each) and not _ELSEWHERE.search(each))
    done = [*islice(said, MOST_DONE)]
    if not done:
        return every[:MOST_BEGUN]
    later = range(done[0] + 1, len(every))
    found = [n for n in later if n not in done and _FOUND.search(every[n])]
    return [every[n] for n in sorted({*done, *found[:MOST_FOUND]})]


def _unfolded(text: str) -> str:
    """The text with blanks for line breaks that only fold a line; no place in it moves."""
    return re.sub(r"(?<=[^\n.!?:])\n(?=[^\n\-*#>|\d])", " ", text)
