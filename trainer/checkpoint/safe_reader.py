"""torch's reader of checkpoints, kept from running code that somebody has put into one."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch.distributed.checkpoint.filesystem import FileSystemReader
from torch.distributed.checkpoint.metadata import _MEM_FORMAT_ENCODING, StorageMeta


class SafeReader(FileSystemReader):
    """torch's reader, which unpickles an index, with an unpickler that knows what an index is made of."""

    failure: Exception | None = None
    """Why the index cannot be read: torch 2.11 swallows what is raised here, later versions put it in other words."""

    def read_metadata(self, *args: Any, **kwargs: Any) -> Any:
        try:
            with (Path(self.path) / ".metadata").open("rb") as file:
                metadata = _Unpickler(file).load()
        except Exception as error:
            self.failure = error
            raise
        if metadata.storage_meta is None:
            metadata.storage_meta = StorageMeta()
        metadata.storage_meta.load_id = self.load_id
        return metadata


class _Unpickler(pickle.Unpickler):
    # No BytesStorageMetadata among them: an entry that claims to be bytes would be unpickled by torch without limits.
    _KNOWN: ClassVar = {
        ("torch", "Size"),
        ("torch.serialization", "_get_layout"),
        ("collections", "OrderedDict"),
        *(("torch.distributed.checkpoint.metadata", name) for name in (
            "Metadata", "TensorStorageMetadata", "ChunkStorageMetadata", "TensorProperties", "_MEM_FORMAT_ENCODING",
            "MetadataIndex", "StorageMeta",
        )),
        ("torch.distributed.checkpoint.filesystem", "_StorageInfo"),
        *((module, name) for module in ("pathlib", "pathlib._local") for name in ("PosixPath", "WindowsPath")),
    }  # fmt: skip

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _memory_format  # how Python 3.11.0 to 3.11.3 (Debian 12 has one of them) pickle members of an enum
        if (module, name) in self._KNOWN or (module == "torch" and isinstance(getattr(torch, name), torch.dtype)):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"its index names {module}.{name}, which no checkpoint needs")


def _memory_format(formats: Any, name: str) -> _MEM_FORMAT_ENCODING:
    """``getattr`` for the one enum that an index holds, and for nothing else."""
    if formats is not _MEM_FORMAT_ENCODING or name not in _MEM_FORMAT_ENCODING.__members__:
        raise pickle.UnpicklingError("its index asks for an attribute, which no checkpoint needs")
    return _MEM_FORMAT_ENCODING[name]
