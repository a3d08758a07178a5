"""Inflections and spellings that no stemmer knows: irregular plurals of science, and British beside American spelling.

Folded words in, folded words out; what comes out is for the stemmer. The lists are collected by hand from grammars of
English and from house styles; none of them is made for single queries. A word that a rule catches wrongly does no harm
unless the result is another word: every form of it is changed alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

# Plural and singular by their endings: whatever stands before is kept (submatrices, hypotheses, grandchildren).
_BY_ENDING = """
matrices matrix / indices index / vertices vertex / vortices vortex / appendices appendix / cortices cortex /
apices apex / helices helix / simplices simplex / codices codex / directrices directrix / cervices cervix /
theses thesis / crises crisis / diagnoses diagnosis / prognoses prognosis / oases oasis /
emphases emphasis / neuroses neurosis / psychoses psychosis / metastases metastasis / stenoses stenosis /
thromboses thrombosis / synopses synopsis / symbioses symbiosis / catharses catharsis / morphoses morphosis /
fibroses fibrosis / necroses necrosis / scleroses sclerosis / apoptoses apoptosis / osmoses osmosis /
criteria criterion / phenomena phenomenon / automata automaton / hedra hedron / ganglia ganglion /
mitochondria mitochondrion / corpora corpus / bacteria bacterium / spectra spectrum / strata stratum /
curricula curriculum / errata erratum / equilibria equilibrium / optima optimum / maxima maximum / minima minimum /
extrema extremum / continua continuum / momenta momentum / symposia symposium / addenda addendum /
millennia millennium / desiderata desideratum / memoranda memorandum / referenda referendum / crania cranium /
epithelia epithelium / endothelia endothelium / sporangia sporangium / compendia compendium /
nuclei nucleus / stimuli stimulus / moduli modulus / fungi fungus / alumni alumnus / syllabi syllabus /
bacilli bacillus / hippocampi hippocampus / thalami thalamus / thrombi thrombus / calculi calculus / sulci sulcus /
annuli annulus / emboli embolus / papyri papyrus / termini terminus / rhombi rhombus / thesauri thesaurus /
cumuli cumulus / radii radius / schemata schema / lemmata lemma /
stigmata stigma / stomata stoma / phalanges phalanx / plateaux plateau / tableaux tableau / bureaux bureau /
women woman / children child / knives knife / wolves wolf / halves half / shelves shelf / thieves thief /
loaves loaf / calves calf / scarves scarf
"""

# Those that are too short to be told by their ends.
_WHOLE = """
mice mouse / lice louse / geese goose / teeth tooth / feet foot / oxen ox / men man / wives wife / elves elf /
foci focus / loci locus / tori torus / gyri gyrus / cacti cactus / genera genus / taxa taxon / quanta quantum /
sera serum / ova ovum / phyla phylum / cilia cilium / septa septum / datum data /
mitoses mitosis / meioses meiosis / villi villus / uteri uterus / octopi octopus /
lenses lens / gases gas / buses bus / aliases alias / aliased alias / aliasing alias / canvases canvas / irises iris /
trellises trellis / pelvises pelvis / biogases biogas
"""

# Plurals of two words at once: the first gives the term, the others give extras.
_TWO = """
analyses analysis analyze / bases base basis / axes axis axe / leaves leave leaf / lives live life /
ellipses ellipse ellipsis / paralyses paralysis paralyze / dialyses dialysis dialyze / catalyses catalysis catalyze /
hydrolyses hydrolysis hydrolyze / electrolyses electrolysis electrolyze
"""

# American forms of British words, each with what may follow (as ``behaviour`` in ``behavioural``).
_BEGINNINGS = """
behaviour behavior / colour color / favour favor / flavour flavor / harbour harbor / honour honor / humour humor /
labour labor / neighbour neighbor / rumour rumor / savour savor / tumour tumor / vapour vapor / vigour vigor /
odour odor / armour armor / ardour ardor / candour candor / clamour clamor / endeavour endeavor / fervour fervor /
parlour parlor / rigour rigor / saviour savior / splendour splendor / valour valor / demeanour demeanor /
centre center / centred centered / centring centering / theatre theater / spectre specter / fibre fiber /
sabre saber / calibre caliber / sombre somber / lustre luster / meagre meager / sceptre scepter / counsell counsel /
manoeuvre maneuver / manoeuvred maneuvered / manoeuvr maneuver /
litre liter / metre meter / grey gray / sceptic skeptic / mould mold / plough plow / tyre tire / kerb curb /
artefact artifact / ageing aging / judgement judgment / acknowledgement acknowledgment / skilful skillful /
wilful willful / instalment installment / fulfilment fulfillment / enrolment enrollment / sulph sulf /
alumini alumin / aeroplane airplane / draught draft / defence defense / offence offense / pretence pretense /
licence license / practise practice / practisi practici / catalogue catalog / cataloguing cataloging /
dialogue dialog / analogue analog / monologue monolog / epilogue epilog / prologue prolog / homologue homolog /
programme program / anaem anem / anaesth anesth / haemo hemo / haema hema / leukaem leukem / ischaem ischem /
oestr estr / foet fet / paediatr pediatr / orthopaed orthoped / encyclopaed encycloped / palaeo paleo /
diarrhoea diarrhea / oedema edema / oesophag esophag / gynaec gynec / caesarean cesarean / mediaeval medieval /
focuss focus / biass bias / targett target / benefitt benefit / fuell fuel / diall dial / duell duel / analys analyz /
paralys paralyz / catalys catalyz / hydrolys hydrolyz / dialys dialyz / jewellery jewelry / moustache mustache /
woollen woolen / storey story / cosy cozy / learnt learned / spelt spelled / burnt burned / dreamt dreamed /
disc disk / cheque check / pyjama pajama / fulfil fulfill / enrol enroll / instal install / distil distill
"""

# Words of the list above that mean only themselves, with a plural at most.
_ALONE = frozenset(
    "spelt burnt learnt dreamt disc cheque storey tyre kerb cosy fulfil enrol instal distil programme".split()
)
# What may follow where a verb begins like other words: analysis and analyst are spelled so anywhere.
_VERB = frozenset(("e", "ed", "er", "ers", "es", "ing"))
# What may stand before: the words have few of these, and any others would be found within other words.
_PREFIXES = ("un", "dis", "mis", "re", "multi", "bi", "tri", "micro", "nano", "kilo", "centi", "milli", "mega", "epi")

_ISE = ("isations", "isation", "isable", "isers", "ising", "ised", "iser", "ises", "ise")
# Before these no -ise is a suffix, so that there is no -ize: exercise, supervise, otherwise, raise, noise, disguise.
_NO_ISE = frozenset("aceouvwxyfjqi")
_NOT_ISE = frozenset(
    "compr enterpr surpr sunr appr repr upr prom comprom prem surm chem expert pract treat advert parad merchand"
    " franch par den mort val ann ant".split()
)


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::3], words[1::3], strict=True))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The second ones of some pairs by the first."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


_ENDINGS = _pairs(_BY_ENDING)
_SINGULARS = _pairs(_WHOLE)
_AMERICAN = _pairs(_BEGINNINGS)
TWO = {first: tuple(others) for first, *others in map(str.split, _TWO.split("/"))}
"""Plurals of more than one word, each with all of these."""

_FIRST_OF = _SINGULARS | {word: others[0] for word, others in TWO.items()}
# The endings by what they end in themselves: most words end in none of these.
_TAIL = min(map(len, _ENDINGS))
_BY_TAIL = _grouped((ending[-_TAIL:], ending) for ending in sorted(_ENDINGS, key=len, reverse=True))
# British beginnings by what they begin with themselves, the longest first, and prefixes by theirs.
_SHORTEST = min(map(len, _AMERICAN))
_BY_HEAD = _grouped((begin[:_SHORTEST], begin) for begin in sorted(_AMERICAN, key=len, reverse=True))
_BEFORE = frozenset(prefix[:2] for prefix in _PREFIXES)


def regular(word: str) -> str:
    """The word as a stemmer of American English understands it: ``matrix`` for ``matrices``, ``color`` for ``colour``.

    Costs a microsecond or two; most words come back as they are.
    """
    if len(word) < 3:
        return word
    if (first := _FIRST_OF.get(word)) is not None:
        return first
    for ending in _BY_TAIL.get(word[-_TAIL:], ()):
        if word.endswith(ending):
            return word[: -len(ending)] + _ENDINGS[ending]
    if "is" in word or word[:2] in _BEFORE or word[:_SHORTEST] in _BY_HEAD:
        return _american(word)
    return word


def _american(word: str) -> str:
    if "is" in word and word.endswith(_ISE):
        ending = next(ending for ending in _ISE if word.endswith(ending))
        before = word[: -len(ending)]
        if len(before) > 2 and before not in _NOT_ISE and (before[-1] not in _NO_ISE or before[-2:] == "ic"):
            word = f"{before}iz{ending[2:]}"
    if len(word) < _SHORTEST:
        return word
    changed = _american_start(word)
    if changed is None and word[:2] in _BEFORE and word.startswith(_PREFIXES):
        for prefix in _PREFIXES:
            if word.startswith(prefix) and (rest := _american_start(word[len(prefix) :])) is not None:
                return prefix + rest
    return changed or word


def _american_start(word: str) -> str | None:
    """The American form of a word by its beginning, if it is one of the list."""
    for begin in _BY_HEAD.get(word[:_SHORTEST], ()):
        if word.startswith(begin):
            rest = word[len(begin) :]
            if begin in _ALONE and rest not in ("", "s", "es"):
                continue
            if begin.endswith("lys") and rest not in _VERB:
                continue
            return _AMERICAN[begin] + rest
    return None


@lru_cache(maxsize=5_000)
def other_beginnings(term: str) -> tuple[str, ...]:
    """How words begin that have this term and do not begin like it: ``mic`` for ``mous``, ``centr`` for ``center``. For
    finding the places of terms in texts; some of the beginnings may be those of other words."""
    found = list(_plurals().get(term[:2], ())) if len(term) > 2 else []
    plurals = _by_stem()
    for at in range(len(term)):
        found += [term[:at] + plural for plural in plurals.get(term[at:], ())]
    if (at := term.rfind("iz")) > 0:  # of -ization, -ize and their like, where a stem keeps more than that
        found.append(f"{term[:at]}is")
    for prefix in ("", *_PREFIXES):
        if term.startswith(prefix):
            rest = term[len(prefix) :]
            found += [prefix + begin for begin in _british().get(rest[:4], ())]
    return tuple(found)


@cache
def _by_stem() -> dict[str, list[str]]:
    """Irregular plurals by all that a stemmer may leave of their singulars: it takes two letters at most."""
    return _grouped(
        (singular[: len(singular) - gone], plural) for plural, singular in _ENDINGS.items() for gone in (2, 1, 0)
    )


@cache
def _plurals() -> dict[str, list[str]]:
    """Irregular plurals by the first two letters of their singulars."""
    every = (*_SINGULARS.items(), *((word, other) for word in TWO for other in TWO[word]))
    return _grouped(dict.fromkeys((singular[:2], plural) for plural, singular in every))


@cache
def _british() -> dict[str, list[str]]:
    """British beginnings of words by the first four letters of the American ones."""
    return _grouped((other[:4], begin) for begin, other in _AMERICAN.items())
