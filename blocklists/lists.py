"""Block lists: domains by category, and whether a host is on them.

Llama 3 excludes domains that are known to contain adult content or rank as harmful (arXiv 2407.21783, §3.1.1). A list
is a text file in one of the usual forms, mixed as one likes: one host or domain a line (also the file ``domains`` of a
category folder of Université Toulouse Capitole's lists), or a hosts file (``0.0.0.0 example.com``); ``#`` starts a
comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import xxhash

from blocklists.domain import normalise_host, registrable_domain

DATA = Path(__file__).with_name("data")

# Where hosts files send what they block.
_SINKS = frozenset("0.0.0.0 127.0.0.1 :: ::1 fe80::1%lo0 255.255.255.255".split())
# What hosts files say about the machine itself.
_OWN_NAMES = frozenset(
    "localhost localhost.localdomain local broadcasthost 0.0.0.0 ip6-localhost ip6-loopback ip6-allnodes".split()
)
_CHUNK = 1 << 20


class DomainList:
    """Listed hosts and their category, 9 bytes an entry: a sorted ``uint64`` array of hashes and one of categories.

    Two hosts with one hash would be taken for each other; with ten million entries the chance that a host that is not
    listed meets any of them is 5·10⁻¹³. Picklable and immutable.
    """

    def __init__(self, hashes: np.ndarray, codes: np.ndarray, categories: tuple[str, ...]) -> None:
        """``hashes`` sorted and distinct; ``codes`` (``uint8``) index ``categories``. Made by :func:`load`."""
        self._hashes, self._codes, self.categories = hashes, codes, categories

    def __len__(self) -> int:
        return self._hashes.size

    def category(self, host: str) -> str | None:
        """The category of ``host`` or of a domain above it, or ``None`` where neither is listed.

        From the full host up to its registrable domain each level is looked up, the longest first: ``example.com`` on
        a list covers ``www.example.com``; ``a.example.com`` doesn't cover ``example.com``. A listed public suffix
        (``blogspot.com``) covers only the host of that very name, never the sites below it.
        """
        host = normalise_host(host)
        top = registrable_domain(host)
        while host:
            key = np.uint64(_hash(host))  # a Python int would have the whole array converted
            place = int(np.searchsorted(self._hashes, key))
            if place < self._hashes.size and self._hashes[place] == key:
                return self.categories[self._codes[place]]
            if host == top:
                return None
            host = host.partition(".")[2]
        return None


def load(names_or_paths: Iterable[str | Path]) -> DomainList:
    """One :class:`DomainList` from several lists; the first that holds a domain gives its category.

    Each is the name of a shipped list (:func:`shipped`), a file, or a folder with a file ``domains``. The category is
    the file's name without its ending, or the folder's name for a file ``domains``. Raises ``FileNotFoundError`` for a
    list that isn't there and ``ValueError`` for one without an entry, or if no list is named.
    """
    sources = [_locate(item) for item in names_or_paths]
    if not sources:
        raise ValueError(f"No block list is named; the shipped ones are {', '.join(shipped())}.")
    categories = tuple(dict.fromkeys(category for category, _ in sources))
    if len(categories) > 256:
        raise ValueError(f"{len(categories)} categories are named; a list of domains holds at most 256.")
    hashes, codes = [], []
    for category, path in sources:
        found = _read(path)
        if not found.size:
            raise ValueError(f"The block list {path} holds no domain, so it could never block anything.")
        hashes.append(found)
        codes.append(np.full(found.size, categories.index(category), np.uint8))
    # np.unique returns first occurrences: earlier lists win.
    distinct, first = np.unique(np.concatenate(hashes), return_index=True)
    return DomainList(distinct, np.concatenate(codes)[first], categories)


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """Names of the lists that come with the package, sorted."""
    return tuple(sorted(path.stem for path in DATA.glob("*.txt")))


def _locate(item: str | Path) -> tuple[str, Path]:
    path = DATA / f"{item}.txt" if str(item) in shipped() else Path(item)
    if path.is_dir():
        path = path / "domains"
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no block list {str(item)!r}: neither a file, nor a folder with a file 'domains', nor one of "
            f"the shipped lists {', '.join(shipped())}."
        )
    return (path.parent.name if path.name == "domains" else path.stem), path


def _read(path: Path) -> np.ndarray:
    """Hashes of the hosts in a file, in its order; memory is bounded by 8 bytes an entry."""
    parts, hosts = [], []
    with path.open(encoding="utf-8", errors="replace") as file:
        for host in _hosts(file):
            hosts.append(_hash(host))
            if len(hosts) == _CHUNK:
                parts.append(np.array(hosts, np.uint64))
                hosts.clear()
    return np.concatenate([*parts, np.array(hosts, np.uint64)])


def _hosts(file: Iterable[str]) -> Iterator[str]:
    for line in file:
        entry = line.partition("#")[0].split()
        # A hosts file may name several hosts after one address.
        for host in entry[1:] if len(entry) > 1 and entry[0] in _SINKS else entry:
            host = normalise_host(host)
            if host and host not in _OWN_NAMES:
                yield host


def _hash(host: str) -> int:
    return xxhash.xxh3_64_intdigest(host.encode("utf-8", "surrogatepass"))
