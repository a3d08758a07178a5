"""Who does what in a sentence, as far as its clauses and the order of its words tell."""

from __future__ import annotations

from papersearch.core.frozen import NamedTuple
from papersearch.engine.ask.clauses import BE, RELATIVE, WORKS, Clauses, Word, antecedent, is_predicate

# passage: OtterBench lists letters; other sets have errors.
# stands: Other sets have errors.
# falls: OtterBench has errors.
_HAVE = frozenset("have has had".split())

# passage: We introduce OtterBench. This resource provides letters.
# stands: OtterBench provides letters.
# falls: OtterBench provides videos.
_POINTS_BACK = frozenset("we our this these it its they their the proposed such".split())


class Deed(NamedTuple):
    """A verb, the terms of whoever is said to do it (none if the words do not tell), the terms that stand anywhere
    before it, and whether who does it is named in another sentence ("our method")."""

    verb: str
    doer: frozenset[str]
    before: frozenset[str]
    points_back: bool


def deeds_of(read: Clauses) -> list[Deed]:
    """The verbs of a sentence that are not in the passive, in order."""
    found: list[Deed] = []
    last: Deed | None = None
    for at in range(len(read.words)):
        if is_predicate(read.words, at):
            last = _deed(read.words, at, last)
            if not _is_passive(read.words, at):
                found.append(last)
    return found


def _deed(words: tuple[Word, ...], at: int, last: Deed | None) -> Deed:
    """What the verb at a place says; ``last`` is the deed before it."""
    each, ahead = words[at], _ahead(words, at)
    doer = frozenset(word.term for word in ahead if word.weighty and not word.word.endswith("ly"))
    head = next((word.term for word in reversed(ahead) if word.weighty), None)
    back = any(word.word in _POINTS_BACK for word in ahead) and (head is None or head in WORKS)
    if not doer and ahead and ahead[0].word in RELATIVE:
        doer, back = antecedent(words[: at - len(ahead)])
    # A participle or a pronoun in a later clause, or a second verb.
    goes_on = each.hard or not ahead or any(word.word == "and" for word in ahead[-2:])
    is_means = each.word.endswith("ing") and ahead and ahead[-1].word == "by"
    if last is not None and (is_means or (goes_on and not doer)):
        doer, back = last.doer, last.points_back  # whoever did what was said before
    verb = "be" if each.word in BE else "have" if each.word in _HAVE else each.term
    return Deed(verb, doer, frozenset(word.term for word in words[:at] if word.weighty), back)


def _is_passive(words: tuple[Word, ...], at: int) -> bool:
    is_participle = words[at].word.endswith(("ed", "wn", "ught"))
    return is_participle and any(word.word in BE for word in words[max(0, at - 3) : at])


def _ahead(all_words: tuple[Word, ...], at: int) -> list[Word]:
    """The words between a verb and the verb or the end of the clause before it."""
    found: list[Word] = []
    for number in range(at - 1, -1, -1):
        each = all_words[number]
        if each.hard != all_words[at].hard:
            break
        if is_predicate(all_words, number):
            joined = next((place for place, word in enumerate(found) if word.word == "and"), len(found))
            return found[joined::-1]
        found.append(each)
    return found[::-1]
