"""Records from WACZ files (specs.webrecorder.net/wacz): zip files with WARC files in their folder ``archive/``."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from pipeline.sources.captures import Limits
from pipeline.sources.records import Record, failed
from pipeline.sources.warc import read_warc

_BUFFER_BYTES = 1 << 20


def read_wacz(stream: BinaryIO, path: str, limits: Limits) -> Iterator[Record]:
    """Every record of the WARC files inside, in their names' order. ``stream`` is the raw, seekable file."""
    try:
        with zipfile.ZipFile(stream) as package:
            names = sorted(name for name in package.namelist() if _is_archive(name))
            if not names:
                yield failed(path, None, "the WACZ file holds no WARC file in its folder archive/")
            for name in names:
                yield from _member(package, name, f"{path}, {name}", limits)
    except zipfile.BadZipFile as error:
        yield failed(path, None, f"the file is not a valid WACZ (zip) file: {error}")


def _member(package: zipfile.ZipFile, name: str, place: str, limits: Limits) -> Iterator[Record]:
    try:
        with package.open(name) as member:
            # Stored, as the specification wants it, a member is sought in at once; deflated, it is read again.
            yield from read_warc(io.BufferedReader(cast("io.RawIOBase", member), _BUFFER_BYTES), place, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # NotImplementedError: a compression zipfile doesn't know; RuntimeError: a password.
        yield failed(place, None, f"the member can't be read: {error}")


def _is_archive(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return folder.rpartition("/")[2] == "archive" and file.lower().endswith((".warc", ".warc.gz", ".warc.zst"))
