"""Reading a checkpoint's index runs nothing that somebody has put into it, whatever Python has written it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.distributed.checkpoint.metadata import _MEM_FORMAT_ENCODING, Metadata

from trainer.checkpoint.safe_reader import SafeReader


class _ByAttribute:
    """Pickled as ``getattr`` of an object, as members of an enum are by Python 3.11.0 to 3.11.3."""

    def __init__(self, of: Any, name: str) -> None:
        self.of, self.name = of, name

    def __reduce__(self) -> tuple[Any, tuple[Any, str]]:
        return getattr, (self.of, self.name)


def _read(folder: Path, planner_data: Any) -> Any:
    (folder / ".metadata").write_bytes(pickle.dumps(Metadata({}, planner_data)))
    return SafeReader(str(folder)).read_metadata().planner_data


def test_a_format_of_memory_is_read_however_python_has_pickled_it(tmp_path: Path) -> None:
    member = _MEM_FORMAT_ENCODING.TORCH_CONTIGUOUS_FORMAT
    assert _read(tmp_path, member) is _read(tmp_path, _ByAttribute(_MEM_FORMAT_ENCODING, member.name)) is member


@pytest.mark.parametrize(("of", "name"), [(Metadata, "__init__"), (_MEM_FORMAT_ENCODING, "__class__")])
def test_no_other_attribute_is_asked_for(tmp_path: Path, of: Any, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match="asks for an attribute"):
        _read(tmp_path, _ByAttribute(of, name))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_types_of_numbers_are_read_and_nothing_else_of_torch(tmp_path: Path, dtype: torch.dtype) -> None:
    assert _read(tmp_path, dtype) is dtype
    for module, name in (("torch", "load"), ("torch", "Tensor"), ("os", "system"), ("builtins", "eval")):
        (tmp_path / ".metadata").write_bytes(f"c{module}\n{name}\n.".encode())
        reader = SafeReader(str(tmp_path))
        with pytest.raises((pickle.UnpicklingError, AttributeError)):
            reader.read_metadata()
        assert reader.failure is not None
    (tmp_path / ".metadata").write_bytes(b"ctorch\nload\n.")
    with pytest.raises(pickle.UnpicklingError, match="names torch.load, which no checkpoint needs"):
        SafeReader(str(tmp_path)).read_metadata()
