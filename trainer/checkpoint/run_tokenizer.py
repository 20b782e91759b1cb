"""The tokenizer of a model that was imported: its file lies in the run, with what it is.

RUN/tokenizer/info.json                         the file's name and sha256, and the tokenizer's that shards name
RUN/tokenizer/tokenizer.json (or .model)        the file, as it was
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from tokens.tokenizer import BUILT_IN, Tokenizer, TokenizerError, TokenizerInfo, load, read_file
from trainer.errors import TrainerError

FOLDER, INFO = "tokenizer", "info.json"
CONFIG = "tokenizer_config.json"
OURS = "gristmill_tokenizer"
"""The entry of an export's tokenizer_config.json that names the tokenizer whose shards the model was trained on: the
exported file has other bytes, and so another hash."""
CANDIDATES = ("tokenizer.json", "tokenizer.model", "original/tokenizer.model")
"""Where a model's directory has its tokenizer: Hugging Face's, Meta's, and Meta's within Hugging Face's."""


def find(directory: Path) -> Tokenizer | None:
    """The tokenizer in a model's directory; ``None`` where there is none, or none that we read."""
    for name in CANDIDATES:
        if (directory / name).is_file():
            try:
                return load(str(directory / name))
            except TokenizerError:
                continue
    return None


def described(tokenizer: Tokenizer) -> TokenizerInfo:
    """What shards of ``tokenizer`` say of it: for the file of an export of ours, the one that it was made from."""
    try:
        ours = json.loads(Path(tokenizer.spec).with_name(CONFIG).read_text("utf-8"))[OURS]
        if ours["file_sha256"] == tokenizer.sha256:
            return TokenizerInfo(**ours["info"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return tokenizer.info


def export_entry(info: TokenizerInfo, exported: bytes) -> dict[str, Any]:
    """The entry by which :func:`described` knows the file ``exported`` again."""
    return {OURS: {"file_sha256": hashlib.sha256(exported).hexdigest(), "info": dataclasses.asdict(info)}}


def keep(run_dir: Path, tokenizer: Tokenizer, info: TokenizerInfo) -> None:
    """Copies the file of ``tokenizer`` into the run."""
    folder = run_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = BUILT_IN.get(tokenizer.spec, Path(tokenizer.spec)).name
    (folder / name).write_bytes(read_file(tokenizer.spec))
    kept = {"file": name, "file_sha256": tokenizer.sha256, "info": dataclasses.asdict(info)}
    (folder / INFO).write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


def kept_info(run_dir: Path) -> TokenizerInfo | None:
    """What the shards of the tokenizer that lies in the run say of it; ``None`` where none lies there."""
    kept = _kept(run_dir)
    return TokenizerInfo(**kept["info"]) if kept else None


def load_kept(run_dir: Path) -> Tokenizer | None:
    """The tokenizer that lies in the run. Raises :class:`TrainerError` where its file is another than was put there."""
    kept = _kept(run_dir)
    if kept is None:
        return None
    path = run_dir / FOLDER / kept["file"]
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != kept["file_sha256"]:
        raise TrainerError(f"{path} is not the file that was imported. Copy it again from the model, or import anew.")
    return load(str(path))


def _kept(run_dir: Path) -> dict[str, Any] | None:
    path = run_dir / FOLDER / INFO
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TrainerError(f"{path} cannot be read ({error}). Import the model again.") from None
