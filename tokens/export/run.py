"""``export_shards``: a directory of token shards, in the form that another trainer reads.

Documents go out in the order of the shards, those for training first. That order is a shuffle of the whole crawl
already. One row group (a million ids) is in memory, and the output appears under its name when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from fsspec.core import url_to_fs

from tokens.export.formats import FORMATS
from tokens.index import ShardIndex, read_index
from tokens.info import TokenizerInfo
from tokens.shards import HELD_OUT, TRAIN, ShardError
from tokens.tokenizer import BUILT_IN, Tokenizer, load


@dataclass(frozen=True)
class Exported:
    """What an export holds; also in its ``export.json``.

    ``tokens_sha256`` is the hash of all ids as little-endian int32, training documents first: whoever reads the export
    back can compare. ``weighted`` counts training documents whose weight is not 1.
    """

    form: str
    tokenizer: TokenizerInfo
    documents: dict[str, int]
    tokens: dict[str, int]
    tokens_sha256: str
    weighted: int
    lost: tuple[str, ...]


def export_shards(directory: str, form: str, output: str, tokenizer: str | None = None) -> Exported:
    """Writes the shards of ``directory`` (that of a run, or its ``tokens/``) to the new folder ``output``.

    ``tokenizer`` names the tokenizer's file, for forms that hold text. Raises :class:`ShardError` before anything is
    written where there are no such shards, the tokenizer is another, the folder exists, or the disk is too small.
    """
    if form not in FORMATS:
        raise ShardError(f"There is no form {form!r} of export. Name one of {', '.join(FORMATS)}.")
    chosen = FORMATS[form]
    index = read_index(_tokens_of(directory))
    target = Path(output)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ShardError(f"{output} exists already. Name a new folder for the export, or remove it.")
    about = _choose(index.tokenizer, tokenizer) if chosen.decodes else index.tokenizer
    target.parent.mkdir(parents=True, exist_ok=True)
    needed = int(index.tokens * chosen.bytes_per_token(index.tokenizer.vocab_size))
    if (free := shutil.disk_usage(target.parent).free) < needed:
        raise ShardError(
            f"The export takes some {needed / 2**30:,.1f} GiB, and {target.parent} has {free / 2**30:,.1f} GiB free. "
            "Name a folder on a larger disk."
        )
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    try:
        done = _write(index, form, partial, about)
        (partial / "export.json").write_text(json.dumps(asdict(done), indent=1, sort_keys=True) + "\n", "utf-8")
        partial.chmod(0o755)  # a temporary folder is its owner's alone
        if target.exists():
            target.rmdir()
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return done


def _tokens_of(directory: str) -> str:
    fs, path = url_to_fs(directory)
    inside = f"{directory.rstrip('/')}/tokens"
    return inside if fs.isdir(f"{path.rstrip('/')}/tokens") else directory


def _choose(info: TokenizerInfo, spec: str | None) -> Tokenizer:
    named = spec or (info.name if info.name in BUILT_IN else None)
    if named is None:
        raise ShardError(
            f"This form holds texts. Name the file of the shards' tokenizer {info.name}: --tokenizer FILE."
        )
    tokenizer = load(named)
    if tokenizer.sha256 != info.sha256:
        raise ShardError(
            f"The shards were written with {info.name} (sha256 {info.sha256[:12]}…), and {named} is another "
            f"({tokenizer.sha256[:12]}…). Name the file of the shards' tokenizer: --tokenizer FILE."
        )
    return tokenizer


def _write(index: ShardIndex, form: str, folder: Path, about: TokenizerInfo | Tokenizer) -> Exported:
    chosen = FORMATS[form]
    writer = chosen.writer(folder, about)
    digest = hashlib.sha256()
    documents: dict[str, int] = {TRAIN: 0, HELD_OUT: 0}
    tokens, weighted = dict(documents), 0
    try:
        for split in (TRAIN, HELD_OUT):
            groups = index.split(split)
            if not groups:
                continue
            writer.begin(split)
            for group in groups:
                found = group.read()
                writer.add(found)
                digest.update(found.values.astype("<i4").tobytes())
                documents[split] += len(found.ids)
                tokens[split] += len(found.values)
                if split == TRAIN:
                    weighted += int(np.count_nonzero(found.weights != 1))
    finally:
        writer.close()
    lost = list(chosen.loses)
    if weighted:
        lost.insert(
            0,
            f"weights: {weighted:,} of {documents[TRAIN]:,} training documents have one other than 1, and each is there "
            "once",
        )
    if form == "nanochat" and not documents[HELD_OUT]:
        lost.append("a file of training documents: nothing is held out here, and nanochat validates on the last file")
    return Exported(form, index.tokenizer, documents, tokens, digest.hexdigest(), weighted, tuple(lost))
