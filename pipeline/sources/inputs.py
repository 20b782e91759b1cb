"""Which files ``--input`` names: one walk, and nothing that it finds is passed over without a word.

What exists under the very name that was given is that file or folder, whatever characters its name holds, and so is each
``[name]`` on the way; only then is a name a pattern (``*``, ``?``, ``[a-z]``, and ``**`` for any folders). A folder means every file below it, and so does
a pattern that names a folder. Passed over are hidden files (those whose names begin with a dot), what other tools
leave beside their data (:data:`MARKERS`), and the folder that this run writes to.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator

from pipeline import object_stores, storage
from pipeline.sources import common_crawl

# Not data: Spark's, Hadoop's and Parquet writers' marks, unfinished attempts, our own manifests (present and former).
MARKERS = frozenset(
    ("_SUCCESS", "_metadata", "_common_metadata", "_temporary", "_delta_log", "_manifest.json", "manifest.json")
)
_PATTERN = re.compile(r"[*?\[]")
# Folders that lie beside run.json where a run of ours writes.
_OF_A_RUN = ("work", "documents")
_SHOWN = 10  # of the problems of a walk


class BadInput(ValueError):
    """Inputs that can't be read; the message is a sentence that names them."""


def find_inputs(
    patterns: list[str],
    output_dir: str | None = None,
    crawl_base: str = common_crawl.PUBLIC_BASE,
    option: str = "--input",
) -> list[str]:
    """All files that the patterns name, each once, sorted; nothing below ``output_dir``. ``crawl_base``: where the
    files of Common Crawl lie (:mod:`pipeline.sources.common_crawl`). ``option``: what messages call the patterns.

    Raises ``FileNotFoundError`` where one names nothing, :class:`BadInput` where something below one can't be opened.
    """
    found: dict[object, str] = {}
    problems: list[str] = []
    for pattern in patterns:
        if not pattern.strip():
            raise BadInput(f"{option} names nothing: it is empty; is the variable set that it was written with?")
        walk = _Walk(problems, output_dir)
        if common_crawl.is_name(pattern):
            files: Iterable[str] = common_crawl.resolve(pattern, crawl_base)
        elif storage.is_remote(pattern):
            files = _remote(pattern)
        else:
            files = walk.files(storage.absolute(pattern))
        any_file = False
        for file in files:
            any_file = True
            key = file if storage.is_remote(file) or common_crawl.is_selection(file) else _identity(file)
            # A file of two names (links) is read once; which name it has mustn't depend on the order of the inputs.
            found[key] = min(file, found.get(key, file))
        if not any_file and not problems:
            raise FileNotFoundError(
                f"{option} {pattern} names no file; check the path, and quote globs for s3:// and gs://"
            )
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        shown = "".join(f"\n  {problem}" for problem in sorted(problems)[:_SHOWN])
        raise BadInput(
            f"{option}: {len(problems)} things can't be read; make them readable, take them away, or name the others "
            f"one by one:{shown}{more}"
        )
    return sorted(found.values())


def _remote(pattern: str) -> Iterator[str]:
    if storage.is_there(pattern):
        yield pattern
        return
    if pattern.startswith(("http://", "https://")):
        return  # a web server can't be asked what there is
    named = pattern  # a hidden folder that is named is meant
    wild = _PATTERN.search(pattern)
    if wild is None or object_stores.describe(pattern) is not None:
        names = object_stores.files_below(pattern)
    else:
        named = pattern[: wild.start()].rpartition("/")[0]
        names = []
        for name in object_stores.matching(pattern):
            names += [name] if storage.is_there(name) else object_stores.files_below(name)
    for name in names:
        if not any(_is_passed_over(part) for part in name.removeprefix(named).split("/")):
            yield name


def _is_passed_over(name: str) -> bool:
    return (name.startswith(".") and name not in (".", "..")) or name in MARKERS


def _identity(path: str) -> object:
    stat = os.stat(path)
    return (stat.st_dev, stat.st_ino) if stat.st_ino else os.path.realpath(path)


class _Walk:
    """One ``--input``'s files. A folder is entered once, so that links in circles end."""

    def __init__(self, problems: list[str], output_dir: str | None):
        self._problems = problems
        self._entered: set[object] = set()
        self._output = None if output_dir is None or storage.is_remote(output_dir) else os.path.realpath(output_dir)

    def files(self, path: str) -> Iterator[str]:
        if os.path.lexists(path) or not _PATTERN.search(path):
            yield from self._at(path)
            return
        for name in sorted(set(self._matches(os.sep, path.strip(os.sep).split(os.sep)))):
            yield from self._at(name)

    def _at(self, path: str) -> Iterator[str]:
        """``path`` if it is a file, and all files below it if it is a folder."""
        if not os.path.isdir(path):
            if os.path.lexists(path) and self._can_open(path):
                yield path
            return
        for _, files in self._folders(path, self._entered):
            yield from filter(self._can_open, files)

    def _folders(self, top: str, entered: set[object]) -> Iterator[tuple[str, list[str]]]:
        """Each folder below ``top``, itself among them, with its files: once, and by links only if by nothing else."""
        folders, linked = [top], list[str]()
        while folders or linked:
            folder = folders.pop() if folders else linked.pop(0)
            try:
                if self._is_output(folder) or (identity := _identity(folder)) in entered:
                    continue
                entered.add(identity)
                with os.scandir(folder) as found:
                    entries = sorted((entry for entry in found if not _is_passed_over(entry.name)), key=_name)
            except OSError as error:
                self._problems.append(f"{folder}: {error.strerror or error}")
                continue
            below = [entry for entry in entries if entry.is_dir()]
            if any(entry.name == "run.json" for entry in entries) and any(entry.name in _OF_A_RUN for entry in below):
                self._problems.append(
                    f"{folder}: is what another run wrote; take it away, or name its documents/ alone"
                )
                continue
            linked += [entry.path for entry in below if entry.is_symlink()]
            folders += [entry.path for entry in reversed(below) if not entry.is_symlink()]
            yield folder, [entry.path for entry in entries if not entry.is_dir()]

    def _matches(self, folder: str, parts: list[str]) -> Iterator[str]:
        """The paths below ``folder`` that the parts of a pattern name."""
        if not parts:
            yield folder
            return
        part, rest = parts[0], parts[1:]
        if part == "**":
            for below, _ in self._folders(folder, set()) if rest else [(folder, [])]:
                yield from self._matches(below, rest)
        elif not re.search(r"[*?]", part) and os.path.lexists(os.path.join(folder, part)):
            yield from self._matches(os.path.join(folder, part), rest)
        elif not _PATTERN.search(part):
            return
        elif os.path.isdir(folder):
            try:
                names = sorted(os.listdir(folder))
            except OSError as error:
                self._problems.append(f"{folder}: {error.strerror or error}")
                return
            for name in names:
                if fnmatch.fnmatchcase(name, part) and (part.startswith(".") or not _is_passed_over(name)):
                    yield from self._matches(os.path.join(folder, name), rest)

    def _is_output(self, folder: str) -> bool:
        """Whether this run writes to ``folder``; what it wrote is no input of its second start."""
        return self._output is not None and os.path.realpath(folder) == self._output

    def _can_open(self, path: str) -> bool:
        """Tries it: what permissions say isn't always what a file server allows."""
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = path.encode("utf-8", "backslashreplace").decode()
            self._problems.append(f"{shown}: its name is not UTF-8, as tables write it; rename it")
            return False
        try:
            if os.path.exists(path) and not os.path.isfile(path):
                raise OSError("is no regular file; write what it gives to a disk first")
            with open(path, "rb"):
                return True
        except OSError as error:
            what = "is a link to nothing" if os.path.islink(path) and not os.path.exists(path) else error.strerror
            self._problems.append(f"{path}: {what or error}")
            return False


def _name(entry: os.DirEntry) -> str:
    return entry.name
