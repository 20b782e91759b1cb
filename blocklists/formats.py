"""Files of lists as they are published: any usual compression and encoding, tables, and archives of categories.

:func:`read` finds out what a file is by its content, never by its name alone, and refuses what is no list: a page that
says "not found", a program, prose.
"""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import itertools
import logging
import lzma
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, cast

import zstandard

from blocklists.entries import Entry, parse_line

# A list of which a smaller share of lines can be read is something else.
LEAST_SHARE = 0.1
# Files of a category, after Université Toulouse Capitole's lists (UT1), which others follow.
CATEGORY_FILES = ("domains", "urls")
_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_ENDINGS = frozenset(
    [
        ".gz",
        ".bz2",
        ".xz",
        ".zst",
        ".tar",
        ".tgz",
        ".txt",
        ".list",
        ".lst",
        ".csv",
        ".tsv",
        ".conf",
        ".hosts",
        ".rpz",
        ".zone",
        ".idx",
    ]
)
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_LINES = 400
_LONGEST_LINE = 1 << 16

# What the readers of packed files raise where those are damaged or cut off.
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError, tarfile.TarError)

log = logging.getLogger(__name__)


@dataclass
class Category:
    """One category of a source. ``entries()`` opens it anew."""

    name: str
    files: list[ListFile] = field(default_factory=list)

    def entries(self) -> Iterator[Entry]:
        """What it lists, in order. Raises ``ValueError`` at the end if it was no list: see :func:`read`."""
        for file in self.files:
            yield from file.entries()


@dataclass
class ListFile:
    """A list as one file, or as one member of an archive. After :meth:`entries` is through, ``read``, ``ignored`` and
    ``unknown`` count its lines: those that list something, those that needn't (comments), those in no known form."""

    path: Path
    member: str | None = None
    read: int = 0
    ignored: int = 0
    unknown: int = 0
    first_unknown: tuple[int, str] | None = None

    @property
    def title(self) -> str:
        return f"{self.path}, {self.member}" if self.member else str(self.path)

    def entries(self) -> Iterator[Entry]:
        self.read = self.ignored = self.unknown = 0
        self.first_unknown = None
        try:
            yield from self._entries()
        except (*_DAMAGE, OSError) as error:
            _raise_if_of_the_disk(error)
            raise ValueError(f"{self.title} can't be unpacked to its end ({error}). Fetch the list again.") from error
        self._judge()

    def _entries(self) -> Iterator[Entry]:
        with _open(self.path, self.member) as file:
            lines = _lines(file)
            sample = list(itertools.islice(lines, _SAMPLE_LINES))
            self._refuse_pages(sample)
            column = _column(sample)
            for number, line in enumerate(itertools.chain(sample, lines), 1):
                found = parse_line(line) if column is None else column.parse(line)
                if found is None:
                    self.unknown += 1
                    self.first_unknown = self.first_unknown or (number, line.strip()[:100])
                elif found:
                    self.read += 1
                    yield from found
                else:
                    self.ignored += 1

    def _refuse_pages(self, sample: list[str]) -> None:
        start = "".join(sample[:20]).lstrip("\ufeff \t\r\n").lower()
        if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
            raise ValueError(
                f"{self.title} is a web page and no list; it begins {start[:60]!r}. Fetch the list again; its address may "
                "have changed."
            )

    def _judge(self) -> None:
        lines = self.read + self.unknown
        where = f"line {self.first_unknown[0]}: {self.first_unknown[1]!r}" if self.first_unknown else ""
        if lines and self.read < LEAST_SHARE * lines:
            raise ValueError(
                f"{self.title} is no list of domains: {self.unknown:,} of its {lines:,} lines are in no known form, first "
                f"{where}."
            )
        if self.unknown:
            log.warning("%s: %s of %s lines are in no known form and are left out, first %s", self.title,
                        f"{self.unknown:,}", f"{lines:,}", where)  # fmt: skip


def read(path: Path) -> list[Category]:
    """The categories of a source, sorted by name unless it is a single list: a file, a folder with files ``domains`` or
    ``urls``, a folder of such folders, or a tar archive of either. Nothing is parsed yet.

    A file's category is its name without endings; that of ``domains`` and ``urls`` is their folder's. A path inside an
    archive names a category and is never opened as a path. Raises ``FileNotFoundError`` and ``ValueError`` in sentences.
    """
    if path.is_dir():
        found = _by_category(
            [ListFile(file) for name in CATEGORY_FILES for file in sorted(path.rglob(name)) if file.is_file()]
        )
        if not found:
            raise FileNotFoundError(
                f"The folder {path} holds no file called {' or '.join(CATEGORY_FILES)}; name the file of a list."
            )
        return found
    if not path.is_file():
        raise FileNotFoundError(f"There is no block list at {path}.")
    members = _members(path)
    if members is not None:
        named = [member for member in members if PurePosixPath(member).name in CATEGORY_FILES]
        texts = [
            member for member in members if PurePosixPath(member).suffix in (".txt", ".list", ".hosts", ".csv", "")
        ]
        if not (named or texts):
            raise ValueError(f"The archive {path} holds no list: no file called domains or urls, and no text file.")
        return _by_category([ListFile(path, member) for member in named or texts])
    return _by_category([ListFile(path)])


def _by_category(files: list[ListFile]) -> list[Category]:
    found: dict[str, Category] = {}
    for file in files:
        place = PurePosixPath(file.member) if file.member else file.path.absolute()
        name = place.parent.name if place.name in CATEGORY_FILES else plain_name(place.name)
        found.setdefault(name or plain_name(file.path.name), Category(name)).files.append(file)
    return [found[name] for name in sorted(found)]


def plain_name(name: str) -> str:
    """``adult`` for ``adult.txt.gz``."""
    path = PurePosixPath(name)
    while path.suffix.lower() in _ENDINGS and path.stem:
        path = path.with_suffix("")
    return path.name


def _members(path: Path) -> list[str] | None:
    """Names of the regular files in a tar archive, compressed or not; ``None`` if ``path`` is none."""
    try:
        with _decompressed(path.open("rb")) as file:
            start = file.read(512)
    except (*_DAMAGE, OSError) as error:
        _raise_if_of_the_disk(error)
        raise ValueError(f"{path} can't be unpacked ({error}). Fetch the list again.") from error
    if start[257:262] != b"ustar":
        return None
    try:
        with _decompressed(path.open("rb")) as file, tarfile.open(fileobj=file, mode="r|") as archive:
            return [member.name for member in archive if member.isreg()]
    except (tarfile.TarError, EOFError, OSError, zstandard.ZstdError) as error:
        raise ValueError(f"The archive {path} can't be read to its end ({error}). Fetch it again.") from None


def _raise_if_of_the_disk(error: Exception) -> None:
    """bz2 reports damage as ``OSError`` too; what has a number is the disk's."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


class _Member(io.RawIOBase):
    """Keeps archive and file open while a member is read."""

    def __init__(self, path: Path, name: str) -> None:
        self._file = _decompressed(path.open("rb"))
        self._archive = tarfile.open(fileobj=self._file, mode="r|")  # noqa: SIM115 (close() closes it)
        member = next(member for member in self._archive if member.name == name and member.isreg())
        self._member = cast("IO[bytes]", self._archive.extractfile(member))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._member.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._archive.close()
            self._file.close()
        super().close()


def _open(path: Path, member: str | None) -> IO[bytes]:
    if member is None:
        return _decompressed(path.open("rb"))
    return _decompressed(cast("IO[bytes]", io.BufferedReader(_Member(path, member))))


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    """``file`` read through whatever compression its first bytes show."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", file))
    start = buffered.peek(8)[:8]
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
    if kind == "gzip":
        return cast("IO[bytes]", io.BufferedReader(gzip.GzipFile(fileobj=buffered)))
    if kind == "bzip2":
        return cast("IO[bytes]", io.BufferedReader(bz2.BZ2File(buffered)))
    if kind == "xz":
        return cast("IO[bytes]", io.BufferedReader(lzma.LZMAFile(buffered)))
    if kind == "zstd":
        reader = zstandard.ZstdDecompressor().stream_reader(buffered, read_across_frames=True)
        return cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", reader)))
    return cast("IO[bytes]", buffered)


def _lines(file: IO[bytes]) -> Iterator[str]:
    start = file.peek(1 << 12)[: 1 << 12] if isinstance(file, io.BufferedReader) else b""
    encoding = next((name for mark, name in _ENCODINGS if start.startswith(mark)), "")
    if not encoding and start[:200].count(0) * 3 > len(start[:200]):
        encoding = "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    text = io.TextIOWrapper(file, encoding or "utf-8", errors="replace")
    while line := text.readline(_LONGEST_LINE):
        yield line


@dataclass(frozen=True)
class _Column:
    """The column of a table that holds the hosts."""

    delimiter: str
    place: int
    title: str

    def parse(self, line: str) -> list[Entry] | None:
        if not line.strip() or line.lstrip()[:1] in "#;!":
            return []
        cells = next(csv.reader([line], delimiter=self.delimiter), [])
        if len(cells) <= self.place:
            return None
        cell = cells[self.place].strip()
        return [] if cell == self.title else parse_line(cell)


def _column(sample: Iterable[str]) -> _Column | None:
    """Where hosts stand if ``sample`` is a table and no plain list."""
    lines = [line for line in sample if line.strip() and line.lstrip()[:1] not in "#;!"]
    if not lines or 2 * sum(parse_line(line) is not None for line in lines) >= len(lines):
        return None
    for delimiter in ",;\t|":
        rows = list(csv.reader(lines, delimiter=delimiter))
        width = max((len(row) for row in rows), default=0)
        if width < 2 or sum(len(row) == width for row in rows) < 0.8 * len(rows):
            continue
        hits = [
            sum(bool(len(row) == width and parse_line(row[place].strip())) for row in rows) for place in range(width)
        ]
        place = max(range(width), key=lambda place: (hits[place], -place))
        if 2 * hits[place] >= len(rows):
            first = rows[0][place].strip() if len(rows[0]) > place else ""
            return _Column(delimiter, place, "" if "." in first else first)  # "host" is a top-level domain, too
    return None
