"""The word lists by which sentences are judged; ``checking``, ``clauses`` and ``qualifiers`` say what they are for.

Here and in those modules, each rule has an example above it: the sentence of a passage, one that stands on it, and one
that falls. ``tests/test_ask_rules.py`` tries them all, also that one of them is judged otherwise without the rule.
"""

from __future__ import annotations

import re

from papersearch.text import words

SPELLED = {
    name: str(number)
    for number, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}

# passage: It cuts memory by 50 percent.
# stands: It cuts memory by 50%.
# falls: It cuts memory by 50 GB.
SAME_UNIT = {"percent": "%", "pct": "%", "bn": "billion", "b": "billion", "m": "million", "t": "trillion"}

# passage: Pruning cuts memory by 50%.
# stands: Pruning cuts memory by 50 percent.
# falls: Pruning cuts memory by 50.
# passage: The set has 500k images.
# stands: The set has 500k images in the study.
# falls: The set has 500 images.
SCALES = frozenset("% k thousand million billion trillion".split())  # a number without its scale is another number

# What may be said around a statement without a passage saying so: who says it, and that it is said.

# passage: FastNet saves memory.
# stands: The researchers note how FastNet saves memory.
# falls: The reviewers note how FastNet saves memory.
LIGHT = frozenset(
    words.stem(word)
    for word in (
        "paper papers author authors study studies work article research researchers report reports say says state "
        "states show shows find finds note notes according describe describes present presents propose proposes "
        "introduce introduces call called named name namely passage passages abstract result results answer percent"
    ).split()
)

# passage: SlowNet does not converge.
# stands: SlowNet doesn't converge.
# falls: SlowNet converges.
DENIES = frozenset(
    "not no never none neither nor without cannot cant dont doesnt didnt isnt arent wasnt werent wont hasnt havent "
    "fail fails failed lack lacks lacking unable hardly barely rarely seldom little nothing nobody "
    "nowhere impossible unlike except too doubt doubts refute refutes refuted disprove disproves disproved".split()
)
# Small words on which the truth of a sentence turns: the passage's sentence must have them too.

# passage: Models are robust.
# stands: The models are robust.
# falls: All models are robust.
BOUNDS = frozenset(
    "all always every only most mostly more less fewer few best than before after first last both above below over "
    "under except never none many several everything everyone each either".split()
)
# passage: The filter provides estimates of noise.
# stands: The filter provides estimates.
# falls: The filter provides noise.
RELATES = frozenset(
    "of in on for with by to from at as under over across than into via through without between among against using "
    "when while if where whether during within towards".split()
)

# passage: The layout reduces the time of readers and visits.
# stands: The layout reduces visits.
# falls: The layout reduces noise.
LISTS = frozenset("and or nor".split())

WORKS = (
    "approach method framework model system algorithm dataset benchmark architecture network technique tool pipeline "
    "emulator simulator resource"
).split()
"""What authors call what they made."""

# passage: The tool avoids the use of labels.
# stands: The tool avoids labels.
# falls: The tool uses labels.
VERB = re.compile(
    r"""(?:achiev|attain|reach|obtain|yield|provid|deliver|offer|produc|generat|creat|demonstrat|exhibit|outperform
    |surpass|beat|exceed|match|improv|enhanc|boost|increas|rais|reduc|decreas|lower|cut|sav|accelerat|enabl|allow
    |facilitat|requir|need|employ|leverag|exploit|utili[sz]|adopt|appl|combin|integrat|incorporat|includ|compris|cover
    |encod|learn|train|pretrain|evaluat|assess|detect|identif|predict|classif|recogni[sz]|generali[sz]|fac|suffer
    |struggl|rel|depend|solv|address|tackl|overcom|handl|refactor|transform|convert|construct|build|collect|annotat
    |anticipat|estimat|captur|remain|persist|exist|arise|occur|becom|continu|synergi[sz]|track|maintain|preserv|perform
    |converg|balanc|guid|teach|show|reveal|indicat|find|fail
    |engag|interact|introduc|propos|present|develop|explor|investigat|examin|analy[sz]|describ|report|hinder|prevent|caus
    |affect|influenc|lead|help|support|consist|operat|tak|us|serv|act|extract|mitigat|correct
    |remov|add|bring|giv|mak|ensur|adapt|adjust|select|replac|vari|correlat|differ|suggest|validat|verif|retriev
    |answer|translat|segment|synthesi[sz]|simulat|control|optimi[sz]|minimi[sz]|maximi[sz]|align|alleviat|eliminat
    |narrow|close|doubl|halv|speed|grow|drop|fall|rise|gain|lose|win|contribut|constrain|propagat|amplif
    |degrad|distort|harm|damag|threaten|restor|recover|highlight|focus|limit|emphasi[sz]|avoid|reject|accept|prefer|favou?r)
    (?:e|es|s|ed|d|ing|y|ies|ied|t|ting|ted|n|ning|ned|ts)?""",
    re.IGNORECASE | re.VERBOSE,
)
KINDS = {
    "may": "may might could possibly perhaps potentially potential likely",
    "can": "can able capable possible",
    "should": "should would",
    "seems": "seem seems suggest suggests suggesting suggested appear appears",
    "aims": "aim aims aimed aiming seek seeks seeking intend intends intended designed attempt attempts attempting "
    "planned promiseto expected hypothesize hypothesise hypothesized hypothesised will",
    "believed": "believe believes believed assume assumes assumed assuming think thought suppose supposed supposedly "
    "claim claims claimed allegedly presumably",
    "only": "only solely merely just",
    "only where": "onlywhere",
    "less": "less fewer least",
    "half": "half",
    "second": "nth",
    "sometimes": "sometimes often usually typically generally frequently occasionally",
    "partly": "partly partially somewhat slightly",
    "some": "some certain several few",
    "many": "many most mostly",
    "about": "about approximately roughly nearly almost around virtually",
    "up to": "upto",
    "at least": "atleast",
    "at most": "atmost",
    "more than": "morethan",
    "less than": "lessthan",
    "one of": "oneof",
    "on average": "onaverage",
    "if": "if unless provided",
    "whether": "whether",
    "when": "when whenever once",
}
