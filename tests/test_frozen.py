"""Records beside the dataclasses that they stand for: whatever can be asked of both has the same answer."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import dataclass, field
from typing import Any
from typing import NamedTuple as TypingsNamedTuple

import pytest

from papersearch.core.frozen import Frozen, NamedTuple, as_dict, hints_of, made_by, names_of, replace
from papersearch.core.records import Answer, Request, Snippet


class Point(Frozen):
    """A place."""

    x: int
    y: int = 0
    tags: dict[str, int] = made_by(dict)

    @property
    def sum(self) -> int:
        """Both."""
        return self.x + self.y


class Spot(Point):
    name: str = "spot"


class Bare(Frozen):
    pass


def same_as_dataclasses() -> tuple[type[Any], type[Any]]:
    @dataclass(frozen=True, slots=True)
    class Point:
        """A place."""

        x: int
        y: int = 0
        tags: dict[str, int] = field(default_factory=dict)

        @property
        def sum(self) -> int:
            """Both."""
            return self.x + self.y

    @dataclass(frozen=True, slots=True)
    class Spot(Point):
        name: str = "spot"

    Point.__qualname__, Spot.__qualname__ = "Point", "Spot"
    return Point, Spot


OURS = (Point, Spot)
THEIRS = same_as_dataclasses()
BOTH = list(zip(OURS, THEIRS, strict=True))
VALUES: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 2), {}),
    ((), {"x": 1, "y": 3}),
    ((1, 2, {"a": 1}), {}),
    ((1,), {"tags": {"b": 2}}),
]


@pytest.mark.parametrize(("ours", "theirs"), BOTH)
def test_the_signature_names_the_fields(ours: type[Any], theirs: type[Any]) -> None:
    shown, oracle = inspect.signature(ours).parameters, inspect.signature(theirs).parameters
    assert [(each.name, each.kind, each.annotation) for each in shown.values()] == [
        (each.name, each.kind, each.annotation) for each in oracle.values()
    ]
    assert all(shown[name].default == oracle[name].default for name in oracle if name != "tags")
    assert shown["tags"].default == {}


@pytest.mark.parametrize(("ours", "theirs"), BOTH)
@pytest.mark.parametrize(("values", "named"), VALUES)
def test_a_record_is_what_the_dataclass_is(
    ours: type[Any], theirs: type[Any], values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    one, other = ours(*values, **named), theirs(*values, **named)
    assert repr(one) == repr(other)
    assert as_dict(one) == dataclasses.asdict(other)
    assert one == ours(*values, **named) != other
    assert repr(replace(one, y=9)) == repr(dataclasses.replace(other, y=9))
    assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == copy.deepcopy(one) == one
    assert one.sum == other.sum
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize(("ours", "theirs"), BOTH)
def test_a_class_of_records_looks_as_the_dataclass_does(ours: type[Any], theirs: type[Any]) -> None:
    assert hints_of(ours) == {each.name: each.type for each in dataclasses.fields(theirs)}
    assert ours.__match_args__ == theirs.__match_args__ == names_of(ours)


@pytest.mark.parametrize(("ours", "theirs"), BOTH)
@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, {}, "a", 5), {}), ((1,), {"x": 2}), ((1,), {"z": 2}), ((), {"y": 2})]
)
def test_what_a_dataclass_refuses_a_record_refuses(
    ours: type[Any], theirs: type[Any], values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    for kind in (ours, theirs):
        with pytest.raises(TypeError, match=r"Point|Spot|__init__"):
            kind(*values, **named)


def test_nothing_in_a_record_changes() -> None:
    point = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: setattr(point, "new", 2), lambda: delattr(point, "x")):
        with pytest.raises(AttributeError, match="cannot"):
            change()
    assert point == Point(1)
    with pytest.raises(TypeError, match="z"):
        replace(point, z=1)


def test_records_are_equal_and_hash_by_class_and_values() -> None:
    assert Snippet("qa", 1, "a") == Snippet("qa", 1, "a")
    assert hash(Snippet("qa", 1, "a")) == hash(Snippet("qa", 1, "a"))
    assert Snippet("qa", 1, "a") != Snippet("qa", 2, "a")
    assert Snippet("qa", 1, "a") != ("qa", 1, "a", ())
    assert Point(1) != Spot(1)
    assert Bare() == Bare() != Point(1)
    assert hash(Bare()) == hash(())


def test_a_default_that_can_change_is_made_anew() -> None:
    first, second = Answer("x", 0, 0, 0.0), Answer("x", 0, 0, 0.0)
    assert first.expanded == {}
    assert first.expanded is not second.expanded


def test_records_match_patterns() -> None:
    match Spot(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("no match")


def test_the_text_of_a_request_stays_as_it_was_since_queries_are_remembered_by_it() -> None:
    assert repr(Request("moe", tags=("a",))) == (
        "Request(query='moe', limit=10, offset=0, match='auto', authors=(), tags=('a',), since=None, until=None, "
        "sort='relevance', syntax=True, expand=True, snippets=True, explain=False, since_run=None, prefix=False, "
        "meaning=None, partial=False)"
    )


class Pair(NamedTuple):
    """Two."""

    first: int
    second: str = "b"

    @property
    def both(self) -> str:
        """Both as one."""
        return f"{self.first}{self.second}"

    def times(self, number: int) -> int:
        """A product."""
        return self.first * number


def test_named_tuples_are_what_typing_makes() -> None:
    def made() -> type[Any]:
        class Pair(TypingsNamedTuple):
            """Two."""

            first: int
            second: str = "b"

        return Pair

    ours, theirs = Pair(1), made()(1)
    assert ours == theirs == (1, "b")
    assert repr(ours) == repr(theirs)
    assert (Pair._fields, Pair._field_defaults) == (type(theirs)._fields, type(theirs)._field_defaults)
    assert Pair.__annotations__ == {"first": "int", "second": "str"}
    assert (Pair.__doc__, Pair.__module__) == ("Two.", __name__)
    assert (ours.both, ours.times(3), ours._replace(second="c")) == ("1b", 3, (1, "c"))
    assert pickle.loads(pickle.dumps(ours)) == copy.copy(ours) == ours
    assert str(inspect.signature(Pair)) == "(first: 'int', second: 'str' = 'b')"
    with pytest.raises(TypeError, match="first"):
        Pair()  # type: ignore[call-arg]
