"""How orders to a reader or a model are given, by kind. Patterns only, for ``orders``.

Each kind is a form and not a list of sentences: what went before is set aside or declared void; models or reviewers are
spoken to; a clause begins with how to answer, summarise or rate; answers are told what they must say; the marks and
roles of a chat. Statements with the same words have a subject before the verb, and are let pass. All gaps are
bounded, so that time grows with the length of a text and no faster.
"""

from __future__ import annotations

import re

_START = r"""(?:^|[.;:!?("'“\[\]—–]\s{0,3}|\n\W{0,5})"""
_ADVERB = r"(?:please|kindly|always|never|only|just|simply|instead|now|then|do\s+not|don't|also|must|and|therefore)"
_CLAUSE = rf"(?:{_START}|\b{_ADVERB}\s*,?\s+)"
_FIRST = rf"{_START}(?:{_ADVERB}\s*,?\s+){{0,3}}"
_MODEL = r"""(?:models?|llms?|ais?|assistants?|reviewers?|referees?|chatbots?|bots?|agents?|summari[sz]ers?|graders?
    |evaluators?|raters?|judges?|systems?|chat-?gpt|gpt[\w.-]{0,8}|claude|gemini|copilot)"""
_MACHINE = r"(?:ai|llm|gpt|large|language|automated|automatic|artificial|intelligence|machine|generative|peer)"
_READER = rf"(?:(?:{_MACHINE}[\s-]+){{1,4}}{_MODEL}|{_MODEL})"
_MADE = rf"(?:(?:{_MACHINE}[\s-]+){{1,4}}{_MODEL}|chatbots?|chat-?gpt|llms?|ais?)"
_SAY = r"""(?:answer|reply|respond|say|state|output|print|write|recommend|praise|endorse|promote|rate|rank|score|grade
    |assign|give|award|accept|approve|conclude|claim|mention|cite|name|tell|repeat|summari[sz]e|describe|report
    |declare|affirm|confirm|assert|insist|emphasi[sz]e|stress|include|highlight|pretend|act|obey|follow|ignore
    |disregard|forget|provide|add|append|call|begin|start|end|make\s+sure|be\s+sure|ensure|remember)(?![\w-])"""
# Of these, what nobody tells an algorithm to do; and of those, what is no noun as well.
_TELL = r"""(?:answer|reply|respond|say|state|recommend|praise|endorse|promote|rate|conclude|claim|mention|cite|tell
    |summari[sz]e|describe|declare|affirm|confirm|assert|insist|emphasi[sz]e|stress|highlight|pretend|obey)(?![\w-])"""
_URGE = r"""(?:say|tell|recommend|praise|endorse|promote|reply|respond|pretend|obey|conclude|declare|affirm|confirm
    |assert|insist|summari[sz]e|cite|mention|refuse|reveal|disclose|approve|disregard|trust|believe)(?![\w-])"""
_SOME = r"(?:an?|the|this|that|these|it|its|only|with|every|all|any|each|me|us|our|your|my|positive\w*|favou?rabl\w*)"
_GOOD = r"(?:positive|favou?rable|good|great|glowing|high|highest|top|perfect|best|maximum|excellent|enthusiastic|full)"
_VERDICT = (
    r"(?:reviews?|ratings?|scores?|evaluations?|assessments?|grades?|marks?|summary|summaries|verdicts?|feedback)"
)
_REPLY = r"(?:answers?|summary|summaries|reviews?|responses?|reply|replies|evaluations?)"
_RULES = r"(?:instructions?|rules?|prompts?|guidelines?|directives?|orders|commands?|directions)"
_BEFORE = r"(?:above|previous|prior|earlier|preceding|foregoing)"
_PAPER = r"(?:paper|work|method|article|submission|manuscript|approach|study|model|authors?)"

# What went before is set aside, or said to be void.
_OVERRIDE = rf"""
      \b(?:ignore|disregard|forget|override|bypass|discard)\b.{{0,40}}\b(?:above|{_RULES}|told)\b
    | {_CLAUSE}(?:ignore|disregard|forget|override|bypass|discard|skip|dismiss|abandon|set\s+aside|stop\s+following
        |(?:follow|obey|heed)\s+none\s+of|pay\s+no\s+attention\s+to|take\s+no\s+notice\s+of)(?![\w-]).{{0,40}}
        \b(?:{_BEFORE}|{_RULES}|told|passages?|context|sources?|everything|evidence|questions?)\b
    | \b(?:do\s+not|don't|never|stop)\s+(?:follow|obey|heed|following|obeying|heeding)\b.{{0,30}}
        \b(?:{_BEFORE}|{_RULES}|told)\b
    | \b(?:{_BEFORE}|all|any|these|those|your|other|original|system)\s[\w\s]{{0,20}}\b{_RULES}\b[^.;]{{0,25}}
        (?:\b(?:are|is|be|become|been|were)\b[^.;]{{0,15}}\b(?:void|invalid|null|cancell?ed|revoked|obsolete|superseded
        |overruled|overridden|withdrawn|suspended|lifted|disregarded|forgotten|ignored)\b
        |\bno\s+longer\s+(?:apply|hold|count|valid|binding|in\s+force))
    | (?:ignore|disregard|forget|override|bypass)\w{{0,40}}(?:instruction|previous|above|prompt|everything)
    | \b(?:new|secret|hidden|real|updated|further)\s+(?:instructions|orders)\s*[:.]
    | {_CLAUSE}(?:consider|treat|regard|view)\s[^.;]{{0,30}}\b(?:{_BEFORE}|{_RULES})\b[^.;]{{0,20}}\b(?:void|invalid
        |null|cancell?ed|revoked|obsolete|superseded|overridden|false|wrong)\b
    | \b{_RULES}\s+(?:that\s+|which\s+)?you\s+(?:were|have|had|got|received|follow)\b
    | {_CLAUSE}forget\s+(?:what|all|everything|anything)\b
    | \b(?:text|everything|anything|lines?|passages?|contents?|sentences?)\s+(?:{_BEFORE}|before|so\s+far|up\s+to)\b
        [^.;]{{0,30}}\b(?:is|are)\b[^.;]{{0,15}}\b(?:void|not\s+to|ignored|wrong|false|fake|over|obsolete|invalid)\b
"""
# Models, reviewers or whoever reads are spoken to.
_ADDRESS = rf"""
      \b(?:dear|hey|hi|hello)\s*,?\s+(?:[a-z]+\s+)?{_READER}\b
    | \b(?:note|notice|message|memo|reminder|instructions?|word|appeal)\s+(?:to|for)
        \s+(?:the\s+|all\s+|any\s+|every\s+)*{_READER}\b(?:\s*[:,.!;—–-]|\s+(?:who|that|reading|processing))
    | {_START}attention\s*[,:!]?\s+(?:all\s+|any\s+|every\s+)*{_MADE}\s*[:,!]
    | {_START}(?:to\s+)?(?:all\s+|any\s+|every\s+|the\s+)*{_READER}\s*[:,;—–-]+\s*(?:please\b|kindly\b|you\b|always\b
        |never\b|do\s+not\b|don't\b|{_TELL}\s+{_SOME}\b|{_URGE})
    | {_START}(?:all\s+)?(?:(?:{_MACHINE}[\s-]+)?(?:reviewers?|referees?|judges?|graders?)|{_MADE})\s*[:,;—–-]+\s*
        {_SAY}\s+{_SOME}\b
    | \b{_MADE}\s+(?:must|shall|are\s+(?:hereby\s+)?(?:instructed|ordered|required|asked|requested|told|reminded)\s+to)
        \s+(?:always\s+|only\s+|now\s+|never\s+)?{_SAY}
    | \b{_MODEL}\s+(?:must|shall|should|ought\s+to|need\s+to|ha(?:s|ve)\s+to)\s+(?:\w+\s+)?(?:accept|approve|praise
        |endorse|recommend|promote|give|award|assign|rate|score|rank)\s+(?:this|our|my)\s+{_PAPER}\b
    | \b(?:important|warning|urgent|reminder|priority|critical|mandatory|note)\s*[:!]+\s*(?:please\b|you\b|always\b
        |never\b|do\s+not\b|don't\b|when\b|if\s+you|{_MADE}\b|{_SAY}\s+{_SOME}\b)
    | \bas\s+an?\s+{_READER}\s*,\s*(?:{_ADVERB}\s+)?(?:{_SAY}|you\b)
    | {_START}(?:new\s+(?:task|role|goal|objective|rule|mission|order)|override|reviewer\s+instructions?)\s*:
    | \b(?:model|assistant|ai|llm|chatbot|agent|reviewer)s?\b.{{0,40}}\b(?:reading|reads|processing|reviewing
        |summari[sz]ing)\s+this\b
    | \b(?:if|when|whoever)\b.{{0,30}}\b(?:reads?\s+this|reading\s+this)\b
    | \b(?:if|when(?:ever)?|as|since|because)\s+you\s+are\s+(?:an?|the|asked|told|reading|reviewing|summari[sz]ing)\b
    | \byou\s+(?:must|should|shall|have\s+to|need\s+to|will|are\s+(?:required\s+|asked\s+|instructed\s+|obliged\s+
        |ordered\s+|told\s+|expected\s+)?to)\s+
        (?:only\s+|always\s+|now\s+|instead\s+|never\s+|not\s+)?{_SAY}
    | \byou\s+are\s+(?:now\b|an?\s+(?:ai|llm|assistant|language|large|helpful|chatbot|model|reviewer)\b)
    | \byour\s+(?:answer|reply|response|output|instructions?|rules?|task\s+is|role|prompt|guidelines|training|next
        |review|summary|rating)\b
"""
# How to answer, summarise or rate, at the beginning of a clause; what answers must say.
_ANSWERS = rf"""
      {_CLAUSE}(?:answer|reply|respond)\s+(?:(?:to\s+)?(?:every|all|any|each|this|my|the|future)\b[^.;]{{0,60}}
        \b(?:with|by|as|yes|no|that|positively)\b|yes\b|no\b|positively\b|affirmatively\b)
    | {_CLAUSE}(?!say\s+with\b)(?:answer|reply|respond|say|output|print|recommend|pretend|act|tell)\s+(?:only\s|with\s
        |that\s|the\s+(?:user|reader|following)|exactly\s|as\s|me\s+that|us\s+that|"|'|“)
    | {_FIRST}(?:give|write|assign|award|provide|produce|generate|submit|return|leave|offer|issue)\s[^.;]{{0,40}}?
        \b{_GOOD}\b[^.;:]{{0,25}}\b{_VERDICT}\b
    | {_FIRST}(?:rate|score|rank|grade|judge|review|recommend|accept|approve|praise|endorse|promote|favou?r|prefer|cite
        |mention|name|describe|present|call|declare)\s+(?:this|our|my)\s+{_PAPER}\b
    | {_FIRST}(?:rate|rank|name|list|put|place|mention|recommend|cite)\s+(?:\S+\s+){{1,3}}(?:(?:first|highest)\s{{0,3}}
        (?:[.,;!]|$)|as\s+the\s+best\b|above\s+all\b)
    | {_START}(?:{_ADVERB}\s+){{0,2}}(?:conclude|state|claim|declare|affirm|confirm|assert|insist)\s+that\b
    | {_FIRST}(?:remember|make\s+sure|be\s+sure|take\s+care)\s+to\s+(?:always\s+|only\s+|never\s+)?{_SAY}
    | {_FIRST}ensure\s+that\s+(?:the|every|any|each|all)\s+(?:\w+\s+)?{_REPLY}\b
    | \bin\s+(?:any|every|all|each|your)\s+(?:\w+\s+){{0,2}}{_REPLY}\b[^.;]{{0,40}}?,\s*(?:{_ADVERB}\s+)?{_SAY}
    | \b(?:instead|from\s+now\s+on|therefore|please|henceforth)\b,?\s+(?:you\b|answer|reply|respond|say|output|print
        |write|repeat|recommend|tell|claim|pretend|append|praise|endorse)\b
    | {_START}(?:always|instead)\s*,?\s+{_TELL}
    | (?:^|[.;:!?]\s{{1,3}}|\n\W{{0,5}})(?:{_URGE}|{_TELL}\s+(?:{_SOME}|that)\b)(?!\s+and\b)[^.;:?!]{{1,150}}[.!]
        (?:\s|$)
    | (?:^|[.;:!?]\s{{1,3}})(?:begin|start|end|include|add|append|insert|put|hide|choose|pick|use|mark|treat)\s
        [^.;]{{0,60}}\b(?:your|the|every|each|any|all)\s+(?:\w+\s+)?{_REPLY}\b
    | {_START}(?:please\s+)?(?:focus\s+only|only\s+(?:focus|discuss|{_SAY})|stop\s+(?:reading|answering|here))\b
    | \b{_REPLY}\s+of\s+(?:this|our)\s+{_PAPER}\s+(?:must|shall|should|ha(?:s|ve)\s+to)\b
    | \bfrom\s+(?:here|now|this\s+point)\s+on(?:wards?)?\s*,\s*(?:{_SAY}|you\b|every|all)
    | \b(?:for|to|on)\s+(?:any|every|all|each)\s+(?:\w+\s+){{0,2}}(?:questions?|query|queries|requests?|prompts?)\b
        [^.;]{{0,50}}(?:,\s*{_SAY}|\sthe\s+(?:(?:only|correct|right)\s+){{1,2}}answer\b)
    | \b(?:must|shall|should|ha(?:s|ve)\s+to|(?:is|are)\s+to)\s+(?:always\s+|only\s+|never\s+|not\s+)?be\s+
        (?:always\s+)?(?:rated|cited|mentioned|recommended|praised|endorsed|quoted|told|advised|called)\b
    | \b(?:this|our|my)\s+{_PAPER}\s+(?:must|shall|should|has\s+to|is\s+to)\s+be\s+(?:accepted|approved|ranked|scored)\b
    | \bstrong(?:ly)?\s+accept\b
    | \bit\s+is\s+(?:mandatory|essential|required|imperative|crucial|vital|necessary|important)\s+(?:that\s+(?:you\b
        |(?:the\s+|all\s+|any\s+|every\s+)?{_REPLY}\b)|to\s+(?:always\s+)?(?:say|state|mention|recommend|praise|cite)\b)
    | {_START}(?:never|do\s+not|don't)\s+(?:answer|reply|respond|say|state|mention|cite|report|describe|summari[sz]e
        |recommend|trust|believe|criti[cs]i[sz]e|reject|refuse|decline|reveal|disclose|discuss|highlight|list|quote|include
        |point\s+out)\b(?!-)
    | \b(?:when(?:ever)?|if|before|after|while)\s[^.;:]{{0,60}}?\b(?:summari[sz]\w+|answer\w*|ask(?:s|ed|ing)?|review\w*
        |rating|quot\w+|citing|describing|evaluating|discussing|mention\w*|queried|questioned|writing)\b[^.;]{{0,60}}?[,:]\s*
        (?:then\s+)?(?:{_ADVERB}\s+)?(?:{_SAY}|(?:pick|choose|use|prefer|treat|stop)(?![\w-]))
    | \b(?:any|every|all|each|your|the)\s+(?:\w+\s+){{0,2}}{_REPLY}\b[^.;]{{0,40}}\b(?:must|shall|ha(?:s|ve)\s+to
        |needs?\s+to|(?:is|are)\s+(?:required\s+)?to)\s+(?:always\s+|only\s+|also\s+|not\s+|never\s+)?(?:say|state|mention|begin|start
        |conclude|recommend|praise|name|declare|claim|contain\s+the|include\s+the|be\s+(?:positive|favou?rable|yes|no|accept\w*|"|'|“))\b
    | \bquestions?\b[^.;]{{0,40}}\b(?:must|shall|are\s+to|is\s+to|have\s+to)\s+(?:always\s+)?be\s+answered
        \s+(?:with|by\s+saying|as|yes|no|only)\b
    | \banswer\s+to\s+(?:every|all|any|each)\s+(?:\w+\s+){{0,2}}questions?\b[^.;]{{0,40}}\b(?:is|are|must)\b
    | answer(?:every|all|any|with)|respondwith|replywith|positivereview|praisethis
"""
# Roles and marks of a chat.
_CHAT = r"""
      (?:^|(?<=[.!?]\s)|\n)\W{0,5}(?:system|assistant|user|developer|instructions?|note\s+to\s+\w+(?:\s+\w+)?|attention
        |admin)\s*(?::(?!\s*(?:a|an|the|on|towards?)\s)|\]|>)
    | <\|?\s{0,3}/?(?:im_start|im_end|system|user|assistant|inst)\b | \[/?(?:INST|SYS)
    | \#{2,9}\s*(?:instruction|system|response)
    | \b(?:end|begin|start)\s+of\s+(?:the\s+)?(?:passages?|context|documents?|evidence|prompt|instructions?)\b
    | \b(?:your|this)\s+(?:system|developer)\s+(?:prompt|message)\b
    | \b(?:jailbreak|dan)\s+mode\b | \bdo\s+anything\s+now\b
"""
# Other languages: verbs in the imperative, and what is to be set aside, in either order.
_TONGUES = (
    (
        r"\b(?:ignorier(?:en\s+sie|e|t)?|vergiss|vergesst|missachtet?)\b",
        r"\b(?:anweisung|obige|vorherige|bisherige|alles|regeln|frage)",
    ),
    (r"\b(?:ignore[zr]?|oublie[zr]?)\b", r"\b(?:instructions?|consignes?|pr[ée]c[ée]dent|ci-dessus|tout)"),
    (r"\b(?:ignor[ae][nr]?|olvida|omite)\b", r"\b(?:instrucciones|anterior|previas|todo|lo\s+de\s+arriba)"),
    (
        r"\b(?:ignor[ae]|dimentica|esque[çc]a|desconsidere)\b",
        r"\b(?:istruzioni|precedenti|instru[çc][õo]es|anteriores|tudo|tutto)",
    ),
    (
        r"\b(?:ignorera?|ignorér|bortse|se\s+bort|glöm|glem|strunta|åsidosätt|tilsidesæt|overse|oversjå)\b",
        r"\b(?:instruktion|instruks|anvisning|ovan|ovenfor|ovenst|tidigare|tidligere|föregående|foregående|forrige|allt?\b)",
    ),
    (r"\b(?:negeer|vergeet)\b", r"\b(?:instructies|bovenstaande|eerdere|alles)"),
    (
        r"\b(?:abaikan|lupakan|hiraukan|ketepikan)\b",
        r"\b(?:instruksi|perintah|petunjuk|arahan|di\s+atas|sebelumnya|semua)",
    ),
    (
        r"\b(?:z?ignoruj|zapomnij|zapomeň)(?:te)?\b",
        r"\b(?:polece|instruk|pokyn|poprzedni|předchozí|powyższ|výše|wszystko)",
    ),
    (r"\b(?:unohda|ohita|sivuuta|jätä\s+huomiotta)\b", r"\b(?:ohje|yllä|edelliset|aiemmat)"),
    (r"\b(?:ignoră|ignorați|uită)", r"\b(?:instrucțiun|anterioare|de\s+mai\s+sus)"),
    (r"\b(?:felejtsd|hagyd\s+figyelmen\s+kívül)\b", r"\b(?:utasítás|fenti|korábbi|előző)"),
    (r"\b(?:yok\s+say|unut|görmezden\s+gel)", r"\b(?:önceki|yukarıdaki|talimat)"),
    (r"\b(?:bỏ\s+qua|phớt\s+lờ|quên)\b", r"\b(?:hướng\s+dẫn|chỉ\s+dẫn|ở\s+trên|trước|mọi)"),
    (
        r"(?:игнорируй|забудь|проигнорируй|не\s+обращай\s+внимания)",
        r"(?:инструкци|указани|предыдущ|выше|правил|вс[её])",
    ),
    (r"(?:ігноруй|забудь)", r"(?:інструкці|вказівк|попередн|вище)"),
    (r"(?:αγν[οό]ησ|ξ[εέ]χασ)", r"(?:οδηγίες|παραπάνω|προηγούμεν)"),
    (
        r"(?:忽略|无视|無視|忘记|忘掉|忘れ|不要理会)",
        r"(?:上述|以上|之前|前面|前述|上記|これまで|所有|すべて|指令|指示|说明)",
    ),
    (r"(?:무시|잊)", r"(?:지시|명령|이전|위의)"),
    (r"(?:تجاهل|انس|نادیده\s+بگیر)", r"(?:التعليمات|السابقة|أعلاه|دستور)"),
    (r"(?:अनदेखा|नज़रअंदाज़|उपेक्षा)", r"(?:निर्देश|उपरोक्त|पिछले)"),
    (r"(?:התעלם|התעלמו|שכח)", r"(?:הוראות|ההוראות|לעיל|הקודמות)"),
    (r"(?:เพิกเฉย|ละเว้น|ไม่ต้องสนใจ|ลืม)", r"(?:คำสั่ง|คำแนะนำ|ข้างต้น|ก่อนหน้า)"),
)
_OTHERS = r"""
      \b(?:antworte|schreibe|gib|empfiehl|sage)\b.{0,25}\b(?:nur|stattdessen|immer|mit|aus|dass)\b
    | \b(?:r[ée]ponds|r[ée]pondez|dis|[ée]cris)\b.{0,25}\b(?:seulement|uniquement|plut[oô]t|que|par)\b
    | \b(?:responde|escribe|di)\b.{0,25}\b(?:solo|s[oó]lo|solamente|[uú]nicamente|que|con)\b
"""
_FLAGS = re.IGNORECASE | re.VERBOSE
_ORDERS = re.compile("|".join((_OVERRIDE, _ADDRESS, _ANSWERS, _CHAT, _OTHERS)), _FLAGS)
_FORGET = re.compile("|".join(verb for verb, _ in _TONGUES), _FLAGS)
_FORGET_IT = re.compile("|".join(f"{verb}.{{0,50}}{what}|{what}.{{0,50}}{verb}" for verb, what in _TONGUES), _FLAGS)


def is_found(text: str) -> bool:
    """Whether any cue is in a text."""
    if _ORDERS.search(text):
        return True
    return _FORGET.search(text) is not None and _FORGET_IT.search(text) is not None
