"""The parts of an ONNX file that are read and written here, in protocol buffers' encoding.

A file holds a graph: tensors that are constants, and nodes that compute tensors from tensors. The field numbers are
those of ``onnx.proto`` (IR version 8). The library ``onnx`` does all of this and much more, and takes longer to import
than a query may.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FLOAT, _INT, _INTS = 1, 2, 7  # kinds of attributes
# Fields of a model, of its graph, and of a tensor.
_GRAPH = 7
_NODE, _INITIALIZER = 1, 5
_DIMENSIONS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
# ONNX' numbers of the types of tensors, by numpy's names.
TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7}
_IR_VERSION, _OPERATORS = 8, 17


def fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """The numbers and values of a message's fields in order: a whole number, or the bytes of anything else."""
    at = 0
    while at < len(data):
        key, at = _read(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _read(data, at)
            yield key >> 3, value
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind, -1)
        if size < 0:
            size, at = _read(data, at)
        yield key >> 3, data[at : at + size]
        at += size


def _read(data: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def constants(model: bytes) -> dict[str, Any]:
    """The tensors that a model holds, by name, in its order."""
    found = {}
    for graph in (value for number, value in fields(memoryview(model)) if number == _GRAPH):
        for data in (value for number, value in fields(graph) if number == _INITIALIZER):
            name, tensor = _tensor(data)
            if tensor is not None:
                found[name] = tensor
    return found


def _tensor(data: memoryview) -> tuple[str, Any]:
    """The name of a tensor and its array; None in its place if it is of another type than ``TYPES``."""
    from papersearch.core.numeric import numpy

    shape, kind, name, raw = [], 0, "", memoryview(b"")
    for number, value in fields(data):
        if number == _DIMENSIONS:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif number == _TYPE:
            kind = value
        elif number == _NAME:
            name = bytes(value).decode()
        elif number == _RAW:
            raw = value
    known = next((each for each, its_number in TYPES.items() if its_number == kind), None)
    return name, numpy.frombuffer(raw, known).reshape(shape) if known is not None else None


def _packed(data: memoryview) -> list[int]:
    """Numbers that lie in one field."""
    found, at = [], 0
    while at < len(data):
        value, at = _read(data, at)
        found.append(value)
    return found


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # a negative number is written as if it had 64 bits
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | _BYTES) + _varint(len(data)) + data


class Graph:
    """A model being written: constants and nodes are added, each gives the name of what it holds."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._names = 0

    def constant(self, array: Any) -> str:
        """A tensor, of an array of one of ``TYPES``."""
        name = self._name()
        shape = b"".join(_number(_DIMENSIONS, size) for size in array.shape)
        kind = _number(_TYPE, TYPES[array.dtype.name])
        tensor = shape + kind + _bytes(_NAME, name) + _bytes(_RAW, array.tobytes())
        self._written.append(_bytes(_INITIALIZER, tensor))
        return name

    def node(self, kind: str, *inputs: str, **attributes: int | float | list[int]) -> str:
        """The one output of an operator."""
        return self.nodes(kind, 1, *inputs, **attributes)[0]

    def nodes(self, kind: str, outputs: int, *inputs: str, **attributes: int | float | list[int]) -> list[str]:
        """All outputs of an operator."""
        names = [self._name() for _ in range(outputs)]
        written = [_bytes(1, each) for each in inputs] + [_bytes(2, each) for each in names] + [_bytes(4, kind)]
        written += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        self._written.append(_bytes(_NODE, b"".join(written)))
        return names

    def model(self, source: str, result: str) -> bytes:
        """The whole file: from rows of whole numbers, ``source``, to the tensor ``result``, three-dimensional."""
        edges = _edge(11, source, TYPES["int64"], 2) + _edge(12, result, TYPES["float32"], 3)
        graph = b"".join([*self._written, _bytes(2, "graph"), edges])
        return _number(1, _IR_VERSION) + _bytes(8, _bytes(1, "") + _number(2, _OPERATORS)) + _bytes(_GRAPH, graph)

    def _name(self) -> str:
        self._names += 1
        return f"t{self._names}"


def _attribute(name: str, value: int | float | list[int]) -> bytes:
    if isinstance(value, list):
        return _bytes(1, name) + b"".join(_number(8, each) for each in value) + _number(20, _INTS)
    if isinstance(value, float):
        return _bytes(1, name) + _varint(2 << 3 | _FIXED32) + struct.pack("<f", value) + _number(20, _FLOAT)
    return _bytes(1, name) + _number(3, value) + _number(20, _INT)


def _edge(field: int, name: str, kind: int, dimensions: int) -> bytes:
    """What goes into a model or comes out: its name, type, and dimensions of any size."""
    shape = b"".join(_bytes(1, _bytes(2, f"{name}{n}")) for n in range(dimensions))
    return _bytes(field, _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape))))
