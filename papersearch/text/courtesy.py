"""What people say around a question and to whoever answers it: greetings, thanks, how the answer should be.

Papers say nothing of that. Only forms at the beginning and at the end, beside which a question is left. Knows no index.
"""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.text.words import query_words

_MOST_FORMS = 4  # on each side (chosen)
_MOST_CHARS = 160  # of one form with what stands before it (chosen)

_greeting = late_pattern(
    r"""\W*(?:
      (?:(?:hi|hello|hey|dear|greetings|good\ (?:morning|afternoon|evening|day))
        (?:\ (?:there|again|all|everyone|everybody|folks|team|papersearch|assistant|sir|madam))*
        |ok(?:ay)?|well|thanks|thank\ you|please|sorry
        |(?:(?:a|my|one|another|next|quick|short|simple|general|dumb)\ )*question(?:\ (?:for\ you|\d+))?|q\ ?\d*)
      \ ?(?:[,:!;.–—]+|-(?=\ ))
    |(?:(?:i\ (?:was|am)|i['’]m)\ (?:just\ )?(?:wondering|curious)|i\ wonder
      |(?:i\ have\ )?(?:a|one)\ (?:quick\ )?question)
      (?:\ ?[,:.;–—]+|\ (?=if\b|whether\b|how\b|what\b|which\b|why\b|who\b|when\b|where\b))
    |(?:please\ )?(?:answer|tell|help|(?:i|we)\ (?:need|want|would\ like)\ to\ know)\b[^.?!:]{0,60}:
    )\ ?""",
    re.IGNORECASE | re.VERBOSE,
)
_MANY = r"(?:an?|one|two|three|four|five|a\ few|a\ single|\d+)"
_SOURCES = r"""(?:(?:your|the|all|some|any|exact|relevant)\ )*
    (?:sources|references|citations|examples|links|evidence|details|page\ numbers)"""
_MANNER = rf"""(?:
      briefly|concisely|precisely|in\ (?:short|brief|detail|full)|step\ by\ step
    | (?:in|as|using|with)\ (?:{_MANY}\ )?
      (?:(?:short|simple|plain|full|complete|bullet|numbered|layman['’]?s?|your\ own)\ )*
      (?:sentences?|words?|lines?|paragraphs?|points?|bullets?|lists?|terms|english|language)
    | (?:(?:at\ most|max(?:imum)?|no\ more\ than|up\ to)\ )?{_MANY}\ (?:short\ )?(?:sentences?|words|lines|paragraphs?)
    | with\ {_SOURCES})(?:\ (?:only|please|max(?:imum)?|at\ most|each))*"""
_TELL = r"""(?:answer|reply|respond|explain|elaborate|write|be|keep|make|cite|give|provide|include|add|list|quote
    |show|use)
    (?:\ (?:me|us|it|this|that|your|the|an?|answers?|reply|response|all|only|very))*"""
_closing = late_pattern(
    rf"""(?:
      (?:^|[\s,.;:!?(–—-])(?:(?:many\ )?(?:thanks|thank\ you|thx)(?:\ (?:a\ lot|so\ much|very\ much|in\ advance|again
        |for\ (?:your|the|any)\ (?:help|time|answers?)))*(?:,\ \w+)?|cheers|(?:please|pls|plz))
    |[,.;!?(–—]\ *(?:please\ )?(?:also\ )?(?:and\ )?(?:(?:{_TELL}\ )?{_MANNER}
        |{_TELL}\ (?:brief|short|concise|precise|simple|{_SOURCES})
        |(?:explain|elaborate|say)(?:\ (?:it|this|that))?(?:\ (?:why|how|yourself))?)
    )[\s.,!?)]*\Z""",
    re.IGNORECASE | re.VERBOSE,
)


def without_courtesy(question: str) -> str:
    """A question without what is said around it; as it stands where nothing else would be left."""
    start, end = 0, len(question)
    for _ in range(_MOST_FORMS):
        found = _greeting().match(_in_line(question[start : start + _MOST_CHARS]))
        if found is None or not _asks(question[start + found.end() : end]):
            break
        start += found.end()
    for _ in range(_MOST_FORMS):
        tail = max(start, end - _MOST_CHARS)
        found = _closing().search(_in_line(question[tail:end]))
        if found is None or not _asks(question[start : tail + found.start()]):
            break
        # The mark before a form ends the question.
        end = tail + found.start() + (question[tail + found.start()] in "?!.")
    return question[start:end]


def _in_line(text: str) -> str:
    """The text with a blank for each line break and tab, so that offsets stay."""
    return re.sub(r"\s", " ", text)


def _asks(text: str) -> bool:
    """Whether a text has a word that could be looked for."""
    return any(not word.stop for word in query_words(text))
