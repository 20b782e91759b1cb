"""Published lists of obscene words by language, as the filters' word lists: ``gristmill blocklists update ldnoobw``.

LDNOOBW's archive has a file for each language, named by its code, one word or phrase a line. Any archive (``.tar.gz``,
``.zip``) or folder of that form will do. Names inside an archive are read as names alone, never as paths to write to.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-[A-Za-z0-9-]+)?(?:\.txt)?")
_MOST_BYTES = 4 << 20
# fastText's lid.176 knows these by another code.
_CODES = {"fil": "tl", "nb": "no"}


def read_word_lists(path: Path) -> dict[str, list[str]]:
    """The entries by language code, in the order of the files; regional lists join their language's.

    Raises ``ValueError`` where nothing is named by a language or a list is no UTF-8 text, ``FileNotFoundError`` without the file.
    """
    found: dict[str, dict[str, None]] = {}
    for name, data in sorted(_files(path)):
        matched = _LANGUAGE.fullmatch(name)
        if not matched:
            continue
        try:
            lines = data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise ValueError(f"{path}: the list {name} is no UTF-8 text.") from None
        # A number sign and a bar mean something in a word list of ours, and nothing in words; an emoji is no word to any filter.
        entries = [line.strip() for line in lines if any(map(str.isalnum, line)) and not set(line) & set("#|")]
        language = _CODES.get(matched[1], matched[1])
        found.setdefault(language, {}).update(dict.fromkeys(entries))
    if not any(found.values()):
        raise ValueError(
            f"{path} holds no list of words; expected files that are named by a language, such as en or de."
        )
    return {language: list(entries) for language, entries in found.items() if entries}


def as_file(entries: list[str], origin: str, licence: str) -> bytes:
    """A word list of the filters' form (``filters/vocabulary.py``) that says where it comes from."""
    head = f"# From {origin}, {licence}. ENTRY | WEIGHT | CONTEXTS THAT EXCUSE IT: edit a copy.\n"
    return (head + "".join(f"{entry}\n" for entry in entries)).encode("utf-8")


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names without folders, and contents of files of a few megabytes at most."""
    if path.is_dir():
        for file in path.iterdir():
            if file.is_file() and file.stat().st_size <= _MOST_BYTES:
                yield file.name, file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as zipped:
            for entry in zipped.infolist():
                if not entry.is_dir() and entry.file_size <= _MOST_BYTES:
                    yield entry.filename.rpartition("/")[2], zipped.read(entry)
    else:
        try:
            with tarfile.open(path) as archive:
                for member in archive:
                    stream = archive.extractfile(member) if member.isfile() and member.size <= _MOST_BYTES else None
                    if stream:
                        yield member.name.rpartition("/")[2], stream.read()
        except tarfile.TarError as error:
            raise ValueError(f"{path} is no archive of word lists: {error}.") from None
