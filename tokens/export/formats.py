"""The forms of export by name, and in sentences what of our shards each of them has no place for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokens.export.flat_files import DatatroveWriter, OlmoCoreWriter
from tokens.export.litdata import LitdataWriter
from tokens.export.megatron import MegatronWriter
from tokens.export.nanochat import NanochatWriter
from tokens.export.writer import ExportWriter


@dataclass(frozen=True)
class ExportFormat:
    """``bytes_per_token`` is for the check of the disk. ``decodes``: the form holds text, and so its writer takes the
    tokenizer itself where others take what the shards say of it."""

    title: str
    writer: Callable[[Path, Any], ExportWriter]
    bytes_per_token: Callable[[int], float]
    loses: tuple[str, ...]
    decodes: bool = False


_EACH_ONCE = "URLs, languages, classes and sources of documents"
_IDS = "ids of documents"

FORMATS = {
    "megatron": ExportFormat(
        "Megatron-LM, .bin and .idx",
        MegatronWriter,
        lambda vocab_size: 2 if vocab_size < 65_500 else 4,
        (_IDS, _EACH_ONCE, "the split as a column: train and held_out are data sets of their own"),
    ),
    "olmo": ExportFormat(
        "OLMo-core, .npy and .csv.gz",
        OlmoCoreWriter,
        lambda vocab_size: 2 if vocab_size <= 1 << 16 else 4,
        (
            _EACH_ONCE,
            "the split as a column: train and held_out are folders",
            "at the end of each .npy, ids that fill no whole row (fixed lengths)",
        ),
    ),
    "datatrove": ExportFormat(
        "datatrove, .ds with .index and .metadata",
        DatatroveWriter,
        lambda vocab_size: 2 if vocab_size <= 1 << 16 else 4,
        (
            _IDS,
            _EACH_ONCE,
            "the split as a column: train and held_out are folders",
            "at the end of each .ds, ids that fill no whole row",
        ),
    ),
    "litgpt": ExportFormat(
        "litgpt and litdata, chunks of ids",
        LitdataWriter,
        lambda vocab_size: 4,
        (
            _IDS,
            _EACH_ONCE,
            "the split as a column: train and held_out are folders",
            "where documents end (litdata's TokensLoader reads a chunk as one stretch)",
            "at the end of each chunk of 64 MiB, ids that fill no whole block",
        ),
    ),
    "nanochat": ExportFormat(
        "nanochat, Parquet of texts",
        NanochatWriter,
        lambda vocab_size: 4,
        (_IDS, _EACH_ONCE, "the ids of tokens (nanochat encodes the texts itself)", "the split but for the last file"),
        decodes=True,
    ),
}
