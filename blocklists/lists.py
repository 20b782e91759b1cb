"""Block lists: sites by category, and whether an address is on them.

Llama 3 excludes domains that are known to contain adult content or rank as harmful (arXiv 2407.21783, §3.1.1).
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xxhash

from blocklists import formats, installed
from blocklists.domain import is_public_suffix, normalise_host
from blocklists.entries import Entry, split_address
from blocklists.index import ADDRESS, EXCEPTION, HOST, MAGIC, PATHS, TOP_LEVEL, WHOLE_SUFFIX, HostIndex, build, hashed
from text import hosts
from text.hosts import LONGEST_HOST

DATA = Path(__file__).with_name("data")

_PLAIN_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+").fullmatch
_CHUNK = 1 << 18
# From so many entries on, an index is worth a file that all workers of a machine share.
_SHARED = 100_000
_KEPT_FILES = 8
_MOST_SEGMENTS = 32


class Source(NamedTuple):
    """A list or an archive of lists, the categories wanted of it (all, if none is named), and what to call a single one."""

    path: Path
    categories: tuple[str, ...] | None = None
    label: str = ""


class BlockList:
    """Listed sites and their categories. Immutable; a pickled copy of a large one maps the same file."""

    def __init__(self, index: HostIndex) -> None:
        self._index = index
        self.categories = index.categories

    def __len__(self) -> int:
        return len(self._index)

    @property
    def about(self) -> dict:
        """Where the entries come from: for each source its path or name, counts, and what is known of its age and licence."""
        return self._index.about

    def category(self, address: str) -> str | None:
        """The category of ``address`` (a URL or a host), or ``None`` where it isn't listed.

        The host and each domain above it are looked up, the longest first: ``example.com`` on a list covers
        ``www.example.com``; ``a.example.com`` doesn't cover ``example.com``. A listed public suffix (``blogspot.com``)
        covers only the host of that very name, never the sites below it, unless the list says ``*.blogspot.com`` or it is
        a top-level domain (``xxx``). A listed address (``example.com/path``) covers those that go on with ``/`` or ``?``.
        """
        host, path = address, ""
        if not _PLAIN_HOST(address):
            start = address.find("://") + 3
            host, path = split_address(address[start:] if start > 2 else address)
            host = host.rpartition("@")[2]
            if not _PLAIN_HOST(host):
                host = normalise_host(host)
        level, find, top_levels = host, self._index.find, self._index.top_levels
        if len(host) > LONGEST_HOST:  # none is listed; each of its 50,000 levels would cost its length
            level = host[-LONGEST_HOST - 1 :].partition(".")[2]
        while level:
            flags, code = find(level)
            if flags:
                if flags & EXCEPTION:
                    return None
                if flags & PATHS and path and (listed := self._path_category(level, path)):
                    return listed
                if flags & HOST and (level == host or flags & WHOLE_SUFFIX or not is_public_suffix(level)):
                    return self.categories[code]
            level = level.partition(".")[2]
            if not top_levels and "." not in level:
                break
        return None

    def _path_category(self, host: str, path: str) -> str | None:
        prefixes = [path, path.partition("?")[0]]
        while len(prefixes) < _MOST_SEGMENTS and prefixes[-1]:
            prefixes.append(prefixes[-1].rpartition("/")[0])
        for prefix in prefixes:
            flags, code = self._index.find(host + prefix) if prefix else (0, 0)
            if flags & ADDRESS:
                return self.categories[code]
        return None


def load(names_or_paths: Iterable[str | Path]) -> BlockList:
    """One :class:`BlockList` from several sources; the first that lists a site gives its category.

    Each source is the name of a shipped list (:func:`shipped`), of an installed one (``ut1/adult``,
    :mod:`blocklists.installed`), or a path: a list in any form that :mod:`blocklists.entries` knows, compressed or not, a
    folder with a file ``domains`` or ``urls``, an index, or an archive or folder of several categories, of which those
    wanted are named after a ``#``: ``blacklists.tar.gz#adult,malware`` (``#*`` takes all: mind that such archives hold
    lists of good sites too).

    Raises ``FileNotFoundError`` for a list that isn't there, and ``ValueError`` for one that is none, that is empty or
    lacks a category, or if no list is named.
    """
    sources = [locate(str(item)) for item in names_or_paths]
    if not sources:
        raise ValueError(f"No block list is named; the shipped ones are {', '.join(shipped())}.")
    return load_sources(sources)


def load_sources(sources: list[Source]) -> BlockList:
    """As :func:`load`, for sources that were located already."""
    if len(sources) == 1 and _is_index(sources[0].path) and sources[0].categories is None:
        return BlockList(HostIndex.open(sources[0].path))
    place = _cache_folder() / f"{fingerprint(sources)}.idx"
    if place.is_file():
        os.utime(place)
        return BlockList(HostIndex.open(place))
    data = build_index(sources)
    index = HostIndex(data)
    shared = _share(data, place) if len(index) >= _SHARED else None
    return BlockList(HostIndex.open(shared) if shared else index)


def build_file(names_or_paths: Iterable[str | Path], output: Path) -> int:
    """Writes the lists (named as :func:`load` takes them) as one index file, whole or not at all; the number of entries."""
    data = build_index([locate(str(item)) for item in names_or_paths])
    temporary = output.with_name(f"{output.name}.{uuid.uuid4().hex}.tmp")
    temporary.write_bytes(data)
    temporary.replace(output)
    return len(HostIndex(data))


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """Names of the lists that come with the package, sorted. They are small: adult filtering with them is a demonstration."""
    return tuple(sorted(path.stem for path in DATA.glob("*.txt")))


def build_index(sources: Iterable[Source]) -> bytes:
    """The entries of ``sources`` as an index's bytes. Memory: some 40 bytes an entry."""
    names: dict[str, int] = {}
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    about = []
    for source in sources:
        counts: dict[str, int] = {}
        described = {"source": source.label or source.path.name, "categories": counts}
        if _is_index(source.path):
            index = HostIndex.open(source.path)
            codes = np.array([names.setdefault(name, len(names)) for name in index.categories], np.int64)
            hashes, flags, own = index.arrays()
            rows.append((hashes, flags, codes[own]))
            described["built_from"] = index.about
            counts |= {name: int((own == code).sum()) for code, name in enumerate(index.categories)}
        else:
            for category in _chosen(source):
                before = sum(hashes.size for hashes, _, _ in rows)
                label = source.label or category.name
                code = names.setdefault(label, len(names))
                rows += [(hashes, flags, np.full(hashes.size, code)) for hashes, flags in _hashed_entries(category)]
                count = sum(hashes.size for hashes, _, _ in rows) - before
                if not count:
                    raise ValueError(
                        f"The block list {source.path} holds no domain"
                        + (f" of the category {category.name}" if source.categories else "")
                        + ", so it could never block anything."
                    )
                counts[label] = count
        about.append(described)
    hashes, flags, codes = (np.concatenate([row[k] for row in rows]) for k in range(3))
    return build(hashes, flags, codes, names, {"sources": about})


def _chosen(source: Source) -> list[formats.Category]:
    found = formats.read(source.path)
    names = [category.name for category in found]
    if source.categories is None and len(found) > 1:
        raise ValueError(
            f"{source.path} holds {len(found)} lists ({', '.join(names)}), and not all of them may name bad sites. Say which "
            f"are to be used: {source.path}#{names[0]},{names[1]} (or #* for all)."
        )
    if source.categories is None or source.categories == ("*",):
        return found
    missing = [name for name in source.categories if name not in names]
    if missing:
        raise ValueError(f"{source.path} has no list {', '.join(missing)}; it has {', '.join(names)}.")
    return [category for category in found if category.name in source.categories]


def _hashed_entries(category: formats.Category) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    entries = category.entries()
    while chunk := list(islice(entries, _CHUNK)):
        keys, flags = [], []
        for entry in chunk:
            keys.append(entry.host)
            flags.append(_host_flags(entry))
            if entry.path and not entry.exception:
                keys.append(entry.host + entry.path)
                flags.append(ADDRESS)
        yield hashed(keys), np.array(flags, np.uint8)


def _host_flags(entry: Entry) -> int:
    if entry.exception:
        return 0 if entry.path else EXCEPTION
    if entry.path:
        return PATHS
    return HOST | WHOLE_SUFFIX * entry.whole_suffix | TOP_LEVEL * ("." not in entry.host)


def locate(item: str) -> Source:
    """The source that a recipe names: see :func:`load`. Raises ``FileNotFoundError`` where there is none."""
    if item in shipped():
        return Source(DATA / f"{item}.txt", None)
    path, mark, wanted = item.rpartition("#")
    if not mark or Path(item).exists():
        path, wanted = item, ""
    categories = tuple(name.strip() for name in wanted.split(",") if name.strip()) or None
    if not Path(path).exists():
        found = installed.find(item)
        if found:
            return Source(found, None)
        have = (*shipped(), *installed.names())
        raise FileNotFoundError(
            f"There is no block list {item!r}: neither a file, nor a folder with a file 'domains', nor one of the shipped or "
            f"installed lists {', '.join(have)}."
        )
    return Source(Path(path), categories)


def _is_index(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def fingerprint(sources: list[Source]) -> str:
    """A hash of all that decides an index: what the sources hold, which categories are wanted, and how they are read."""
    total = xxhash.xxh3_128()
    read_by = [
        Path(__file__).with_name(name) for name in ("entries.py", "formats.py", "index.py", "lists.py", "domain.py")
    ]
    for path in (*read_by, Path(hosts.__file__)):
        total.update(path.read_bytes())
    total.update(metadata.version("tldextract").encode())
    for source in sources:
        total.update(repr((source.path.name, source.categories)).encode())
        files = [source.path]
        if source.path.is_dir():
            files = sorted(
                path for path in source.path.rglob("*") if path.is_file() and path.name in formats.CATEGORY_FILES
            )
        for path in files:
            total.update(str(path.relative_to(source.path)).encode())
            with path.open("rb") as file:
                while block := file.read(1 << 22):
                    total.update(block)
    return total.hexdigest()


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gristmill" / "blocklists"


def _share(data: bytes, place: Path) -> Path | None:
    """Writes ``data`` where all processes find it; the oldest files beyond a few go. ``None`` where that can't be done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.name}.{uuid.uuid4().hex}.tmp")
        temporary.write_bytes(data)
        temporary.replace(place)
        files = sorted(place.parent.glob("*.idx"), key=lambda path: path.stat().st_mtime)
        for old in files[:-_KEPT_FILES]:
            old.unlink(missing_ok=True)  # who has it mapped keeps it
    except OSError:
        return None
    return place
