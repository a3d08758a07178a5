"""The bases of records, ``Frozen`` and ``NamedTuple``: what `dataclasses` and `typing` make, without importing either.

They stand in for ``@dataclass(frozen=True, slots=True)`` and `typing.NamedTuple` because of start-up time alone: with
the standard library's dataclasses a query from the shell takes 1.7 times the processor time, since they write and
compile the methods of each class. The tests hold records against dataclasses.

Annotations must be strings (``from __future__ import annotations``): those of a class body are its fields, in order
after those of its base. What a field is set to is its default; ``made_by(dict)`` stands for a new one each time.
"""

from __future__ import annotations

# What type checkers take for true. `typing` takes longer to load than any module here, so no query loads it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from inspect import Signature
    from typing import Any, ClassVar, TypeVar
    from typing import NamedTuple as NamedTuple

    from typing_extensions import dataclass_transform

    _T = TypeVar("_T")
else:

    def dataclass_transform(**_):
        """Does nothing: only type checkers look at this decorator."""
        return lambda made: made

    try:
        from _collections import _tuplegetter as _place  # as `collections` has it
    except ImportError:
        from operator import itemgetter

        def _place(number, doc):
            return property(itemgetter(number), doc=doc)

    class _Named(type):
        """Turns the annotations of a class into names for the places of a tuple."""

        def __new__(cls, name, bases, body):
            hints = body.get("__annotations__", {})
            defaults = {field: body.pop(field) for field in hints if field in body}
            places = {field: _place(number, "") for number, field in enumerate(hints)}
            own = {"_fields": (*hints,), "_field_defaults": defaults, "_rest": (*defaults.values(),)}
            return super().__new__(
                cls, name, bases, {**body, **places, **own, "__slots__": (), "__match_args__": (*hints,)}
            )

        @property
        def __signature__(cls):
            return _signature(cls.__annotations__, cls._field_defaults)

    class NamedTuple(tuple, metaclass=_Named):
        """A record that is a tuple."""

        def __new__(cls, *values, **named):
            lacking = len(cls._fields) - len(values)
            if lacking or named:
                if named or not 0 < lacking <= len(cls._rest):
                    values = _completed(cls, cls._fields, cls._field_defaults, values, named)
                else:
                    values += cls._rest[-lacking:]
            return _tuple_of(cls, values)

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _replace(self, /, **changes):
            return type(self)(**self._asdict() | changes)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(map('{}={!r}'.format, self._fields, self))})"

        __replace__ = _replace

    _tuple_of = tuple.__new__


class _MadeBy:
    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def made_by(make: Callable[[], _T]) -> _T:
    """A default that is made anew for each record."""
    made: Any = _MadeBy(make)
    return made  # type: ignore[no-any-return]


class _Fields(type):
    """Turns the annotations of a class into slots."""

    _hints: dict[str, str]
    _defaults: dict[str, Any]

    def __new__(cls, name: str, bases: tuple[_Fields, ...], body: dict[str, Any]) -> _Fields:
        own: dict[str, str] = body.get("__annotations__", {})
        defaults = {field: body.pop(field) for field in own if field in body}
        hints = bases[0]._hints | own if bases else own
        body["__slots__"], body["__match_args__"] = (*own,), (*hints,)
        body["_hints"], body["_defaults"] = hints, bases[0]._defaults | defaults if bases else defaults
        body["_setters"] = ()
        return type.__new__(cls, name, bases, body)

    @property
    def __signature__(cls) -> Signature:
        return _signature(cls._hints, cls._defaults)


def _signature(hints: dict[str, str], defaults: dict[str, Any]) -> Signature:
    """What ``help`` and notebooks show of how a record is made."""
    from inspect import Parameter, Signature

    kind, given = Parameter.POSITIONAL_OR_KEYWORD, {name: _fresh(value) for name, value in defaults.items()}
    return Signature(
        [
            Parameter(name, kind, default=given.get(name, Parameter.empty), annotation=hint)
            for name, hint in hints.items()
        ]
    )


@dataclass_transform(frozen_default=True)
class Frozen(metaclass=_Fields):
    """A record that is what it was made of: compared and hashed by its values, never changed."""

    if TYPE_CHECKING:
        _hints: ClassVar[dict[str, str]]
        _defaults: ClassVar[dict[str, Any]]
        _setters: ClassVar[tuple[Callable[[Any, Any], None], ...]]  # what writes each field, past ``__setattr__``

    def __init__(self, *values: Any, **named: Any) -> None:
        if named or len(values) != len(self._hints):
            values = _completed(type(self), self._hints, self._defaults, values, named)
        for write, value in zip(self._setters or _setters_of(type(self)), values):  # noqa: B905 (of one length, and called for every record)
            write(self, value)

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self._hints])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in as_dict(self).items())
        return f"{type(self).__qualname__}({shown})"

    def __reduce__(self) -> tuple[type[Frozen], tuple[Any, ...]]:
        return type(self), self._values()

    def __replace__(self, **changes: Any) -> Any:
        made = object.__new__(type(self))
        for name, write in zip(self._hints, self._setters or _setters_of(type(self)), strict=True):
            write(made, changes.pop(name) if name in changes else getattr(self, name))
        if changes:
            raise _wrong(type(self), self._hints, self._defaults, (), as_dict(self) | changes)
        return made


def _setters_of(kind: type[Frozen]) -> tuple[Callable[[Any, Any], None], ...]:
    """What writes each field of a record; made for its first one, since many classes have none in a query."""
    kind._setters = tuple([getattr(kind, field).__set__ for field in kind._hints])
    return kind._setters


def _completed(
    kind: type, fields: Collection[str], defaults: dict[str, Any], values: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """The values of all fields, in order. Raises ``TypeError`` for what is not one value for each."""
    given = dict(zip(fields, values), **named) if values else named  # noqa: B905 (the rest have defaults or names)
    complete = {**defaults, **given}
    if len(given) < len(values) + len(named) or len(complete) != len(fields):
        raise _wrong(kind, fields, defaults, values, named)
    try:
        return tuple([each.make() if type(each := complete[name]) is _MadeBy else each for name in fields])
    except KeyError:
        raise _wrong(kind, fields, defaults, values, named) from None


def _fresh(default: object) -> object:
    """A default as a record has it."""
    return default.make() if type(default) is _MadeBy else default


def _wrong(
    kind: type, fields: Collection[str], defaults: dict[str, Any], values: tuple[Any, ...], named: dict[str, Any]
) -> TypeError:
    """What is wrong with the values that a record was to be made of."""
    given = dict(zip(fields, values), **named)  # noqa: B905 (there may be too many)
    if len(given) < len(values) + len(named) or given.keys() - set(fields):
        return TypeError(f"{kind.__name__}() takes {', '.join(fields)}, each once; given: {values} {named}")
    lacking = set(fields) - defaults.keys() - given.keys()
    return TypeError(f"{kind.__name__}() lacks {', '.join(sorted(lacking))}")


def replace(record: _T, **changes: Any) -> _T:
    """The record with other values in some fields."""
    replaced: _T = record.__replace__(**changes)  # type: ignore[attr-defined]
    return replaced


def names_of(kind: type[Frozen]) -> tuple[str, ...]:
    """The names of a record's fields, in order."""
    return tuple(kind._hints)


def hints_of(kind: type[Frozen]) -> dict[str, str]:
    """The fields of a record with their types, as they are written."""
    return dict(kind._hints)


def as_dict(record: Frozen) -> dict[str, Any]:
    """The values of a record by name."""
    return dict(zip(record._hints, record._values(), strict=True))
