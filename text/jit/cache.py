"""Where compiled kernels are kept between runs: one folder for each state of their sources.

numba looks at the file of the function that it compiles, and at no other: where a callee or a constant in another
file has changed, it takes the machine code of before. So the folder's name is a hash of all that machine code is made
from. A change gives another folder, in which nothing stands yet; processes of before keep theirs. Each package has folders of
its own: an edit of a filter leaves the parser's machine code, which takes a minute to compile, as it is.
"""

# numba.config is documented, and not in numba's list of names.
# pyright: reportPrivateImportUsage=false

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import numba
import numpy as np

_LOG = logging.getLogger(__name__)
# The packages that have kernels, and for each of them those that its kernels and their constants may come from. All their
# files count, data too, since a constant may have been made of any of them.
SOURCES = {
    "dedup": ("dedup", "text"),
    "filters": ("filters", "text"),
    "parsers": ("parsers", "text"),
    "text": ("text",),
}
# Settings of numba (NUMBA_BOUNDSCHECK=1, say) that change the machine code, and that its own cache doesn't look at.
_SETTINGS = (
    "BOUNDSCHECK", "OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX", "DISABLE_INTEL_SVML", "DEBUGINFO_DEFAULT"
)  # fmt: skip
_NAME = "gristmill-kernels"
_KEY = re.compile(r"[0-9a-f]{32}")
# A folder that no process has started with for so many days goes, and after one day all but the latest.
_DAYS, _LATEST = 30, 8
_DAY = 86_400.0


def source_root() -> Path:
    """The folder that the packages of :data:`SOURCES` lie in."""
    return Path(__file__).resolve().parents[2]


def key(root: Path, package: str) -> str:
    """A hash of the sources of a package's kernels below ``root``, of numba's and numpy's versions and of numba's settings.
    numba itself sees to Python's version and the processor. Empty where there are no sources to read (in a zip archive,
    say)."""
    settings = [(name, getattr(numba.config, name, None)) for name in _SETTINGS]
    found = hashlib.sha256(repr((package, numba.__version__, np.__version__, settings)).encode())
    count = 0
    for source in SOURCES[package]:
        for path in _files(os.path.join(root, source)):
            with open(path, "rb") as file:
                content = hashlib.sha256(file.read()).digest()
            found.update(os.path.relpath(path, root).encode() + b"\0" + content)
            count += path.endswith(".py")
    return found.hexdigest()[:32] if count else ""


def _files(folder: str) -> Iterator[str]:
    """All files below ``folder`` but what Python and numba put there, in one order everywhere."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        for name in sorted(names):
            if not name.endswith((".pyc", ".nbi", ".nbc")):
                yield os.path.join(here, name)


@functools.cache
def folder(package: str) -> Path | None:
    """The folder of a package's kernels, made if need be and marked as in use; ``None`` where kernels can't be kept,
    which is logged: then every process compiles its own."""
    name = key(source_root(), package)
    if not name:
        _LOG.warning("compiled kernels are not kept: the sources can't be read below %s", source_root())
        return None
    for parent in _parents():
        chosen = parent / name
        try:
            parent.parent.mkdir(parents=True, exist_ok=True)
            parent.mkdir(exist_ok=True, mode=0o700)
            if not _is_ours(parent):
                continue
            is_new = not chosen.is_dir()
            chosen.mkdir(exist_ok=True, mode=0o700)
            tempfile.TemporaryFile(dir=chosen).close()
            os.utime(chosen)
        except OSError:
            continue
        if is_new:
            _remove_old(parent, chosen)
        return chosen
    tried = ", ".join(map(str, _parents()))
    _LOG.warning("compiled kernels are not kept, and each process takes a minute or two to compile them: none of %s can be "
                 "written to. Set NUMBA_CACHE_DIR to a folder that can.", tried)  # fmt: skip
    return None


def _parents() -> list[Path]:
    """Where folders may lie, best first: NUMBA_CACHE_DIR, the user's cache (XDG Base Directory Specification), and a
    folder for temporary files."""
    named = getattr(numba.config, "CACHE_DIR", "")
    parents = [Path(named)] if named else []
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # relative ones are to be ignored
        parents.append(Path(given))
    else:
        with contextlib.suppress(RuntimeError):  # no home
            parents.append(Path.home() / ".cache")
    return [*(parent / _NAME for parent in parents), Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid()}"]


def _is_ours(parent: Path) -> bool:
    """Whether nobody else can put files there: numba unpickles what it finds, and temporary folders are everybody's."""
    status = parent.lstat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022 and not parent.is_symlink()


def _remove_old(parent: Path, own: Path) -> None:
    """Removes folders of other sources that have not been used for long. A process that still runs has its kernels in
    memory; should it compile another one, numba makes the folder again."""
    found = []
    for entry in os.scandir(parent):
        with contextlib.suppress(OSError):  # another process was quicker
            if entry.name.startswith(".old-"):  # of a process that ended while it removed it
                shutil.rmtree(entry.path, ignore_errors=True)
            elif _KEY.fullmatch(entry.name) and entry.name != own.name:
                found.append((entry.stat().st_mtime, entry.path))
    for place, (used, path) in enumerate(sorted(found, reverse=True)):
        days = (time.time() - used) / _DAY
        if days > _DAYS or (place + 1 >= _LATEST and days > 1):
            doomed = parent / f".old-{uuid.uuid4().hex}"
            with contextlib.suppress(OSError):
                os.rename(path, doomed)  # at once: nobody finds half a folder
                shutil.rmtree(doomed, ignore_errors=True)


@contextlib.contextmanager
def exclusive(place: Path) -> Iterator[None]:
    """Holds the lock of the folder ``place``; where its file system has no locks, nothing."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = stack.enter_context(open(place / "lock", "ab"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
