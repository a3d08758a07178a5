"""How people ask for papers: the words before the subject, ``can you recommend something to read on``, which no paper
is about.

Only forms that begin a query and end in front of a subject. Knows no index.
"""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.text.stopwords import BOUNDS, is_year
from papersearch.text.words import QueryWord, query_words

# What such a form begins with, and words of which each has one; few other queries have both.
_OPENERS = frozenset(
    "a any anyone anybody anything are article articles can could did do does find get give good has have help i im is "
    "latest list literature new obtain paper papers please publications recent show some somebody someone something "
    "that the there this we what where which who will would".split()
)
_TELLING = frozenset(
    "anybody anyone article articles authors learn literature need others paper papers people preprint preprints "
    "publication publications read recommend reports research researchers scholars scientists search searching "
    "somebody someone something studied studies study suggest there tried try understand work worked working "
    "works".split()
)
_MOST_WORDS = 20  # of such a form (chosen)

_WHICH = r"(?:an?|the|this|that|all|any|some|other|more|few|many|several|good|best|recent|newe?r?|latest|useful)"
_PLURAL = r"(?:papers|articles|publications|preprints|literature)"
_WORK = r"(?:paper|article|publication|preprint|reports|stud(?:y|ies)|works?|research|something|anything|everything)"
# Only before these is a word such as research no part of the subject.
_ON = r"""(?:(?:to\ read\ )?(?:(?:that|which)\ )?(?:(?:is|are|were|was|been)\ )?(?:published\ |available\ |there\ )?
    (?:(?:deal|deals|dealing|concerned)\ (?:with|about|on)|(?:look|looks|looking|research)\ (?:at|into)
    |about|on|into|regarding|concerning|describing|that|which|where|using)\b)"""
_THEN = r"""(?:\ published|\ written)?(?:\ (?:from|in|of))?\ (?:this|last)\ (?:week|month|year|spring|summer|autumn|fall
    |winter)|(?:\ published|\ written)?\ (?:since|after|before|until)\ (?:19|20)\d\d"""
_PAPERS = rf"(?:(?:{_WHICH}\ )*(?:{_PLURAL}(?:\ exist)?(?:\ {_ON})?|{_WORK}\ {_ON}))"
_SOMEBODY = r"(?:anyone|anybody|somebody|someone|people|researchers|scientists|scholars|authors|others)"
_DID = r"""(?:(?:ever|already|else|been|actually)\ )*(?:tr(?:y|ied)|stud(?:y|ied)|investigated?|explored?|examined?
    |write|wrote|written|look(?:ed)?|worked|work|done?|proposed?|attempted|considered|used?)\b
    (?:\ (?:to|at|into|about|on|for|against|with))?"""
_I = r"(?:i|we)\ (?:(?:am|m|are|re|would|d|ve|have|was|were|really|currently|just|also|urgently)\ )*"
_BEFORE_PAPERS = rf"""
      {_I}(?:need|want|like|looking|look|search|searching|seeking|interested)(?:\ (?:to|for|in|find|read|see|get))*
    | {_I}(?:once\ )?(?:read|remember|recall|saw|seen)(?:\ (?:of|reading|seeing))?
    | (?:(?:can|could|would|will)\ (?:you|{_SOMEBODY})\ (?:please\ )?)?
        (?:recommend|suggest|point|name|list|find|show|give|get|obtain)(?:\ (?:me|us|to|towards))*
    | (?:(?:is|are|was|were|has|have)\ )?there(?:\ (?:is|are|was|were|been))?
    | where\ (?:can|could|do|would)\ (?:i|we|one)\ (?:find|get|see)
    | (?:what|which)(?:\ are)?
"""
# Titles begin with "a study on", and so do none of these.
_PAPERS_ALONE = rf"(?:{_WHICH}\ )*(?:{_PLURAL}(?:{_THEN})?|paper|article|something|anything|everything)\ {_ON}"
_OTHERS = rf"""
      {_I}(?:want|like|need|wish|hope|love|trying)\ to\ (?:learn|understand|read)\ (?:more\ )?(?:about|on|how|why|what)
    | (?:i|we)\ (?:am|m|are|re)\ (?:currently\ )?working\ on
    | (?:can|could|would|will)\ you\ (?:please\ )?(?:recommend|suggest)(?:\ (?:me|us))?
    | help\ (?:me|us)\ (?:to\ )?understand
    | (?:has|have|had|did|does|do)\ (?:any|some)(?:one|body)\ {_DID}
    | (?:what\ did|(?:what\ )?ha(?:s|ve|d))\ {_SOMEBODY}\ {_DID}
    | what\ ha(?:s|ve|d)\ been\ {_DID}
    | what\ (?:should|can|could|must)\ (?:i|we|one)\ read\ (?:about|on)
    | (?:what|which)\ (?:paper|article)
    | who\ (?:(?:has|have|is|else)\ )*(?:works?|worked|working)\ on
"""
_asks = late_pattern(rf"(?:please\ )?(?:(?:{_BEFORE_PAPERS})\ {_PAPERS}|{_PAPERS_ALONE}|{_OTHERS})(?!\S)", re.VERBOSE)
# What an apostrophe leaves of am, would, will, have and are.
_SHORT = frozenset(("m", "d", "ll", "ve", "re"))


def asked_words(text: str) -> list[QueryWord]:
    """The words of a query in order; those that only ask for papers tell as little as stop words. So does a year behind
    ``since`` or ``after``: those who name the year itself are not meant."""
    found = query_words(text)
    many = _asking(found)
    if not many and "'" not in text and "’" not in text and "20" not in text and "19" not in text:
        return found
    before = ["", *(word.word for word in found)]
    return [
        word._replace(stop=True)
        if place < many or _is_short(word, text) or (before[place] in BOUNDS and is_year(word.word))
        else word
        for place, word in enumerate(found)
    ]


def subject_of(text: str) -> str:
    """A question from its subject on; all of it where nothing is said before that, or nothing else."""
    found = query_words(text)
    many = _asking(found)
    return text[found[many].start :] if 0 < many < len(found) else text


def _is_short(word: QueryWord, text: str) -> bool:
    """Whether a word is what an apostrophe leaves of a verb."""
    return word.word in _SHORT and text[word.start - 1 : word.start] in ("'", "’")


def _asking(found: list[QueryWord]) -> int:
    """How many of the words that a query begins with only ask for papers."""
    words = [word.word for word in found[:_MOST_WORDS]]
    if not words or words[0] not in _OPENERS or _TELLING.isdisjoint(words):
        return 0
    form = _asks().match(" ".join(words))
    return form.group().count(" ") + 1 if form else 0
