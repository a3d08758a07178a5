"""Learns which words papers use in place of those that people ask with: ``engine/search/other_words.txt``.

    python -m benchmarks.other_words > papersearch/engine/search/other_words.txt   # two minutes

From questions and the papers that they are about (``benchmarks.questions``), how likely each word of a question is to
stand for each word of its paper, by a translation model (Brown et al. 1993, model 1; Berger and Lafferty 1999). Kept
are those that stand for others at least as often as for themselves, more or less. What is learned from few questions
goes astray, and some words are not in them: ``DROPPED`` and ``ADDED`` were written by hand, by reading the table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy

from benchmarks.questions import questions, texts
from papersearch.text.words import query_words

ROUNDS = 8
LEAST_QUESTIONS = 4  # that have a word, and papers
COMMON = 0.25  # the share of papers from which on a word tells nothing
LEAST_SHARE, LEAST_TIMES, LEAST_LIFT = 0.02, 2.0, 2.0  # of what a word stands for, and over chance
MOST_ITSELF = 0.4  # the share of a word that papers use as well
MOST = 6  # other words for one
# What another word counts: its share, over the word's own or this, and so much more.
OWN, MORE = 0.1, 2.0

# Words of abstracts that stand for nothing, and what a person would not take for the same.
EMPTY = """art dataset recent achieve novel benchmark extensive experiment investigate introduce propose outperform
improve significant effect exist approach method study present paper work demonstrate show result perform evaluate state
comprehensive available empirical quantitative aforementioned remain particular various technique framework task current
moreover furthermore literature previous focus allow enable provide include base underscore address issue lead need use
elucidate neglect enjoy necessitate struggle promote unary hinder arisen seamless warn inferior innovation moire nine
oversight guideline wit repertoire"""
DROPPED = """
accurate rise / algorithm / amoeba / arrange / author / back / bad optimum / beam preliminary / begin / boil / boson /
break trivial / broken fault / candid / clean rain / come / common / complete / content / cue / custom / dataset /
date / derive / end untrimmed / enumerate / experience / extra / feed / fewest / first / found / foundation / frequent
/ gap passage / general / gentle / glider / house facade Italian / imagine bci / import / include / increase /
integrate / interest / iron / item clutter / job woman / join / kind / lab / later / lead eigenvector / least / leave
/ left societal / lie / limit / list / live / lost / main / major / malware / mass / matter / max / meet vanish /
merge amen / method / mission / moment / multi / name / need / need omega / net cid / new / nose / noun / novel /
nuclear / obey / ocean glider / option / ordinary / organ / origin / outside / page / paper / paraplegic / parcel /
part partition / participant / past vanilla / petri / phone server / placement / plain / play nuance / plus / polite /
popular / possible / press / previous / print / prioriti / problem / produce / proven / proximity / push extern / put
/ question / record / reject / relic / rely / report / represent / representation / research / reservoir / result /
retrain / ride / right / rise / roll / save income / save trade / say / school / seen / set / share / sharp focal /
short / side / simultaneous / six / skip / slant / spread dispers / stand / standard / start untrimmed / state /
steady / strength / string / stuff / style domin / subject / system / take / tank / taste / technology / ten / term /
theoretical / think leakage / thousand / throw / tip / tongue / tool / top / trade / tradeoff / train / treat / tri /
twist / uniform / unit / unlike / use / verify / wait / weak / white / world / write systematic / yield
"""
# What is asked for, and what papers say.
ADDED = """
actor: agent / ad: advertising / addict: addiction / admit: abstain uncertainty refuse / ads: advertising / advice:
recommendation guidance / airport: aviation aircraft / alien: extraterrestrial / ambulance: emergency / angry: emotion
sentiment / app: mobile smartphone application / ask: query / backdoor: trojan / bank: financial / bill: legislative /
bird: avian / birth: pregnancy / blind: visually impaired / blood: vascular / boat: vessel maritime / boring: tedious
/ bot: agent chatbot / brain: neural eeg / bribe: corruption / bully: harassment toxic / cancer: tumor oncology
carcinoma / car: vehicle driving automotive / cash: financial / cellphone: mobile smartphone / cheat: plagiarism
academic misconduct deception / check: verify verification / chemist: chemistry molecular / child: pediatric / chip:
hardware circuit / city: urban / cloth: garment / coder: programming developer / coding: programming software /
computer: machine / confused: ambiguous / cook: recipe food / copy: imitate replicate / copyright: memorization /
court: legal / crime: criminal / crop: agriculture / crowd: pedestrian / cure: treatment therapy / damage: defect /
deaf: sign / diet: nutrition / disease: patient clinical disorder / doctor: clinician physician medical clinical /
dream: sleep / drug: molecule pharmaceutical / economy: economic / electricity: power energy grid / email: spam
phishing / emotion: affective sentiment / essay: writing / exam: assessment / eyesight: vision / fake: synthetic
deepfake spoofing misinformation / farmer: agriculture / fashion: clothing / feeling: emotion affective sentiment /
firm: company / flood: hydrology / flu: influenza / food: nutrition / fool: adversarial attack / forecast: prediction
/ forest: vegetation / forger: forgery counterfeit / fraud: anomaly / friend: social / galaxy: galactic / gossip:
rumor / grandparent: elderly / green: carbon sustainable / guess: infer predict / hacker: attack cybersecurity /
handwriting: handwritten / hate: toxic offensive / healthy: health / heart: cardiac / heartbeat: ecg cardiac / home:
household domestic / honest: truthful honesty calibration / hospital: clinical medical / hurricane: cyclone / illness:
disease disorder clinical / insurance: actuarial / internet: web online / invent: hallucination fabricate / jailbreak:
safety harmful / job: employment labor / joke: humor / judge: evaluator assessment / kid: child / laptop: edge
consumer device / laugh: humor / law: legal / lawyer: legal / liar: deception / lie: deception deceptive / lifelong:
continual / lonely: companion / lung: pulmonary chest / lying: deception deceptive / market: financial / math:
mathematical / maths: mathematical / medicine: medical drug / mimic: imitate / mistake: error / mobile: smartphone
device / money: financial cost / monitor: surveillance / mood: emotion affective / movie: video film / multilingual:
cross lingual / museum: cultural / music: audio / neighbor: adjacent / net: network neural / news: journalism /
newspaper: news journalism / nurse: clinical / obey: alignment instruction comply / old: elderly aging / overweight:
obesity / password: authentication / patent: invention / patient: clinical / phone: mobile smartphone device / photo:
image / photograph: image / physician: clinical / picture: image / plagiarism: authorship / poem: poetry / police:
crime / politician: political / pollution: air emission / poor: poverty / pretend: role simulate / price: cost market
/ privacy: private / program: software code / programmer: developer software / protein: molecular / psychologist:
psychological mental / pupil: student / quake: earthquake seismic / rain: precipitation weather / rainfall:
precipitation / refuse: refusal abstain / rent: housing / river: hydrology / rude: toxic offensive / sad: emotion
depression / salary: wage / scam: fraud phishing / school: education student / secret: private confidential /
secretly: covert backdoor / seller: commerce / shopper: commerce consumer / sick: patient disease clinical / singer:
singing vocal / slang: informal / smartphone: mobile device / song: music / spam: phishing / speech: spoken audio /
spy: surveillance eavesdropping / star: stellar / stock: financial portfolio market / storm: cyclone / student:
education learner / suicide: mental depression / summarise: summarization / sunlight: solar / surgeon: surgical /
talk: speech dialogue conversation / tax: fiscal / taxi: mobility / teacher: education instructor / teenager:
adolescent / telescope: observation / terrorist: extremist / thief: theft / tired: fatigue / toddler: child / tourist:
tourism / town: urban / toxic: harmful offensive / traffic: road / translator: translation / tree: forest / trick:
adversarial deception jailbreak / truck: vehicle / trustworthy: reliable / truth: factual truthful / tumor: cancer
lesion / tutor: education / unfair: bias fairness / universe: cosmological / vaccine: immunization / voice: speech
speaker / voter: election / war: conflict military / warehouse: logistics / weather: meteorological climate / website:
web / wildfire: fire / wrist: wearable / writer: author writing / wrong: incorrect error / young:
adolescent youth
"""


class Learned(NamedTuple):
    """For pairs of a word of questions and one of papers, by their numbers: how often the first is expected to stand
    for the second, of all that each first one stands for. ``shares`` are the same by word."""

    asked: list[str]
    said: list[str]
    pairs: numpy.ndarray  # P x 2
    times: numpy.ndarray  # P
    shares: numpy.ndarray  # P
    papers: list[float]  # the share of papers that have a word


def terms_of(text: str) -> list[str]:
    """The stems of the words of a text that tell something, each once."""
    found = {word.term for word in query_words(text) if not word.stop}
    return sorted(term for term in found if term.isalpha() and term.islower())


def numbered(texts: Sequence[Sequence[str]], most: float) -> dict[str, int]:
    """The words that enough of some texts have, and no more than the share ``most`` of them."""
    having = Counter(word for words in texts for word in words)
    kept = (word for word, texts_of_it in having.items() if LEAST_QUESTIONS <= texts_of_it <= most * len(texts))
    return {word: number for number, word in enumerate(kept)}


def learn(asked: Sequence[Sequence[str]], told: Sequence[Sequence[str]], papers: Sequence[Sequence[str]]) -> Learned:
    """What the words of questions stand for; ``told`` are the words of the paper that each is about, and ``papers``
    those of each paper once. A word may stand for none of them."""
    questions_words, papers_words = numbered(asked, 1.0), numbered(papers, COMMON)
    nothing = len(papers_words)
    firsts, seconds, places = [], [], []
    for words, of_paper in zip(asked, told, strict=True):
        there = numpy.array([*(papers_words[word] for word in of_paper if word in papers_words), nothing])
        for word in words:
            if word in questions_words:
                firsts.append(numpy.full(len(there), questions_words[word]))
                seconds.append(there)
                places.append(numpy.full(len(there), len(places)))
    keys, of_key = numpy.unique(
        numpy.concatenate(firsts) * (nothing + 1) + numpy.concatenate(seconds), return_inverse=True
    )
    first, second = numpy.divmod(keys, nothing + 1)
    place = numpy.concatenate(places)
    likely, times = numpy.ones(len(keys)), numpy.ones(len(keys))
    for _ in range(ROUNDS):
        weights = likely[of_key]
        weights /= numpy.bincount(place, weights)[place]
        times = numpy.bincount(of_key, weights)
        likely = times / numpy.bincount(second, times)[second]
    shares = times / numpy.bincount(first, times)[first]
    having = Counter(word for words in papers for word in words)
    kept = second < nothing
    return Learned(
        list(questions_words),
        list(papers_words),
        numpy.stack([first, second], 1)[kept],
        times[kept],
        shares[kept],
        [having[word] / len(papers) for word in papers_words],
    )


def table(learned: Learned) -> dict[str, dict[str, int]]:
    """For each word of questions the other words for it, with the tenths that each counts."""
    own: dict[str, float] = {}
    others: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (first, second), times, share in zip(learned.pairs, learned.times, learned.shares, strict=True):
        word, other = learned.asked[first], learned.said[second]
        if word == other:
            own[word] = share
        elif times >= LEAST_TIMES and share >= max(LEAST_SHARE, LEAST_LIFT * learned.papers[second]):
            others[word].append((share, other))
    found = {}
    for word, counted in sorted(others.items()):
        if own.get(word, 0.0) < MOST_ITSELF and len(word) > 2:
            counts = {
                other: round(10 * min(1.0, MORE * share / max(own.get(word, 0.0), OWN)))
                for share, other in sorted(counted, reverse=True)[:MOST]
            }
            found[word] = {other: tenths for other, tenths in counts.items() if tenths > 1 and len(other) > 2}
    return found


def edited(found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """A table without what was dropped by hand, and with what was added, which counts in full."""
    empty = set(terms_of(EMPTY))
    dropped = [terms_of_each(each) for each in DROPPED.split("/")]
    edited = {
        word: {other: counts for other, counts in row.items() if other not in empty} for word, row in found.items()
    }
    for word, *others in dropped:
        row = edited.get(word, {})
        for other in others or list(row):
            row.pop(other, None)
    for line in ADDED.split("/"):
        asked, _, others = line.partition(":")
        for word in terms_of_each(asked):
            edited.setdefault(word, {}).update(dict.fromkeys(terms_of_each(others), 10))
            edited[word].pop(word, None)
    return {word: row for word, row in sorted(edited.items()) if row}


def terms_of_each(text: str) -> list[str]:
    """The stems of some words, in their order."""
    return [word.term for word in query_words(text)]


def main() -> None:
    """Learn, and print the table."""
    asked = questions()
    told = {name: terms_of(text) for name, text in texts({name for name, _ in asked}).items()}
    learned = learn([terms_of(text) for _, text in asked], [told[name] for name, _ in asked], list(told.values()))
    for word, row in edited(table(learned)).items():
        print(word, *(other if tenths == 10 else f"{other}/{tenths}" for other, tenths in row.items()))


if __name__ == "__main__":
    main()
