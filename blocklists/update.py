"""Fetches the lists of the field and builds them: ``gristmill blocklists update``.

The only part of the package that may use the network, and only when a person asks it to.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

from blocklists import formats, installed
from blocklists.index import HostIndex
from blocklists.installed import About
from blocklists.lists import Source, build_index
from blocklists.word_lists import as_file, read_word_lists

_AGENT = {"User-Agent": "gristmill (block list update)"}
_TIMEOUT, _BLOCK, _TRIES = 60.0, 1 << 20, 5


class Published(NamedTuple):
    """A list of the field: where it is published, under which licence, and what it holds."""

    url: str
    licence: str
    holds: str
    kind: str = "sites"


# Addresses and licences as their publishers name them. Each is fetched as it is published on the day, and its hash kept.
PUBLISHED = {
    "ut1": Published(
        "https://dsi.ut-capitole.fr/blacklists/download/blacklists.tar.gz",
        "CC-BY-SA-4.0",
        "Université Toulouse Capitole: some 60 categories, adult alone over four million domains; some name good sites",
    ),
    "stevenblack": Published(
        "https://raw.githubusercontent.com/StevenBlack/hosts/master/hosts",
        "MIT",
        "advertising and malware, a hosts file",
    ),
    "stevenblack-porn": Published(
        "https://raw.githubusercontent.com/StevenBlack/hosts/master/alternates/porn-only/hosts",
        "MIT",
        "adult sites, a hosts file",
    ),
    "urlhaus": Published(
        "https://urlhaus.abuse.ch/downloads/hostfile/", "CC0-1.0", "hosts that serve malware now, a hosts file"
    ),
    "ldnoobw": Published(
        "https://github.com/LDNOOBW/List-of-Dirty-Naughty-Obscene-and-Otherwise-Bad-Words/archive/refs/heads/master.tar.gz",
        "CC-BY-4.0",
        "obscene words in 28 languages, for heuristics.dirty_words.added",
        "words",
    ),
}


def update(
    names: Iterable[str] = (),
    origin: str | None = None,
    name: str | None = None,
    licence: str = "",
    tell: Callable[[str], None] = print,
    kind: str = "sites",
) -> list[About]:
    """Fetches and builds lists, and puts each into use once it is whole; the build before it stays beside it.

    ``names`` of :data:`PUBLISHED` (all, if neither names nor an origin is given), or ``origin``: a URL or path of a list in
    any form that :func:`blocklists.formats.read` knows, installed as ``name`` (or the file's own name) with ``licence``; of ``kind`` "words" it
    is an archive or folder of word lists (:mod:`blocklists.word_lists`).
    Raises ``ValueError`` for what is no list, ``OSError`` where it can't be fetched; what is installed then stays in use.
    """
    if origin is None:
        unknown = [wanted for wanted in names if wanted not in PUBLISHED]
        if unknown:
            raise ValueError(
                f"There is no published list {', '.join(unknown)}; there are {', '.join(PUBLISHED)}. Name another by its "
                "address: --from URL."
            )
        chosen = [(wanted, *PUBLISHED[wanted]) for wanted in names or PUBLISHED]
    else:
        chosen = [
            (
                name or formats.plain_name(origin.rstrip("/").rpartition("/")[2]),
                origin,
                licence or "not stated",
                "",
                kind,
            )
        ]
    return [_install(wanted, address, terms, tell, form) for wanted, address, terms, _, form in chosen]


def _install(name: str, origin: str, licence: str, tell: Callable[[str], None], kind: str) -> About:
    if origin.startswith(("https://", "http://")):
        path, published = _fetch(origin, installed.folder() / "downloads", tell)
    elif "://" in origin:
        raise ValueError(f"{origin} is no web address; lists are fetched by https:// or read from a path.")
    else:
        path, published = Path(origin), ""
    if kind == "words":
        about = _install_words(name, origin, licence, path, published)
        tell(
            f"{name}: {sum(about.entries.values()):,} words in {len(about.entries)} languages, from {origin} ({licence}); "
            f"a recipe adds them with heuristics.dirty_words.added: {installed.words(name)}"
        )
        if "://" in origin:
            path.unlink(missing_ok=True)
        return about
    # The name of what was fetched says less than the name under which it is installed.
    categories = formats.read(path)
    alone = len(categories) == 1 and not path.is_dir()
    indices, entries, unknown = {}, {}, {}
    for category in categories:
        label = name if alone else category.name
        try:
            data = build_index([Source(path, (category.name,), label)])
        except ValueError as error:
            if alone:
                raise
            tell(f"left out: {error}")  # an archive's empty category, or a file that is no list
            continue
        indices[label] = data
        entries[label] = len(HostIndex(data))
        unknown[label] = sum(file.unknown for file in category.files)
    if not indices:
        raise ValueError(f"{origin} holds no list that blocks anything.")
    digest, size = _digest(path)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    about = About(name, origin, now, licence, digest, size, entries, unknown, published)
    installed.install(about, indices)
    if "://" in origin:
        path.unlink(missing_ok=True)
    tell(f"{name}: {sum(entries.values()):,} entries in {len(entries)} lists, from {origin} ({licence})")
    return about


def _install_words(name: str, origin: str, licence: str, path: Path, published: str) -> About:
    lists = read_word_lists(path)
    digest, size = _digest(path)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    counts = {language: len(entries) for language, entries in lists.items()}
    about = About(name, origin, now, licence, digest, size, counts, {}, published, "words")
    installed.install(about, {language: as_file(entries, origin, licence) for language, entries in lists.items()})
    return about


def _digest(path: Path) -> tuple[str, int]:
    """sha256 and size of a file, or of all files of a folder in the order of their names."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    total, size = hashlib.sha256(), 0
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                total.update(block)
                size += len(block)
    return total.hexdigest(), size


def _fetch(url: str, place: Path, tell: Callable[[str], None]) -> tuple[Path, str]:
    """Downloads ``url``, going on where a broken download ended if the file is still the same; its path, and when it was
    last changed (ISO 8601, empty where the server doesn't say)."""
    place.mkdir(parents=True, exist_ok=True)
    ending = Path(url.partition("?")[0]).name or "list"
    target = place / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{ending}"
    partial, note = target.with_name(target.name + ".part"), target.with_name(target.name + ".json")
    published = ""
    for attempt in range(_TRIES):
        try:
            published = _download(url, partial, note)
            break
        except (urllib.error.URLError, TimeoutError, ConnectionError, EOFError) as error:
            final = isinstance(error, urllib.error.HTTPError) and error.code not in (408, 429, 500, 502, 503, 504)
            if final or attempt == _TRIES - 1:
                raise OSError(f"{url} can't be fetched: {error}. What is installed stays in use.") from None
            tell(f"{url}: {error}; trying again")
            time.sleep(2**attempt * _backoff())
    partial.replace(target)
    note.unlink(missing_ok=True)
    return target, published


def _backoff() -> float:
    return float(os.environ.get("GRISTMILL_BACKOFF_SECONDS", "1"))


def _download(url: str, partial: Path, note: Path) -> str:
    have = partial.stat().st_size if partial.exists() else 0
    validator = json.loads(note.read_text("utf-8")).get("validator", "") if have and note.exists() else ""
    headers = dict(_AGENT)
    if have and validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the part is as long as the file, or longer: begin anew
            partial.unlink(missing_ok=True)
            raise EOFError("the partial download doesn't fit the file any more") from None
        raise
    with answer:
        going_on = answer.status == 206
        etag = answer.headers.get("ETag", "")
        kept = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")
        note.write_text(json.dumps({"url": url, "validator": kept}), "utf-8")
        expected = int(answer.headers["Content-Length"]) if "Content-Length" in answer.headers else None
        with partial.open("ab" if going_on else "wb") as file:
            before = file.tell()
            shutil.copyfileobj(answer, file, _BLOCK)
            got = file.tell() - before
        if expected is not None and got < expected:
            raise EOFError(f"the connection ended after {got:,} of {expected:,} bytes")
        changed = answer.headers.get("Last-Modified")
    return parsedate_to_datetime(changed).isoformat() if changed else ""
