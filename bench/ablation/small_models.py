"""The dear judge: a small Llama trained on a sample by the bundled trainer, then asked what texts cost it, and for some of its own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from bench.ablation.samples import Encoded
from tokens.shards import TRAIN, encode_shard
from tokens.tokenizer import Tokenizer
from trainer.checkpoint.convert import load_model
from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import choose_device
from trainer.labels import IGNORE
from trainer.model.generate import generate_ids

_ROWS = 16  # windows at once
NOTHING = -1  # behind a text that ends
_NEVER = 1 << 30  # steps: nothing is held out of a sample


class SmallModel:
    """Below ``folder`` a model that ``config`` describes, with ``changes``, trained on ``sample``.

    A finished training there is taken as it is, and so is what it said of the same texts. Raises ``subprocess.CalledProcessError`` where
    training failed.
    """

    def __init__(
        self,
        sample: Sequence[Encoded],
        tokenizer: Tokenizer,
        folder: Path,
        config: str,
        seed: int,
        changes: Sequence[str] = (),
    ) -> None:
        self._folder, self._run, self._tokenizer = folder, folder / "model", tokenizer
        shards = folder / "tokens"
        shards.mkdir(parents=True, exist_ok=True)
        if (self._run / "summary.json").exists():
            return
        (shards / "00000.parquet").write_bytes(encode_shard(_table(sample, tokenizer), tokenizer))
        options = [f"run.seed={seed}", f"run.evaluate_every={_NEVER}", *changes]
        command = [sys.executable, "-m", "gristmill", "train", "pretrain", "--config", config, "--data", str(shards)]
        settings = [part for option in options for part in ("--set", option)]
        subprocess.run([*command, "--output", str(self._run), *settings], check=True, stdout=sys.stderr)

    def bits(self, judged: Sequence[np.ndarray]) -> np.ndarray:
        """(judged,) float64: the bits that each text costs."""
        return self._kept(f"bits-{_hash(judged)}", lambda: _bits(self._run, judged, self._tokenizer))

    def generate(self, count: int, length: int, seed: int) -> np.ndarray:
        """(count, length) int64: texts drawn from the model, each from its beginning; ``NOTHING`` behind one that ends."""
        return self._kept(
            f"texts-{count}-{length}-{seed}", lambda: _texts(self._run, count, length, seed, self._tokenizer)
        )

    def _kept(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """What ``make`` returns, or returned the last time."""
        file = self._folder / f"{name}.npy"
        if not file.exists():
            part = file.with_suffix(".part")
            with part.open("wb") as opened:
                np.save(opened, make())
            part.rename(file)
        return np.load(file)


def _hash(judged: Sequence[np.ndarray]) -> str:
    """16 hex digits that follow from the texts' tokens."""
    hashed = hashlib.blake2b(digest_size=8)
    for tokens in judged:
        hashed.update(len(tokens).to_bytes(8, "little"))
        hashed.update(tokens.astype("<i4").tobytes())
    return hashed.hexdigest()


def _table(sample: Sequence[Encoded], tokenizer: Tokenizer) -> pa.Table:
    ends = (np.array([tokenizer.bos_id]), np.array([tokenizer.eos_id]))
    count = len(sample)
    return pa.table(
        {
            # An arm that keeps two captures of one address has two documents of one id, which a shard refuses.
            "id": [f"{number}-{document.id}" for number, document in enumerate(sample)],
            "tokens": [np.concatenate([ends[0], document.tokens, ends[1]]).astype(np.int32) for document in sample],
            "url": pa.nulls(count, pa.string()),
            "language": pa.nulls(count, pa.string()),
            "class": ["general"] * count,
            "source": ["ablation"] * count,
            "split": [TRAIN] * count,
            "weight": np.ones(count, np.float32),
        }
    )


@torch.no_grad()
def _bits(run: Path, judged: Sequence[np.ndarray], tokenizer: Tokenizer) -> np.ndarray:
    """Each text in windows of the model's length, each of which begins like a document. On a GPU where there is one."""
    device = choose_device(RunConfig())
    trained = load_model(run, device)
    window = trained.length - 1
    pieces = [
        (number, text[start : start + window])
        for number, text in enumerate(judged)
        for start in range(0, len(text), window)
    ]
    pieces.sort(key=lambda piece: len(piece[1]))
    found = np.zeros(len(judged))
    for start in range(0, len(pieces), _ROWS):
        rows = pieces[start : start + _ROWS]
        length = max(len(tokens) for _, tokens in rows)
        length += length % 2
        tokens = torch.zeros((len(rows), length), dtype=torch.int64)
        labels = torch.full((len(rows), length), IGNORE)
        for row, (_, piece) in enumerate(rows):
            ids = torch.from_numpy(piece.astype(np.int64))
            tokens[row, 0] = tokenizer.bos_id
            tokens[row, 1 : len(ids)] = ids[:-1]
            labels[row, : len(ids)] = ids
        positions = torch.arange(length, device=device).expand(len(rows), -1)
        log_probs, _ = trained.model(tokens.to(device), positions, labels.to(device), score=True)
        nats = -log_probs.reshape(len(rows), length).double().sum(dim=1).cpu().numpy()
        for (number, _), cost in zip(rows, nats, strict=True):
            found[number] += cost / np.log(2)
    return found


def _texts(run: Path, count: int, length: int, seed: int, tokenizer: Tokenizer) -> np.ndarray:
    trained = load_model(run, choose_device(RunConfig()))
    found = np.full((count, length), NOTHING, np.int64)
    for number, text in enumerate(found):
        ids = generate_ids(
            trained.model,
            [tokenizer.bos_id],
            length,
            frozenset({tokenizer.eos_id}),
            temperature=1.0,
            seed=seed + number,
        )
        for at, token in enumerate(ids):
            text[at] = token
    return found
