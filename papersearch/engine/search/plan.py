"""A query tree compiled for an index: the slots that are scored, and the expression that says which papers match.

In a bag (words side by side) plain words are evidence: by ``--match`` each may be missing (``auto``, ``any``) or none
(``all``). Authors, tags, ids (``id:``) and dates in a bag are conditions, and so is what ``-`` and ``NOT`` forbid.

A compound (``real-time``) that stands beside other words is evidence as its parts are: a paper may have some of them.
As an operand (of an operator or a field) and with ``all`` it is one word: a paper has it or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from papersearch.core.errors import NotFoundError
from papersearch.core.fields import AUTHOR, ID, TAG
from papersearch.core.frozen import Frozen, made_by, replace
from papersearch.engine.search import expansion
from papersearch.engine.search.acronyms import expand_acronyms
from papersearch.engine.search.characters import with_pairs
from papersearch.engine.search.compounds import occur
from papersearch.engine.search.expression import (
    Dated,
    Expression,
    Filter,
    Group,
    Holding,
    Leaf,
    SeenAfter,
    Valued,
    group,
    replaced,
)
from papersearch.engine.search.scoring import idf
from papersearch.engine.search.slots import Alternative, Gathered, Slot, are_letters
from papersearch.query import tree
from papersearch.query.ids import as_written, title_in
from papersearch.query.language import as_read
from papersearch.text.folding import value_key
from papersearch.text.phrasing import unmeant_in
from papersearch.text.words import stem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.records import Request
    from papersearch.engine.search.likeness import LikenessQuery
    from papersearch.engine.search.statistics import Statistics

# Fields that are conditions, and where their values are whole.
_EXACT: dict[str | None, str] = {"tags": TAG, "authors": AUTHOR}
# Words that a pattern, and all of a query together, stand for (chosen: 0.2 s).
MOST_PATTERN_TERMS = 5_000
MOST_TERMS = 2 * MOST_PATTERN_TERMS


class Plan(Frozen):
    """What a query asks of an index. ``plain``: it is words side by side and nothing else. ``filters`` must all hold,
    and score nothing. ``titles``: what is asked, word by word, as titles may begin; if ``unfinished``, its last word
    may go on. ``year``: one that stands among the words. ``likeness``: what a text says besides, where papers like it
    are asked for."""

    slots: Sequence[Slot]
    expression: Expression = Group("everything")
    filters: tuple[Expression, ...] = ()
    plain: bool = True
    titles: Sequence[tuple[str, ...]] = ()
    unfinished: bool = False
    year: int | None = None
    likeness: LikenessQuery | None = None
    expanded: dict[str, tuple[str, ...]] = made_by(dict)
    hint: str | None = None


class Compiler:
    """Compiles trees for one index, as a request wants them read."""

    def __init__(self, reader: Statistics, request: Request) -> None:
        self._reader = reader
        self._request = request
        self._pattern_terms = 0
        self._root: tree.Node | None = None
        self._names: tuple[str, ...] = ()  # of all authors that are asked for
        self._beside: frozenset[int] = frozenset()  # the identities of nodes whose compounds are evidence part by part

    def compile(self, query: tree.Query) -> Plan:
        """The plan for a query. One without a word matches nothing. Raises ``NotFoundError`` for a tag that no paper
        has, if it is a filter."""
        gathered, node, request = Gathered(), query.node, self._request
        named = self._same_id(node)
        self._root = node if named is None else None
        leaves = [*query.filters, *(tree.leaves(node) if node is not None else ())]
        self._names = tree.authors_of(leaves)
        patterns = sum(isinstance(leaf, tree.Pattern) for leaf in leaves)
        self._pattern_terms = min(MOST_PATTERN_TERMS, MOST_TERMS // max(1, patterns))
        if node is not None and request.match != "all":
            self._beside = frozenset(map(id, tree.side_by_side(node)))
        either = [self._node(each, gathered) for each in (named, node) if each is not None]
        expression = either[0] if len(either) == 1 else Group("or", tuple(either))
        plain = _is_plain(expression)
        words = tree.words_of(node) if plain else []
        slots, unfinished = gathered.slots, False
        if request.prefix:
            from papersearch.engine.search.completion import may_go_on, with_endings

            unfinished = may_go_on(request.query)
            if unfinished and slots and slots[-1].wanted:
                slots = with_endings(slots, self._reader)
        slots, expanded = self._expanded(slots) if request.expand else (slots, {})
        return Plan(
            slots=with_pairs(slots, self._reader),
            expression=expression,
            filters=self.filters(query.filters),
            plain=plain,
            titles=tree.titles_of(words),
            unfinished=unfinished,
            year=tree.year_of(words),
            expanded=expanded,
            hint=gathered.hint,
        )

    def _expanded(self, slots: Sequence[Slot]) -> tuple[list[Slot], dict[str, tuple[str, ...]]]:
        """The slots with the names and acronyms that their words stand for, and what was added to acronyms."""
        if not are_letters(slots):
            from papersearch.engine.search.families import expand_versions

            slots = expand_versions(slots)
        return expand_acronyms(slots, self._reader)

    def _same_id(self, node: tree.Node | None) -> tree.Identifier | None:
        """The paper that a query of one word means as well, being its id, as a file name may be."""
        if isinstance(node, tree.Word) and node.field is None and not node.text.isalpha():
            key = value_key(node.text)
            if self._reader.frequency(key, ID):
                return tree.Identifier(node.start, node.end, None, node.boost, key)
        return None

    def filters(self, nodes: Sequence[tree.Node]) -> tuple[Expression, ...]:
        """Conditions that score nothing."""
        self._names = self._names or tree.authors_of(nodes)
        return tuple(map(self._filter, nodes))

    def _filter(self, node: tree.Node) -> Expression:
        if isinstance(node, tree.Value) and not self._has_value(*_exact(node)):
            raise self._unknown(node)
        gathered = Gathered()
        expression = self._node(node, gathered)
        slots = with_pairs(gathered.slots, self._reader)
        if isinstance(node, tree.Phrase) and slots and not any(map(self._occurs, slots)):
            raise self._unknown(node)
        return replaced(expression, lambda leaf: Filter(Holding(slots[leaf.number])))

    def _has_value(self, field: str, prefix: str) -> bool:
        return any(self._reader.frequency(term, field) for term in self._reader.terms(prefix, field))

    def _occurs(self, slot: Slot) -> bool:
        """Whether any paper has the words of a slot side by side."""
        return occur([each.terms for each in slot.alternatives], self._reader)

    def _unknown(self, node: tree.Value | tree.Phrase) -> NotFoundError:
        """The error for a value of a field that no paper has, with the nearest one that some paper has."""
        from papersearch.text.mistyped import nearest

        field = _EXACT[node.field]
        known = {term.partition("\0")[2]: term for term in self._reader.terms("", field)}
        asked = tree.first_author(node.text)
        if node.field == "authors" and len(asked.split()) == 1:  # a part of a name will do
            known = {part: term for name, term in known.items() for part in name.split()}
        near = nearest(asked, known)
        while near and not self._reader.frequency(known[near], field):  # only removed posts have it
            del known[near]
            near = nearest(asked, known)
        return NotFoundError(f"no paper has the {field} {node.text!r}", f"did you mean {near!r}?" if near else "")

    def _node(self, node: tree.Node, gathered: Gathered) -> Expression:
        """The expression of a part of the tree, whose slots are gathered."""
        match node:
            case tree.Bag(children=children):
                return self._bag(children, gathered)
            case tree.And(children=children):
                return group("and", [self._node(child, gathered) for child in children])
            case tree.Or(children=children):
                return Group("or", tuple(self._node(child, gathered) for child in children))
            case tree.Not(child=child):
                return Group("not", (self._unwanted(child, gathered),))
            case tree.Everything():
                return Group("everything")
            case tree.DateRange(low=low, high=high):
                from papersearch.query.dates import day_bounds

                first, last = day_bounds(low, high)
                return Filter(Dated(first, last))
            case tree.Value():
                return Filter(Valued(*_exact(node)))
            case tree.FirstSeen(run=run):
                return Filter(SeenAfter(run))
            case tree.Identifier():
                return self._identifier(node, gathered)
        numbers = gathered.add(self._slots_of(node, gathered))
        members = [Leaf(number, node.field in _EXACT) for number in numbers]
        return members[0] if len(members) == 1 else group("bag", members)

    def _unwanted(self, node: tree.Node, gathered: Gathered) -> Expression:
        """A part of the tree whose slots must not occur. They follow the wanted ones that are there so far."""
        aside = Gathered()
        expression = self._node(node, aside)
        first = len(gathered.slots)
        gathered.slots += (replace(slot, wanted=False) for slot in aside.slots)
        gathered.hint = gathered.hint or aside.hint
        return replaced(expression, lambda leaf: Leaf(leaf.number + first, leaf.needed))

    def _bag(self, children: Sequence[tree.Node], gathered: Gathered) -> Expression:
        """Neighbouring plain words are read together, so that spellings across them are found."""
        members: list[Expression] = []
        for run in _runs(children, self._known_id):
            if isinstance(run[0], tree.Word) and self._known_id(run[0]) is None:
                text = " ".join(word.text for word in run if isinstance(word, tree.Word))
                words = self._words(text, run[0])
                gathered.hint = gathered.hint or (_unmeant(text) if run[0].field is None else None)
                new = [_shifted(slot, len(gathered.slots)) for slot in words]
                members += [Leaf(number, run[0].field in _EXACT) for number in gathered.add(new)]
            else:
                members.append(self._node(run[0], gathered))
        return group("bag", members)

    def _words(self, text: str, node: tree.Node) -> tuple[Slot, ...]:
        """The slots of words with the field and the weight of the node that they stand in. They are remembered, since
        what is asked is asked again: for its facets, its next page, with another filter."""
        return self._reader.cached(expansion.slots_of, text, node.field, node.boost, id(node) not in self._beside)

    def _slots_of(self, node: tree.Node, gathered: Gathered) -> Sequence[Slot]:
        """The slots of a leaf: of a word there may be several, or none. What there is to say of it is gathered."""
        reader = self._reader
        match node:
            case tree.Word(text=text):
                if (key := self._known_id(node)) is not None:
                    slot = expansion.phrase(as_written(text)[0], reader, None, 0, node.boost)
                    return [replace(slot, word=text, paper_id=key)] if slot is not None else []
                return self._words(text, node)
            case tree.Phrase(text=text, slop=slop):
                text = tree.first_author(text) if node.field == "authors" else text
                slot = expansion.phrase(text, reader, node.field, slop, node.boost)
                slot = self._weighing_as_its_words(slot) if slot is not None and not slot.literal else slot
                if slot is not None and node.field == "authors" and not slop:
                    from papersearch.engine.search.names import with_names

                    slot = with_names(slot, text, self._names, reader)
                    if not self._occurs(slot):
                        gathered.hint = gathered.hint or str(self._unknown(node))
                return [slot] if slot is not None else []
            case tree.Pattern(text=text):
                from papersearch.engine.search import patterns

                most = self._pattern_terms
                slot, cut = patterns.pattern(text, reader, node.field, node.boost, most)
                if cut:
                    gathered.hint = (
                        f"{text} stands for more than {most:,} words: only the first of them are searched for"
                    )
                return [slot]
            case tree.Fuzzy(text=text, distance=distance):
                from papersearch.engine.search import patterns

                return [patterns.fuzzy(text, distance, reader, node.field, node.boost)]
        raise TypeError(f"no such node: {node!r}")

    def _weighing_as_its_words(self, slot: Slot) -> Slot:
        """The slot of a phrase that weighs no less than its words do together (as in Lucene), so that a title in quotes
        does not count as one word beside the rest of a citation."""
        papers, frequency = self._reader.papers, self._reader.frequency
        return replace(slot, least=sum(idf(frequency(term), papers) for term in slot.written))

    def _known_id(self, node: tree.Node) -> str | None:
        """The id of the index that a plain word with a digit is, such as ``cacm1410``. A mere number is one only where
        it is the whole query, and so are letters alone, if no paper has them as a word."""
        if not isinstance(node, tree.Word) or node.field is not None:
            return None
        has_digit = any(map(str.isdecimal, node.text))
        if not has_digit and node is not self._root:
            return None
        key = value_key(node.text.strip(".,;:!?()[]"))
        if key.isdigit() and node is not self._root:
            return None
        if not has_digit and (not key.isalpha() or self._reader.frequency(stem(key))):
            return None
        return next((each for each in (key, as_written(key)[0]) if self._reader.frequency(each, ID)), None)

    def _identifier(self, node: tree.Identifier, gathered: Gathered) -> Expression:
        """Of an unknown id the title that its address has is searched, or its text. What looks like a version may be
        the end of a post's path."""
        key = value_key(node.paper_id)
        if node.version is not None and self._reader.frequency(f"{key}v{node.version}", ID):
            key = f"{key}v{node.version}"
        if self._reader.frequency(key, ID):
            slot = Slot(node.paper_id, (Alternative((key,)),), len(gathered.slots), "id", literal=False, written=(key,))
            gathered.slots.append(slot)
            return Leaf(len(gathered.slots) - 1, node.field is not None)
        if node.field is not None or node is self._root:
            gathered.hint = gathered.hint or f"there is no paper {node.paper_id}"
        if node.field is not None:
            return Group("or")
        said = title_in(as_read(self._request.query)[node.start : node.end]) or node.paper_id
        return group("bag", [Leaf(number) for number in gathered.add(self._words(said, node))])


def _is_plain(expression: Expression) -> bool:
    """Whether a query is words side by side and nothing else."""
    return isinstance(expression, Leaf) or (
        isinstance(expression, Group)
        and expression.kind == "bag"
        and all(isinstance(member, Leaf) and not member.needed for member in expression.members)
    )


def _exact(node: tree.Value) -> tuple[str, str]:
    """(exact field, prefix of its terms) of a value."""
    return _EXACT[node.field], value_key(node.text) + "\0"


def _unmeant(text: str) -> str | None:
    """What to say of words that are not meant, since papers may have them all the same."""
    unmeant = unmeant_in(text)
    if not unmeant:
        return None
    forbidden = " ".join(f'-"{each}"' if " " in each else f"-{each}" for each in unmeant)
    return f"not searched for: {', '.join(unmeant)}; {forbidden} leaves out the papers that say so"


def _shifted(slot: Slot, by: int) -> Slot:
    """Words of different runs must not count as neighbours."""
    return replace(slot, position=slot.position + 100 * by) if by else slot


def _runs(children: Sequence[tree.Node], known_id: Callable[[tree.Node], str | None]) -> Iterator[list[tree.Node]]:
    """Neighbouring words of the same field and weight together, all else alone."""
    run: list[tree.Node] = []
    for child in children:
        joins = (
            run
            and known_id(child) is None
            and known_id(run[-1]) is None
            and isinstance(child, tree.Word)
            and isinstance(run[-1], tree.Word)
            and (child.field, child.boost) == (run[-1].field, run[-1].boost)
        )
        if run and not joins:
            yield run
            run = []
        run.append(child)
    if run:
        yield run
