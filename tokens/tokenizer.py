"""Tokenizers behind one interface: Llama 3's ``tokenizer.model``, any Hugging Face ``tokenizer.json``, and our own.

    >>> tokenizer = load("gristmill-8k")          # ships with the package, needs no download
    >>> tokenizer = load("llama3/tokenizer.model")  # Meta's file, which its licence keeps out of this repository
    >>> tokenizer.encode_document("Hello")          # BOS, the ids of "Hello", EOS

A tokenizer's identity is the hash of its file, not its name: shard footers carry it, so that ids of two vocabularies
never meet in one training run.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from fsspec.core import url_to_fs

from tokens.huggingface import HuggingFaceEncoder
from tokens.info import Encoder, TokenizerError, TokenizerInfo
from tokens.llama import LlamaEncoder

DEFAULT = "gristmill-8k"
BUILT_IN = {DEFAULT: Path(__file__).parent / "data" / "gristmill-8k.json"}


class Tokenizer:
    """Text to ids and back, by the encoder of its file.

    Pickles as its spec and the hash of its file: whoever unpickles it loads the file anew (once a process) and is
    told if it has become another one meanwhile.
    """

    def __init__(self, spec: str, info: TokenizerInfo, encoder: Encoder) -> None:
        self.spec = spec
        self.info = info
        self._encoder = encoder

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def sha256(self) -> str:
        return self.info.sha256

    @property
    def vocab_size(self) -> int:
        return self.info.vocab_size

    @property
    def bos_id(self) -> int:
        return self.info.bos_id

    @property
    def eos_id(self) -> int:
        return self.info.eos_id

    @property
    def special_ids(self) -> dict[str, int]:
        """The special tokens, as ``{"<|eot_id|>": 128009, …}``."""
        return self._encoder.special_ids

    def encode(self, text: str) -> np.ndarray:
        """The ids of ``text``, ``int32``, with no special token among them.

        The name of a special token in the text (``<|end_of_text|>`` on a page about tokenizers) is encoded as the
        characters it is made of: a page cannot end its own document. Lone surrogates become U+FFFD.
        """
        return np.asarray(self._encoder.encode(_valid(text)), dtype=np.int32)

    def encode_batch(self, texts: Iterable[str]) -> list[np.ndarray]:
        """:meth:`encode` of each text. On one core: callers are themselves one worker among many."""
        return [self.encode(text) for text in texts]

    def encode_document(self, text: str) -> np.ndarray:
        """The ids of ``text`` framed BOS … EOS, as Llama 3's pre-training documents are."""
        return np.concatenate(([self.bos_id], self.encode(text), [self.eos_id]), dtype=np.int32)

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """The text of ``ids``, special tokens by their names; bytes that are no UTF-8 become U+FFFD."""
        return self._encoder.decode([int(i) for i in ids])

    def __reduce__(self) -> tuple:
        return _reload, (self.spec, self.sha256)

    def __repr__(self) -> str:
        return f"<Tokenizer {self.spec} {self.sha256[:12]} vocab_size={self.vocab_size}>"


def load(spec: str = DEFAULT) -> Tokenizer:
    """The tokenizer that ``spec`` names: a built-in name, or the path or fsspec URL of a tokenizer file.

    A JSON object is read as a Hugging Face ``tokenizer.json``, ranks in base64 as Llama 3's ``tokenizer.model``.
    A process reads each file once. Raises :class:`TokenizerError` for a file that is missing, of neither kind, or
    without a known BOS and EOS.
    """
    return _load(str(spec))


@functools.lru_cache(maxsize=8)
def _load(spec: str) -> Tokenizer:
    data = read_file(spec)
    digest = hashlib.sha256(data).hexdigest()
    # The path stays out of the name: shards must not differ by where the file happened to lie.
    name = spec if spec in BUILT_IN else spec.rstrip("/").rsplit("/", 1)[-1]
    encoder = HuggingFaceEncoder(spec, data) if is_json(data) else LlamaEncoder(spec, data)
    info = TokenizerInfo(name, digest, encoder.vocab_size, encoder.bos_id, encoder.eos_id)
    return Tokenizer(spec, info, encoder)


def _reload(spec: str, sha256: str) -> Tokenizer:
    tokenizer = load(spec)
    if tokenizer.sha256 != sha256:
        raise TokenizerError(
            f"The tokenizer {spec} has changed since the run began (sha256 {sha256[:12]}… then, "
            f"{tokenizer.sha256[:12]}… here). Give every worker the same file."
        )
    return tokenizer


def is_json(data: bytes) -> bool:
    """Whether a tokenizer's file is a ``tokenizer.json``; else it holds ranks."""
    return data.lstrip()[:1] == b"{"


def read_file(spec: str) -> bytes:
    """The bytes of the file of the tokenizer ``spec``. Raises :class:`TokenizerError` where there is none."""
    try:
        if "://" in spec:
            fs, path = url_to_fs(spec)
            return fs.cat_file(path)
        return BUILT_IN.get(spec, Path(spec)).read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise TokenizerError(
            f"There is no tokenizer {spec!r}. Name a built-in one ({', '.join(BUILT_IN)}), or the path of a Hugging "
            "Face tokenizer.json or of Llama 3's tokenizer.model (both come with the model's weights)."
        ) from None


def _valid(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
