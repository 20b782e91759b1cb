"""Hugging Face's ``tokenizer.json``, encoded by fastokens where it gives the same ids, else by the library
``tokenizers``. Our own tokenizer is one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tokenizers

from tokens.fast import fast_encoder
from tokens.info import TokenizerError
from tokens.special import BOS, EOS

# A tokenizer.json names its special tokens without saying which of them opens and which closes a document; the names
# do. Pairs in use, Llama 3's first; GPT-2 and its heirs have one token for both.
FRAMES = (
    (BOS, EOS),
    ("<s>", "</s>"),
    ("<bos>", "<eos>"),
    ("<|startoftext|>", "<|endoftext|>"),
    ("[BOS]", "[EOS]"),
    ("<|endoftext|>", "<|endoftext|>"),
)


class HuggingFaceEncoder:
    """Any ``tokenizer.json`` whose special tokens hold one of :data:`FRAMES`. ``spec`` names it in errors."""

    def __init__(self, spec: str, data: bytes) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(data)
        except Exception as error:  # noqa: BLE001 (the library raises plain Exception)
            raise TokenizerError(
                f"{spec} is no tokenizer.json that the library tokenizers {tokenizers.__version__} reads: {error}. "
                "Fetch the file again, or update the library."
            ) from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # the library's word for: their names in text are plain text
        specials = {
            token.content: i for i, token in self._tokenizer.get_added_tokens_decoder().items() if token.special
        }
        self.bos_id, self.eos_id = _frame(spec, specials)
        self.special_ids = specials
        self.vocab_size = max(self._tokenizer.get_vocab(with_added_tokens=True).values()) + 1
        self._fast = fast_encoder(data, self._slow)

    def encode(self, text: str) -> Sequence[int] | np.ndarray:
        if self._fast is not None:
            try:
                return self._fast(text)
            except ValueError:
                pass  # too long a run for its splitter, which has limits
        return self._slow(text)

    def _slow(self, text: str) -> list[int]:
        # The batch call is the one that leaves out offsets, which are most of the work.
        return self._tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids

    def decode(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=False)


def _frame(spec: str, specials: dict[str, int]) -> tuple[int, int]:
    for bos, eos in FRAMES:
        if bos in specials and eos in specials:
            return specials[bos], specials[eos]
    raise TokenizerError(
        f"{spec} does not say how a document begins and ends: its special tokens ({', '.join(specials) or 'none'}) "
        f"hold none of the pairs {', '.join(f'{bos} {eos}' for bos, eos in FRAMES)}. Add one of them to the file's "
        'added_tokens with "special": true.'
    )
