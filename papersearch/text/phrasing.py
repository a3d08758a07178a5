"""How people ask for papers: the words before the subject, ``can you recommend something to read on``, which no paper
is about, and those behind it that say what is not meant, ``but not about robots``.

Only forms that begin a query and end in front of a subject, or stand at its end. Knows no index.
"""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.text.stopwords import BOUNDS, NO_ACRONYMS, is_year
from papersearch.text.words import QueryWord, query_words

# What such a form begins with, and words of which each has one; few other queries have both.
_OPENERS = frozenset(
    "a according any anybody anyone anything are article articles best can could did do does famous find get give "
    "good has have hello help hey hi i im is key latest link list literature looking most new obtain original paper "
    "papers pdf please publications recent relevant remind search seminal show some somebody someone something sum "
    "summarise summarize that the there this we what where which who will would write".split()
)
_TELLING = frozenset(
    "advances anybody anyone article articles author authored authors developments findings insights learn literature "
    "need new notes others overview paper papers people posts preprint preprints publication publications published "
    "read recommend reports research researchers results scholars scientists search searching somebody someone "
    "something state studied studies study suggest summary there trends tried try understand work worked working "
    "works writes writing written wrote".split()
)
_MOST_WORDS = 20  # of such a form (chosen)

_WHICH = r"""(?:an?|the|this|that|all|any|some|other|more|few|many|several|good|best|recent|newe?r?|latest|useful
    |relevant|seminal|original|famous|key|most\ (?:cited|important|recent|relevant)|(?:19|20)\d\d)"""
_PLURAL = r"(?:papers|articles|publications|preprints|literature)"
_WORK = r"(?:paper|article|publication|preprint|reports|stud(?:y|ies)|works?|research|something|anything|everything)"
# Only before these is a word such as research no part of the subject.
_ON = r"""(?:(?:to\ read\ )?(?:(?:that|which)\ )?(?:(?:is|are|were|was|been)\ )?(?:published\ |available\ |there\ )?
    (?:(?:deal|deals|dealing|concerned)\ (?:with|about|on)|(?:look|looks|looking|research)\ (?:at|into)
    |about|on|into|regarding|concerning|describing|that|which|where|using|(?:similar|related)\ to)\b)"""
_THEN = r"""(?:\ published|\ written)?(?:\ (?:from|in|of))?\ (?:this|last)\ (?:week|month|year|spring|summer|autumn|fall
    |winter)|(?:\ published|\ written)?\ (?:from|in|of|since|after|before|until)\ (?:19|20)\d\d"""
_PAPERS = rf"(?:(?:{_WHICH}\ )*(?:{_PLURAL}(?:\ exist)?(?:\ {_ON})?|{_WORK}\ {_ON}))"
_SOMEBODY = r"(?:anyone|anybody|somebody|someone|people|researchers|scientists|scholars|authors|others)"
_DID = r"""(?:(?:ever|already|else|been|actually)\ )*(?:tr(?:y|ied)|stud(?:y|ied)|investigated?|explored?|examined?
    |write|wrote|written|look(?:ed)?|worked|work|done?|proposed?|attempted|considered|used?)\b
    (?:\ (?:to|at|into|about|on|for|against|with))?"""
_I = r"(?:i|we)\ (?:(?:am|m|are|re|would|d|ve|have|was|were|really|currently|just|also|urgently|once|vaguely)\ )*"
_BEFORE_PAPERS = rf"""
      {_I}(?:need|want|like|looking|look|search|searching|seeking|interested)(?:\ (?:to|for|in|find|read|see|get))*
    | {_I}(?:trying\ to\ )?(?:find|read|remember|recall|saw|seen)(?:\ (?:of|reading|seeing))?
    | (?:(?:can|could|would|will)\ (?:you|{_SOMEBODY})\ (?:please\ )?)?(?:help\ (?:me|us)\ (?:to\ )?)?
        (?:recommend|suggest|point|name|list|find|show|give|get|obtain|remind|search|look)
        (?:\ (?:me|us|to|towards|for|of))*
    | (?:(?:do|does|did|has|have)\ )?(?:you|{_SOMEBODY})\ (?:know|have)(?:\ of)?(?:\ an?\ link\ to)?
    | (?:are\ you|is\ {_SOMEBODY})\ aware\ of
    | (?:the\ )?(?:link|pdf)\ (?:to|of|for)
    | what(?:\ is|\ was)?(?:\ the\ (?:name|title)\ of)?
    | (?:looking|searching)\ for
    | (?:(?:is|are|was|were|has|have)\ )?there(?:\ (?:is|are|was|were|been))?
    | where\ (?:can|could|do|would)\ (?:i|we|one)\ (?:find|get|see)
    | (?:what|which)(?:\ are)?
"""
# Titles begin with "a study on", and so do none of these.
_PAPERS_ALONE = rf"""(?:{_WHICH}\ )*(?:{_PLURAL}(?:{_THEN})?|paper|article|something|anything|everything)
    \ (?:{_ON}|(?:(?:written|published|authored)\ )?by\b)"""
_SOURCES = rf"""(?:(?:{_WHICH}|these|those|my|our|your|scientific|published|existing)\ )*
    (?:of\ the\ )?(?:{_PLURAL}|paper|posts|notes|studies|research|researchers|scientists|scholars|authors|works?)"""
_SAY = r"""(?:(?:said|says?|found|finds?|tells?(?:\ (?:me|us))?|shows?|shown|reports?|reported|writes?|written
    |concludes?|learn(?:ed|t)?|deal|discuss|mention|address|cover|talk|speak)(?:\ (?:anything|something))?
    (?:\ (?:about|on|of|with|regarding))?|about|on|in|into)"""
_LATEST = r"(?:(?:an?|the|all|main|key|most|important|recent|latest|current|newest|short|brief|quick|good)\ )*"
_SUM_UP = r"(?:(?:can|could)\ you\ )?(?:summari[sz]e|sum\ up|describe|explain|review)"
_GIVE = rf"(?:(?:can|could)\ you\ )?(?:give|write|show)\ (?:(?:me|us)\ )?{_LATEST}"
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
    | (?:what\ (?:do|does|did|have|has)|(?P<alone>according\ to)|do|does|did|{_SUM_UP}|{_GIVE}(?:overview|summary)\ of)
        \ {_SOURCES}(?(alone)|\ {_SAY})
    | what(?:\ is|\ are)?\ new\ (?:in|on|about|with)
    | (?:what(?:\ are|\ were|\ is)?|{_SUM_UP})\ {_LATEST}(?:findings|results|advances|developments|trends|insights|state
        \ of\ (?:the\ art|the\ field|research|knowledge))\ (?:about|on|in|for|of|from|regarding)
    | {_GIVE}(?:overview|summary)\ (?:of|on|about)
    | who\ (?:(?:has|have|is|else)\ )*(?:(?:works?|worked|working)\ on|(?:writes?|writing)\ (?:about|on)
        |(?:wrote|written|authored|published)(?:\ (?:about|on))?)
    | who\ (?:is|are|was|were)\ the\ (?:(?:first|lead)\ )?authors?\ of
"""
_asks = late_pattern(
    rf"(?:(?:hello|hey|hi)\ )?(?:please\ )?(?:(?:{_BEFORE_PAPERS})\ {_PAPERS}|{_PAPERS_ALONE}|{_OTHERS})(?!\S)",
    re.VERBOSE,
)
# What is not meant stands behind one of these, at the end, and what it is not meant of before them: two words, since
# "necessary but not sufficient" is said of what follows. Titles have these words with capitals, or not near their end
# (9 of 87,288). ``Without`` and ``not`` alone are part of the subject (455 and 192): who asks for transformers without
# attention wants papers that speak of it.
_MARKING = frozenset(("but", "except", "excluding", "not", "nothing", "unrelated"))
_MOST_UNMEANT = 4  # telling words (chosen)
_LONGEST_UNMEANT = 1_000  # characters from the end in which it is looked for, from each of these words on (chosen)
_unmeant = late_pattern(
    r"""(?<=[\s,(])(?:(?:but\ )?not\ (?:about|by|related\ to)|unrelated\ to|nothing\ to\ do\ with|(?P<but>but\ not)
    |(?<!for\ )(?<!of\ )(?<!by\ )(?<!when\ )(?:except(?:\ for)?|excluding))
    \ (?!(?:only|just|always|yet|too|so|as|all|when|where|if|that|in)\b|\w+ly\b)
    (?P<what>(?:(?!\b(?:is|are|was|were|does|do|can|will)\b)[^.?!;:()"])+)[.?!)\s]*\Z""",
    re.VERBOSE,
)
_SEVERAL = re.compile(r",|\b(?:and|or|nor)\b")
# What a query ends in that has a name or a topic before it: ``the NeRF paper``, as no title of 87,288 does; and what
# makes another thing of it.
_LAST = frozenset("article paper preprint".split())
_OTHERWISE = NO_ACRONYMS | {"my", "our", "position", "term", "that", "this", "white", "your"}
# What an apostrophe leaves of am, would, will, have and are.
_SHORT = frozenset(("m", "d", "ll", "ve", "re"))


def asked_words(text: str) -> list[QueryWord]:
    """The words of a query in order; those that only ask for papers tell as little as stop words, and so do those that
    are not meant. So does a year behind ``since`` or ``after``: those who name the year itself are not meant. Another
    year of what only asks is kept, since papers of it are."""
    found = query_words(text)
    many, end = asking(found), _end_of_meant(text, found)
    if many < len(found) - 1 and end == len(text) and _asks_at_its_end(found):
        end = found[-1].start
    if not many and end == len(text) and "'" not in text and "’" not in text and "20" not in text and "19" not in text:
        return found
    before = ["", *(word.word for word in found)]
    return [
        word._replace(stop=True)
        if (place < many and not is_year(word.word))
        or word.start >= end
        or _is_short(word, text)
        or (before[place] in BOUNDS and is_year(word.word))
        else word
        for place, word in enumerate(found)
    ]


def subject_of(text: str) -> str:
    """A question from its subject on, up to what is not meant; all of it where nothing is said before that, or nothing
    else."""
    found = query_words(text)
    many, end = asking(found), _end_of_meant(text, found)
    subject = text[found[many].start if 0 < many < len(found) else 0 : end]
    return subject if end == len(text) else subject.rstrip(" ,(")


def unmeant_in(text: str) -> list[str]:
    """What a query says that is not meant, each without the words around it that tell nothing: ``robots``."""
    if not any(word in text for word in _MARKING):  # as nearly always
        return []
    end = _end_of_meant(text, query_words(text))
    said = _unmeant().search(text, end - 1) if end < len(text) else None
    if said is None:
        return []
    inner = [[word for word in query_words(part) if not word.stop] for part in _SEVERAL.split(said["what"])]
    return [" ".join(word.text for word in part) for part in inner if part]


def _end_of_meant(text: str, found: list[QueryWord]) -> int:
    """Where the words begin that say what is not meant; the end of the text if there are none."""
    if _MARKING.isdisjoint([word.word for word in found]):
        return len(text)
    said = _unmeant().search(text, max(0, len(text) - _LONGEST_UNMEANT))
    if said is None:
        return len(text)
    subject = sum(not word.stop for word in found[asking(found) :] if word.start < said.start())
    unmeant = sum(not word.stop for word in found if word.start >= said.start("what"))
    meant = subject > 1 or (subject == 1 and said["but"] is None)
    return said.start() if meant and 0 < unmeant <= _MOST_UNMEANT else len(text)


def _asks_at_its_end(found: list[QueryWord]) -> bool:
    """Whether the last word of a query asks for the paper on those before it."""
    *others, last = found
    return last.word in _LAST and others[-1].word not in _OTHERWISE and not all(word.stop for word in others)


def _is_short(word: QueryWord, text: str) -> bool:
    """Whether a word is what an apostrophe leaves of a verb."""
    return word.word in _SHORT and text[word.start - 1 : word.start] in ("'", "’")


def asking(found: list[QueryWord]) -> int:
    """How many of the words that a query begins with only ask for papers."""
    words = [word.word for word in found[:_MOST_WORDS]]
    if not words or not (words[0] in _OPENERS or is_year(words[0])) or _TELLING.isdisjoint(words):
        return 0
    form = _asks().match(" ".join(words))
    return form.group().count(" ") + 1 if form else 0
