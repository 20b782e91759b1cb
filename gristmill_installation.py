"""Whether gristmill's packages are its own: the first thing that every entry point asks.

The packages bear plain names (``trainer``, ``filters``, ``text``, …), and other distributions on PyPI bear some of
them too. pip lets two distributions write the same files without a word: the later one wins, and removing either
deletes the files of both. :func:`check` refuses to start in such an environment and names the other distribution.

It is a module beside the packages and not in one of them, because importing a module of a package runs the package's
``__init__``, which may be the very file that was replaced. It imports nothing but what Python or argparse load anyway:
``importlib.metadata`` alone takes longer than all of the check, and is left to the error.
"""

from __future__ import annotations

import importlib.util
import os
import re

# All top-level names of setup.py's PACKAGES.
PACKAGES = (
    "gristmill", "recipes", "parsers", "text", "filters", "dedup", "blocklists", "tokens", "pipeline", "review", "trainer",
)  # fmt: skip
_ROOT = os.path.dirname(os.path.abspath(__file__))


class ForeignPackageError(RuntimeError):
    """A package of gristmill's is not, or not only, its own; the message says whose it is and what to do."""


def check(*packages: str) -> None:
    """Raises :class:`ForeignPackageError` unless ``packages`` (all that gristmill has, if none is named) are found
    where this module is, no file of an installed gristmill is missing, and no other distribution that is installed in
    the same folder claims files under their names. In a source tree the first of the three is all there is to ask."""
    packages = packages or PACKAGES
    for package in packages:
        _check_place(package)
    names = os.listdir(_ROOT)
    own = next((name for name in names if name.startswith("gristmill-") and name.endswith(".dist-info")), None)
    if own is None:
        return  # a source tree: nobody installs into it
    _check_claims(names, own, packages)
    _check_presence(own, packages)


def _check_place(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ForeignPackageError(f"the package {package} of gristmill is missing in {_ROOT}; {_REINSTALL}")
    places = list(spec.submodule_search_locations or [spec.origin or "a module built into Python"])
    expected = os.path.join(_ROOT, package)
    if any(os.path.realpath(place) == os.path.realpath(expected) for place in places):
        return
    site = os.path.dirname(places[0])
    owners = [name for name in _dist_infos(site) if _claimed(os.path.join(site, name), [package])]
    whose = f" and belongs to the distribution {_named(site, owners)}" if owners else ""
    raise ForeignPackageError(
        f"the package {package} was found at {places[0]}{whose}, but gristmill's own is at {expected}. Install "
        "gristmill into an environment of its own, or start it from a folder that has no Python package of this name"
    )


def _check_claims(names: list[str], own: str, packages: tuple[str, ...]) -> None:
    for name in names:
        if not name.endswith(".dist-info") or name == own:
            continue
        claimed = _claimed(os.path.join(_ROOT, name), packages)
        if claimed:
            folders = " and ".join(os.path.join(_ROOT, package) for package in claimed)
            other = _named(_ROOT, [name])
            raise ForeignPackageError(
                f"the distribution {other} installs files into {folders}, as gristmill does: files of the one have "
                "replaced files of the other, and removing either deletes them. Install gristmill into an environment "
                f"of its own (python -m venv), or remove {other.partition(' ')[0]} (pip uninstall) and repair gristmill "
                f"(pip install --force-reinstall --no-deps gristmill)"
            )


def _check_presence(own: str, packages: tuple[str, ...]) -> None:
    """Removing a distribution that bore one of our names has deleted our files too."""
    with open(os.path.join(_ROOT, own, "RECORD"), encoding="utf-8") as record:
        files = [line.rsplit(",", 2)[0] for line in record]
    ours = tuple(f"{package}/" for package in packages)
    missing = [
        file
        for file in files
        if file.startswith(ours) and not file.endswith(".pyc") and not os.path.exists(os.path.join(_ROOT, file))
    ]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ForeignPackageError(
            f"{os.path.join(_ROOT, missing[0])}{more} of gristmill is missing, as happens when another distribution "
            f"that had a package of this name was removed; {_REINSTALL}"
        )


def _dist_infos(site: str) -> list[str]:
    return [name for name in os.listdir(site) if name.endswith(".dist-info")] if os.path.isdir(site) else []


def _claimed(dist_info: str, packages: tuple[str, ...] | list[str]) -> list[str]:
    """Those of ``packages`` in which a distribution has files.

    ``top_level.txt`` is read first where there is one: it is short, and the long lists of files (torch has 12,000)
    come from setuptools, which writes it."""
    top_level = _read(dist_info, "top_level.txt")
    if top_level is not None:
        tops = top_level.decode("utf-8", "replace").split()
        packages = [package for package in packages if package in tops]
    if not packages:
        return []
    # One pattern for all names: eight times as fast as ten searches for plain strings that begin with a line's end.
    pattern = "\n({})/".format("|".join(packages)).encode()
    found = set(re.findall(pattern, b"\n" + (_read(dist_info, "RECORD") or b"")))
    return [package for package in packages if package.encode() in found]


def _read(folder: str, name: str) -> bytes | None:
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError:
        return None


def _named(site: str, dist_infos: list[str]) -> str:
    """The distributions as pip calls them, with their versions."""
    from importlib.metadata import Distribution  # not before there is an error: see above
    from pathlib import Path

    found = [Distribution.at(Path(site, name)) for name in dist_infos]
    return " and ".join(f"{one.metadata['Name']} {one.version}" for one in found)


_REINSTALL = "install it again: pip install --force-reinstall --no-deps gristmill"
