"""Lists that were fetched and built on this machine: ``gristmill blocklists update``.

Each list has a folder below :func:`folder`: builds named by their time, one index a category in each, ``about.json`` beside
them, and a file ``current`` that names the build in use. A build is whole before ``current`` names it; the one before stays.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

_KEPT_BUILDS = 2


@dataclass(frozen=True)
class About:
    """What is known of a build. ``entries``: by category; ``sha256`` of the file as fetched, ``fetched`` in UTC (ISO 8601)."""

    name: str
    origin: str
    fetched: str
    licence: str
    sha256: str
    bytes: int
    entries: dict[str, int]
    unknown_lines: dict[str, int]
    published: str = ""  # Last-Modified, where the server said so
    kind: str = "sites"  # or "words": lists of obscene words by language


def folder() -> Path:
    """Where installed lists lie: ``GRISTMILL_BLOCKLISTS``, or ``gristmill/blocklists`` in the user's data folder."""
    named = os.environ.get("GRISTMILL_BLOCKLISTS")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gristmill" / "blocklists"


def names() -> tuple[str, ...]:
    """All that can be named in a recipe, sorted: ``ut1/adult``, and ``ut1`` for a list of one category."""
    found = []
    for about in builds():
        if about.kind != "sites":
            continue
        found += [f"{about.name}/{category}" for category in about.entries] if len(about.entries) > 1 else [about.name]
    return tuple(sorted(found))


def find(name: str) -> Path | None:
    """The index of an installed list by its name, or ``None``."""
    top, _, category = name.partition("/")
    build = current(top) if _is_plain(top) else None
    if build is None:
        return None
    indices = sorted(build.glob("*.idx"))
    if category:
        return next((path for path in indices if path.stem == category), None)
    return indices[0] if len(indices) == 1 else None


def current(name: str) -> Path | None:
    """The folder of the build in use."""
    pointer = folder() / name / "current"
    if not pointer.is_file():
        return None
    build = pointer.parent / pointer.read_text("utf-8").strip()
    return build if (build / "about.json").is_file() else None


def builds() -> list[About]:
    """The builds in use, by name."""
    found = [current(path.name) for path in sorted(folder().glob("*")) if path.is_dir()]
    return [About(**json.loads((path / "about.json").read_text("utf-8"))) for path in found if path]


def words(name: str) -> Path:
    """Where the word lists of an installed build lie: a name that stays, whichever build is in use."""
    return folder() / name / "words"


def install(about: About, indices: dict[str, bytes]) -> Path:
    """Writes a build and puts it into use; the one before it stays, older ones go. Returns its folder.

    ``indices`` are indices by category, or texts of word lists by language."""
    if not _is_plain(about.name) or not all(map(_is_plain, indices)):
        raise ValueError(f"{about.name!r} or one of its categories is no plain name (letters, digits, '.', '_', '-').")
    place = folder() / about.name
    build = place / f"{about.fetched.replace(':', '')}-{uuid.uuid4().hex[:8]}"
    build.mkdir(parents=True)
    try:
        for category, data in indices.items():
            (build / f"{category}.{'idx' if about.kind == 'sites' else 'txt'}").write_bytes(data)
        (build / "about.json").write_text(json.dumps(asdict(about), indent=1, ensure_ascii=False), "utf-8")
        temporary = place / f"current.{uuid.uuid4().hex}.tmp"
        temporary.write_text(build.name, "utf-8")
        temporary.replace(place / "current")
        if about.kind == "words":
            link = place / f"words.{uuid.uuid4().hex}.tmp"
            link.symlink_to(build.name)
            link.replace(words(about.name))
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    older = sorted(path for path in place.iterdir() if path.is_dir() and not path.is_symlink() and path != build)
    for path in older[: -(_KEPT_BUILDS - 1)]:
        shutil.rmtree(path, ignore_errors=True)
    return build


def _is_plain(name: str) -> bool:
    return bool(name) and not name.startswith(".") and all(sign.isalnum() or sign in "._-" for sign in name)
