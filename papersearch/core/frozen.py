"""The base of records: classes as ``@dataclass(frozen=True, slots=True)`` makes them, a hundred times cheaper.

`dataclasses` writes and compiles the methods of each class when it is defined, and imports half of ``inspect`` to do
so: for the records and the query tree that took 20 ms, more than a query. Here the classes share their methods. What
`dataclasses` offers (``replace``, ``fields``, ``asdict``) works on them, and so do pattern matching, copying, pickling
and ``copy.replace``; it is loaded when it is asked for.

Annotations must be strings (``from __future__ import annotations``): those of a class body are its fields, in order
after those of its base. What a field is set to is its default; ``made_by(dict)`` stands for a new one each time.
"""

from __future__ import annotations

from collections import namedtuple
from operator import attrgetter

# What type checkers take for true. `typing` takes longer to load than any module here, so no query loads it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, ClassVar, TypeVar
    from typing import NamedTuple as NamedTuple

    from typing_extensions import dataclass_transform

    _T = TypeVar("_T")
else:

    def dataclass_transform(**_):
        """What tells type checkers that a class makes dataclasses."""
        return lambda made: made

    class _Named(type):
        """Makes what `typing.NamedTuple` makes of a class."""

        def __new__(cls, name, bases, body):
            hints = body.get("__annotations__", {})
            defaults = [body.pop(field) for field in hints if field in body]
            made = namedtuple(name, hints, defaults=defaults, module=body["__module__"])
            for key in body.keys() - {"__module__", "__qualname__"}:
                setattr(made, key, body[key])
            return made

    NamedTuple = type.__new__(_Named, "NamedTuple", (), {})


class _MadeBy:
    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def made_by(make: Callable[[], _T]) -> _T:
    """A default that is made anew for each record."""
    made: Any = _MadeBy(make)
    return made  # type: ignore[no-any-return]


class _Fields(type):
    """Turns the annotations of a class into slots, and keeps what its methods need."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _Fields:
        hints = {
            name: hint for name, hint in body.get("__annotations__", {}).items() if not hint.startswith("ClassVar")
        }
        defaults = {field: body.pop(field) for field in hints if field in body}
        base: Any = bases[0] if bases else None
        names = (*(base._hints if base else ()), *hints)
        made: Any = super().__new__(cls, name, bases, {**body, "__slots__": (*hints,), "__match_args__": names})
        made._hints = {**(base._hints if base else {}), **hints}
        made._defaults = {**(base._defaults if base else {}), **defaults}
        # The slots' own way in goes past the guard against changes.
        made._setters = (*(base._setters if base else ()), *(made.__dict__[field].__set__ for field in hints))
        made._values = attrgetter(*names) if len(names) > 1 else lambda record: tuple(getattr(record, n) for n in names)
        return made  # type: ignore[no-any-return]


class _AsDataclass:
    """Something of the dataclass that a class stands for, made when it is first asked for."""

    def __init__(self, take: Callable[[type], Any]) -> None:
        self._take = take
        self._known: dict[type, Any] = {}

    def __get__(self, record: object, owner: type[Frozen]) -> Any:
        if owner not in self._known:
            self._known[owner] = self._take(_dataclass(owner))
        return self._known[owner]


def _dataclass(owner: type[Frozen]) -> type:
    from dataclasses import field, make_dataclass

    fields: list[Any] = []
    for name, hint in owner._hints.items():
        default = owner._defaults.get(name, _MISSING)
        if isinstance(default, _MadeBy):
            fields.append((name, hint, field(default_factory=default.make)))
        else:
            fields.append((name, hint) if default is _MISSING else (name, hint, field(default=default)))
    return make_dataclass(owner.__name__, fields, frozen=True)


_MISSING = object()


def _signature(made: type) -> Any:
    from inspect import signature

    return signature(made)


@dataclass_transform(frozen_default=True)
class Frozen(metaclass=_Fields):
    """A record that is what it was made of: compared and hashed by its values, never changed."""

    _hints: ClassVar[dict[str, str]]
    _defaults: ClassVar[dict[str, Any]]
    _setters: ClassVar[tuple[Callable[[object, Any], None], ...]]
    _values: ClassVar[Callable[[Any], tuple[Any, ...]]]

    __dataclass_fields__ = _AsDataclass(lambda made: made.__dict__["__dataclass_fields__"])
    __signature__ = _AsDataclass(_signature)

    def __init__(self, *values: Any, **named: Any) -> None:
        complete: Sequence[Any] = values
        if named or len(values) != len(self._setters):
            complete = _completed(type(self), values, named)
        for put, value in zip(self._setters, complete):  # noqa: B905 (of one length, and called for every record)
            put(self, value)

    def __setattr__(self, name: str, value: object) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        values = type(self)._values
        return values(self) == values(other)

    def __hash__(self) -> int:
        return hash(type(self)._values(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._hints)
        return f"{type(self).__qualname__}({shown})"

    def __reduce__(self) -> tuple[type[Frozen], tuple[Any, ...]]:
        return type(self), type(self)._values(self)

    def __replace__(self, **changes: Any) -> Any:
        return type(self)(**{**dict(zip(self._hints, type(self)._values(self), strict=True)), **changes})


def _completed(kind: type[Frozen], values: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """The values of all fields in order. Raises ``TypeError`` as a function with these parameters would."""
    names, defaults = kind._hints, kind._defaults
    given = dict(zip(names, values))  # noqa: B905 (the rest have defaults)
    if len(values) > len(names):
        raise TypeError(f"{kind.__name__}() takes {len(names)} values but {len(values)} were given")
    for name in named:
        if name in given:
            raise TypeError(f"{kind.__name__}() got multiple values for argument {name!r}")
        if name not in names:
            raise TypeError(f"{kind.__name__}() got an unexpected keyword argument {name!r}")
    complete = {**defaults, **given, **named}
    try:
        found = [complete[name] for name in names]
    except KeyError as missing:
        raise TypeError(f"{kind.__name__}() missing a required argument: {missing}") from None
    return [value.make() if type(value) is _MadeBy else value for value in found]


def replace(record: _T, **changes: Any) -> _T:
    """The record with other values in some fields."""
    replaced: _T = record.__replace__(**changes)  # type: ignore[attr-defined]
    return replaced


def names_of(kind: type[Frozen]) -> tuple[str, ...]:
    """The names of a record's fields, in order."""
    return tuple(kind._hints)
