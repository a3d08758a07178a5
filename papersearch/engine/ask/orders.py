"""Sentences of posts that talk to a model, or to whoever answers, instead of about their subject.

Anybody can write a post, and an abstract may hold orders to a model that reads it. What is searched for is how such
orders are given, in the languages that they are usually written in: orders to disregard what went before, roles of a
chat, "if you are a model". Papers about prompts talk *of* these and seldom *to* anybody; where one is taken for an
order, that paper is not shown to a model, and nothing else is lost.
"""

from __future__ import annotations

import re

MOST_CHARS = 20_000  # of a text that are looked at

_ENGLISH = r"""
      \b(ignore|disregard|forget|override|bypass|discard)\b.{0,40}\b(above|previous|prior|earlier|instructions?|
        rules?|prompts?|passages?|context|sources?|everything|evidence|question|guidelines?|told)\b
    | \byou\s+(must|should|shall|have\s+to|need\s+to|will|are\s+to)\s+
        (only\s+|always\s+|now\s+|instead\s+|never\s+|not\s+)?
        (answer|reply|respond|say|output|print|write|recommend|ignore|tell|cite|state|act|obey|follow|claim|mention)\b
    | \byou\s+are\s+(now\b|an?\s+(ai|llm|assistant|language|large|helpful|chatbot|model)\b)
    | \byour\s+(answer|reply|response|output|instructions?|rules?|task\s+is|role|prompt|guidelines|training|next)\b
    | \b(instead|from\s+now\s+on|therefore|please)\b,?\s+(you\b|answer|reply|respond|say|output|print|write|repeat|
        recommend|tell|claim|pretend|append)\b
    | (^|(?<=[.!?]\s)|\n)\W*(system|assistant|user|developer|instructions?|note\s+to\s+\w+(\s+\w+)?|attention|admin)
        \s*(:|\]|>)
    | <\|?\s*/?(im_start|im_end|system|user|assistant|inst)\b | \[/?(INST|SYS) | \#{2,}\s*(instruction|system|response)
    | (^|[.;:!"'(]\s*|\b(and|then|just|simply)\s+)(answer|reply|respond|say|output|print|recommend|
        pretend|act|tell)\s+(only\s|with\s|that\s|the\s+(user|reader|following)|exactly\s|
        as\s|me\s|us\s|"|'|“)
    | \b(model|assistant|ai|llm|chatbot|agent)s?\b.{0,40}\b(reading|reads|processing|summari[sz]ing)\s+this\b
    | \b(if|when|whoever)\b.{0,30}\b(you\s+are|reads?\s+this|reading\s+this)\b
    | \b(new|secret|hidden|real|updated|further)\s+(instructions|orders)\s*[:.]
    | \b(end|begin|start)\s+of\s+(the\s+)?(passages?|context|documents?|evidence|prompt|instructions?)\b
    | \b(your|this)\s+(system|developer)\s+(prompt|message)\b
    | \b(jailbreak|dan)\s+mode\b | \bdo\s+anything\s+now\b
"""
_OTHERS = r"""
      \b(ignorier|vergiss|missachte)\w*\b.{0,50}\b(anweisung|obige|vorherige|bisherige|alles|regeln|frage)
    | \b(antworte|schreibe|gib|empfiehl|sage)\b.{0,25}\b(nur|stattdessen|immer|mit|aus|dass)\b
    | \b(ignore[zr]?|oublie[zr]?)\b.{0,50}\b(instructions?|consignes?|pr[ée]c[ée]dent|ci-dessus|tout)
    | \b(r[ée]ponds|r[ée]pondez|dis|[ée]cris)\b.{0,25}\b(seulement|uniquement|plut[oô]t|que|par)\b
    | \b(ignor[ae]n?|olvida|omite)\b.{0,50}\b(instrucciones|anterior|previas|todo|lo\s+de\s+arriba)
    | \b(responde|escribe|di)\b.{0,25}\b(solo|s[oó]lo|solamente|[uú]nicamente|que|con)\b
    | \b(ignor[ae]|dimentica|esque[çc]a|desconsidere)\b.{0,50}\b(istruzioni|precedenti|
        instru[çc][õo]es|anteriores|tudo|tutto)
    | (игнорируй|забудь|проигнорируй|не\s+обращай\s+внимания).{0,50}(инструкци|указани|предыдущ|выше|правил|вс[её])
    | (忽略|无视|無視|忘记|忘掉|不要理会|請忽略).{0,12}(上述|以上|之前|前面|所有|指令|指示|说明|內容|内容)
    | (以上|上記|前述|これまで|すべて)の?.{0,12}(無視|忘れ)
    | (위의?|이전|모든).{0,12}(지시|명령|내용).{0,8}(무시|잊)
    | (تجاهل|انس).{0,40}(التعليمات|السابقة|أعلاه)
    | (अनदेखा|नज़रअंदाज़).{0,30}(निर्देश|करें|करो) | (निर्देश\w*).{0,20}(अनदेखा|नज़रअंदाज़)
    | \b(önceki|yukarıdaki)\b.{0,30}\b(talimat\w*|yok\s+say|unut)
    | \b(negeer|vergeet)\b.{0,40}\b(instructies|bovenstaande|eerdere|alles)
    | \b(zignoruj|ignoruj|zapomnij)\b.{0,40}\b(polecenia|instrukcje|poprzednie|powyższe|wszystko)
"""
_ADDRESSED = re.compile(f"{_ENGLISH} | {_OTHERS}", re.IGNORECASE | re.VERBOSE)
# Written between, into or over the letters, so that people see something else than a model reads.
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")
_CARRIED = re.compile("[\U000e0020-\U000e007e]{4,}")  # letters that are not shown at all


def is_addressed(text: str) -> bool:
    """Whether a text talks to whoever answers. Costs about 1 ms for each 1,000 characters."""
    head = text[:MOST_CHARS]
    if _CARRIED.search(head):
        return True
    return _ADDRESSED.search(_UNSEEN.sub("", head) if not head.isascii() else head) is not None
