"""Packages that nobody asks for aren't found, or stood in for, while another is imported, and are there afterwards."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from text.importing import hidden, stood_in_for, uncollected


@pytest.fixture
def optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = "a_package_of_this_test"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / name / "inside.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.mark.parametrize("module", ["", ".inside"])
def test_what_is_hidden_is_found_afterwards(optional: str, module: str) -> None:
    with hidden("another", optional), pytest.raises(ModuleNotFoundError):
        importlib.import_module(optional + module)
    with hidden("another"):
        importlib.import_module(optional + module)


def test_what_is_imported_already_stays(optional: str) -> None:
    importlib.import_module(optional)
    with hidden(optional):
        importlib.import_module(optional)


def test_what_is_stood_in_for_is_there_afterwards(optional: str) -> None:
    with stood_in_for(optional):
        stand_in = importlib.import_module(optional)
        inside = importlib.import_module(optional + ".inside")
        assert isinstance(inside.AnyClass, type) and type("Mine", (stand_in.Base,), {}).__bases__ != (object,)
        with pytest.raises(AttributeError):
            _ = stand_in.__wrapped__  # no class: it would say that the module is made of another
    assert importlib.import_module(optional) is not stand_in
    assert importlib.import_module(optional + ".inside") is not inside


def test_what_is_imported_already_is_not_stood_in_for(optional: str) -> None:
    whole = importlib.import_module(optional)
    with stood_in_for(optional):
        assert importlib.import_module(optional) is whole
        assert importlib.import_module(optional + ".inside").__file__


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_collected_afterwards_as_it_was_before(enabled: bool) -> None:
    was_enabled = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
