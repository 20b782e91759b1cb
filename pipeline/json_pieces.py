"""JSON of any length, written, compared and read some at a time: of its lists one entry is held.

The bytes are those of :func:`pipeline.storage.dump_json`, whichever way they are made. So a list of the outermost mapping
begins on a line of its own, and so do its entries. A file that something else has laid out is read whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pipeline import storage

_AT_ONCE = 1 << 20
_END = b"\n}\n"
_CLOSINGS = (b"  ]\n", b"  ],\n")


class Entries:
    """A list that is made while it is written: ``make`` begins it anew each time."""

    def __init__(self, make: Callable[[], Iterable[Any]]):
        self._make = make

    def __iter__(self) -> Iterator[Any]:
        return iter(self._make())


def write(path: str, value: Mapping[str, Any], sort_keys: bool = True) -> int:
    """Writes ``value``, whose values may be :class:`Entries`, as JSON, and returns the number of bytes. Of a local file a
    megabyte is held; what goes to a store is held whole, since it is sent by one request."""
    return storage.write_pieces(path, _encoded(value, sort_keys))


def texts(value: Mapping[str, Any], indent: int = 2, sort_keys: bool = True) -> Iterator[str]:
    """``value`` as JSON with a final line feed, a megabyte at a time: as ``json.dumps`` has it, with its :class:`Entries`
    and lists taken one by one."""
    gathered: list[str] = []
    length = 0
    for text in chain(_texts(value, indent, sort_keys), "\n"):
        gathered.append(text)
        length += len(text)
        if length >= _AT_ONCE:
            yield "".join(gathered)
            gathered, length = [], 0
    yield "".join(gathered)


def is_same(path: str, value: Mapping[str, Any], sort_keys: bool = True) -> bool:
    """Whether the file at ``path`` holds just what :func:`write` would write."""
    with storage.open_read(path) as file:
        return all(file.read(len(piece)) == piece for piece in _encoded(value, sort_keys)) and not file.read(1)


def is_whole(path: str) -> bool:
    """Whether there is such a file and its last bytes are those of a whole one: within it, braces are indented."""
    size = storage.size(path)
    return size is not None and storage.read_range(path, max(0, size - len(_END)), len(_END)) == _END


def without(path: str, name: str) -> dict[str, Any]:
    """What the file at ``path`` holds, but for the entries of the list ``name``, which may be many: there it is empty."""
    opening, kept = _opening(name), []
    with storage.open_read(path) as file:
        for line in file:
            kept.append(line)
            if line == opening:
                # Its last line says whether more follows.
                kept.append(next((line for line in file if line in _CLOSINGS), b""))
    value = json.loads(b"".join(kept))
    return {**value, name: []} if name in value else value


def entries(path: str, name: str) -> Iterator[Any]:
    """The entries of the list ``name`` of the outermost mapping in the file at ``path``, one by one; none where it has no such list."""
    opening = _opening(name)
    with storage.open_read(path) as file:
        if not any(line == opening for line in file):
            file.seek(0)
            yield from json.load(file).get(name, ())
            return
        gathered: list[bytes] = []
        for line in file:
            if line in _CLOSINGS:
                return
            gathered.append(line.rstrip(b",\n") if _ends_entry(line) else line)
            if _ends_entry(line):
                yield json.loads(b"".join(gathered))
                gathered = []
    raise ValueError(f"{path} breaks off")


def _opening(name: str) -> bytes:
    return f"  {json.dumps(name)}: [\n".encode()


def _ends_entry(line: bytes) -> bool:
    """Whether it is the last line of an entry, which alone is indented by four spaces and opens nothing."""
    return line.startswith(b"    ") and line[4:5] not in b" " and not line.endswith((b"{\n", b"[\n"))


def _encoded(value: Mapping[str, Any], sort_keys: bool) -> Iterator[bytes]:
    return (text.encode() for text in texts(value, sort_keys=sort_keys))


def _texts(value: Any, indent: int, sort_keys: bool, depth: int = 0) -> Iterator[str]:
    line, end = ("\n" + " " * indent * level for level in (depth + 1, depth))
    empty = True
    if isinstance(value, Mapping):
        for key in sorted(value) if sort_keys else value:
            yield f"{'{' if empty else ','}{line}{json.dumps(key, ensure_ascii=False)}: "
            yield from _texts(value[key], indent, sort_keys, depth + 1)
            empty = False
        yield "{}" if empty else end + "}"
    elif isinstance(value, Entries | list):
        for entry in value:
            # Line feeds within strings are escaped: those that are there begin lines.
            text = json.dumps(entry, indent=indent, sort_keys=sort_keys, ensure_ascii=False)
            yield ("[" if empty else ",") + line + text.replace("\n", line)
            empty = False
        yield "[]" if empty else end + "]"
    else:
        yield json.dumps(value, indent=indent, sort_keys=sort_keys, ensure_ascii=False)
