"""The directories of token shards that a run trains on.

sources = open_data(["web=out/tokens", "code=code/tokens"])
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from fsspec.implementations.local import LocalFileSystem

from tokens.index import GroupRef, ShardIndex, read_index
from tokens.shards import TRAIN, ShardError
from trainer.config.schema import StageConfig
from trainer.data.foreign_parquet import is_plain, read_plain
from trainer.errors import TrainerError


class Source(NamedTuple):
    """A directory of shards under the name that mixtures call it by."""

    name: str
    shards: ShardIndex


def open_data(directories: Sequence[str], vocab_size: int | None = None) -> list[Source]:
    """The directories ``DIR`` or ``NAME=DIR``; without a name, a directory is called as it is written.

    ``vocab_size`` is for Parquet that isn't ours (:mod:`trainer.data.foreign_parquet`) and doesn't say how many ids
    there are. Raises :class:`~tokens.shards.ShardError` if their tokenizers differ.
    """
    sources: list[Source] = []
    owners: dict[str, str] = {}
    for directory in directories:
        named = re.fullmatch(r"([\w-]+)=(.+)", directory)
        name, path = named.groups() if named else (directory, directory)
        if name in {source.name for source in sources}:
            raise TrainerError(f"Two directories are called {name}. Name them --data NAME=DIR, each differently.")
        index = read_plain(path, vocab_size) if is_plain(path) else read_index(path)
        for place in {_place(group) for group in index.groups}:
            if owners.setdefault(place, path) is not path:
                raise TrainerError(
                    f"{path} holds the file {place}, as does {owners[place]}, and its documents would count twice. "
                    "Name each directory once."
                )
        sources.append(Source(name, index))
    first = sources[0].shards
    for _, index in sources[1:]:
        if index.tokenizer.sha256 != first.tokenizer.sha256:
            raise ShardError(
                f"{first.directory} was written with the tokenizer {first.tokenizer.name}, "
                f"{index.directory} with {index.tokenizer.name} or another version of it. Their ids mean different "
                "things; tokenise one of them anew."
            )
    return sources


def _place(group: GroupRef) -> str:
    """Where the file of a row group lies, whatever links lead to it."""
    return os.path.realpath(group.path) if isinstance(group.fs, LocalFileSystem) else group.path


def fingerprint(sources: Sequence[Source]) -> str:
    """A hash of what the footers say: the same data in the same files. Directories may move between two runs."""
    digest = hashlib.sha256()
    for _, index in sources:
        digest.update(index.tokenizer.sha256.encode())
        for group in index.groups:
            digest.update(f"\n{group.split} {group.documents} {group.tokens}".encode())
    return digest.hexdigest()


def check_mixtures(stages: Sequence[StageConfig], sources: Sequence[Source]) -> None:
    """Raises :class:`TrainerError` for a stage whose mixture names what isn't there, or whose rows can't be filled."""
    indices = {source.name: source.shards for source in sources}
    for stage in stages:
        pools = [list(indices)] if stage.mixture is None else [[n] for n, share in stage.mixture.items() if share]
        for names in pools:
            if unknown := [name for name in names if name not in indices]:
                raise TrainerError(
                    f"The stage {stage.name} mixes {unknown[0]}, but the data is called {', '.join(indices)}. "
                    "Name directories as in --data NAME=DIR."
                )
            groups = [group for name in names for group in indices[name].split(TRAIN)]
            tokens = sum(group.tokens for group in groups)
            if tokens <= stage.sequence_length:
                raise TrainerError(
                    f"{', '.join(indices[name].directory for name in names)} holds {tokens:,} training tokens, which "
                    f"do not fill one row of {stage.sequence_length:,}. Give more data, or lower the sequence_length "
                    f"of the stage {stage.name}."
                )
