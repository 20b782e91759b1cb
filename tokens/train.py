"""Training a byte-level BPE tokenizer with Llama 3's split pattern and special tokens, on text of one's own."""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator

import pyarrow.parquet as pq
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as Engine

from tokens.files import parquet_files
from tokens.info import TokenizerError
from tokens.special import SPLIT_PATTERN, special_tokens

NUM_SPECIAL_TOKENS = 16
"""Llama 3.1's twelve named tokens and four in reserve; its other 244 would be a waste in a small vocabulary."""
MIN_VOCAB_SIZE = 256 + NUM_SPECIAL_TOKENS


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> bytes:
    """A ``tokenizer.json`` of exactly ``vocab_size`` ids: 256 bytes, merges, then 16 special tokens.

    Equal texts give equal bytes, in whatever order they come. Raises :class:`TokenizerError` where the vocabulary is
    too small to hold every byte, or the texts too few to fill it.
    """
    if vocab_size < MIN_VOCAB_SIZE:
        raise TokenizerError(
            f"A vocabulary of {vocab_size} is too small: 256 bytes and {NUM_SPECIAL_TOKENS} special tokens need "
            f"{MIN_VOCAB_SIZE}."
        )
    engine = Engine(models.BPE())
    engine.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    engine.decoder = decoders.ByteLevel()
    target = vocab_size - NUM_SPECIAL_TOKENS
    trainer = trainers.BpeTrainer(
        vocab_size=target, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    engine.train_from_iterator(texts, trainer)
    if (learned := engine.get_vocab_size()) < target:
        raise TokenizerError(
            f"The texts hold pairs for a vocabulary of {learned + NUM_SPECIAL_TOKENS} only, not {vocab_size}. "
            "Give more text (a larger sample), or ask for fewer tokens."
        )
    description = json.loads(engine.to_str())
    description["added_tokens"] = [
        {
            "id": target + i,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for i, token in enumerate(special_tokens(NUM_SPECIAL_TOKENS))
    ]
    return _readable(description).encode()


def sample_documents(directory: str, max_bytes: int) -> Iterator[str]:
    """Texts of finished documents (``directory/documents/*.parquet``) of at most ``max_bytes`` in UTF-8.

    Documents are taken in the order of a hash of their ids until the next one would not fit: which ones does not
    depend on the files they lie in. At most ``max_bytes`` and one row group are in memory.
    """
    taken: list[tuple[int, str, str]] = []  # a heap with the largest hash on top
    size, limit = 0, 1 << 64
    for fs, path in parquet_files(directory, "documents"):
        with fs.open(path, "rb") as file:
            shard = pq.ParquetFile(file)
            for group in range(shard.num_row_groups):
                table = shard.read_row_group(group, columns=["id", "text"])
                for key, text in zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True):
                    order = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8, person=b"sample").digest())
                    if order >= limit:
                        continue
                    heapq.heappush(taken, (-order, key, text))
                    size += len(text.encode())
                    while size > max_bytes:
                        order, _, text = heapq.heappop(taken)
                        size -= len(text.encode())
                        limit = -order
    for _, _, text in sorted(taken, reverse=True):
        yield text


def _readable(description: dict) -> str:
    """JSON with one merge and one entry of the vocabulary a line, so that a change can be read in a diff."""

    def block(items: list[str], left: str, right: str) -> str:
        return left + "\n" + ",\n".join(items) + "\n" + right

    model = dict(description["model"])
    vocab = sorted(model.pop("vocab").items(), key=lambda item: item[1])
    merges = model.pop("merges")
    rest = {key: value for key, value in description.items() if key not in ("model", "added_tokens")}
    parts = [f"{_json(key)}:{_json(value)}" for key, value in rest.items()]
    parts.append('"added_tokens":' + block([_json(token) for token in description["added_tokens"]], "[", "]"))
    parts.append(
        '"model":{'
        + ",".join(f"{_json(key)}:{_json(value)}" for key, value in model.items())
        + ',\n"vocab":' + block([f"{_json(token)}:{i}" for token, i in vocab], "{", "}")
        + ',\n"merges":' + block([_json(" ".join(merge)) for merge in merges], "[", "]")
        + "}"
    )  # fmt: skip
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
