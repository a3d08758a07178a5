"""The Python reference, from signatures and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import papersearch
from docs.generate.tables import table
from papersearch.core.frozen import Frozen, hints_of


def reference() -> str:
    """Every public name of the package, from its signature and docstring."""
    public = [getattr(papersearch, name) for name in papersearch.__all__ if name != "__version__"]
    functions = [each for each in public if inspect.isfunction(each)]
    records = [each for each in public if inspect.isclass(each) and issubclass(each, Frozen)]
    errors = [each for each in public if inspect.isclass(each) and issubclass(each, Exception)]
    parts = ["### Functions"]
    for function in functions:
        parts += _callable(f"papersearch.{function.__name__}", function)
    parts += ["### Index", *_callable("papersearch.Index", papersearch.Index.__init__, papersearch.Index)]
    for name, member in vars(papersearch.Index).items():
        if isinstance(member, property):
            kind = member.fget.__annotations__["return"] if member.fget else ""
            parts += [f"#### `index.{name}: {kind}`", _doc(member)]
        elif inspect.isfunction(member) and not name.startswith("_"):
            parts += _callable(f"index.{name}", member)
    parts.append("### Records")
    for record in records:
        rows = [(f"`{name}`", f"`{hint}`") for name, hint in hints_of(record).items()]
        head: tuple[str, ...] = ("field", "type")
        if record in (papersearch.Request, papersearch.Answering):  # which callers make
            head = (*head, "default")
            rows = [(*row, _default(record, name)) for row, name in zip(rows, hints_of(record), strict=True)]
        parts += [f"#### {record.__name__}", _doc(record), table(head, rows)]
    rows = [
        (f"`{error.__name__}`", f"`{error.__base__.__name__}`", str(error.exit_code), _doc(error).replace("\n", " "))
        for error in sorted(errors, key=lambda error: (len(error.__mro__), error.__name__))
    ]
    parts += ["### Errors", table(("error", "is a", "exit code", "means"), rows)]
    return "\n\n".join(parts)


def _default(record: type[Frozen], name: str) -> str:
    return f"`{record._defaults[name]!r}`" if name in record._defaults else ""


def _callable(name: str, function: Callable[..., Any], described: Any = None) -> list[str]:
    """A heading, a signature broken into lines where it is long, and the docstring."""
    signature = inspect.signature(function)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    shown: list[str] = []
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and "*" not in shown and not any(one.startswith("*") for one in shown):
            shown.append("*")
        stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else f" = {each.default!r}"
        shown.append(f"{stars}{each.name}: {each.annotation}{default}")
    result = "" if described else f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(shown)}){result}"
    if len(line) > 90:
        line = f"{name}(\n" + "".join(f"    {each},\n" for each in shown) + f"){result}"
    texts = [_doc(each) for each in ((described, function) if described else (function,))]
    return [f"#### {name.rpartition('.')[2]}", f"```text\n{line}\n```", *texts]


def _doc(thing: Any) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", inspect.cleandoc(thing.__doc__ or ""))
