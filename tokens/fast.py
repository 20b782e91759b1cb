"""A second encoder for the same ids, several times as fast: fastokens, where its wheel can be installed.

Measured (docs/performance.md) on 16 million characters of pages: for a tokenizer.json 78 times as fast as the library
tokenizers, for Llama 3's ranks 8 times as fast as tiktoken at first and 30 times once it has seen the words. It reads a tokenizer.json and nothing
else, so that ranks are written as one first (:mod:`tokens.tokenizer_json`): 4 seconds and 250 MiB, which
:mod:`tokens.llama` spends only where there is enough text.

Equal ids are the condition: :func:`fast_encoder` compares both encoders on texts that are hard to split before the fast
one is used, and whoever calls it falls back to the slow one for a text that the fast one refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

try:
    # Optional: setup.py says for which machines there is a wheel.
    import fastokens
except ImportError:
    fastokens = None

Encode = Callable[[str], np.ndarray]

# What encoders have been seen to split differently: contractions in any case and with the long s, digits by threes and
# of other scripts, white space of several kinds before words and at line ends, marks that combine, scripts without
# spaces, names of special tokens, characters outside the basic plane, long runs of one character.
_PROBES = (
    "", "a", " ", "\n", "I'LL we'Ve \u017f'S '\u017f don't", "1234567 12 ٣٤٥٦ १२३ ½ Ⅷ", "a\u00a0b\u3000c\u2028d\u0085e",
    "  two  \t tabs \r\n\r\n lines \n \n", "e\u0301 \u1e9b\u0323 Å Å", "汉字かな交じり文 한국어 กังหันน้ำ ខ្មែរ", "\ufeffmark \u200b\u200d zero",
    "<|begin_of_text|> <|end_of_text|> <s> </s> <|endoftext|>", "👩‍👩‍👧‍👦 🇩🇪 \U0010ffff", "\x00\x01\x7f\x80",
    "x" * 300, " " * 300, "!?" * 150, "def f(x):\n\treturn x**2  # \u2260\n", "https://mill.example/a?b=c&d=%20#e",
)  # fmt: skip


def fast_encoder(tokenizer_json: bytes, slow: Callable[[str], Sequence[int]]) -> Encode | None:
    """An encoder of the tokenizer of ``tokenizer_json`` that gives the ids of ``slow``; ``None`` where there is none.

    It raises ``ValueError`` for a text that it can't encode. Names of special tokens in a text are plain text.
    """
    if fastokens is None:
        return None
    try:
        fast = fastokens.Tokenizer.from_json_str(tokenizer_json.decode())
        fast.no_truncation()
        fast.no_padding()
    except (ValueError, RuntimeError, NotImplementedError):
        return None  # a kind of model, normalizer or splitter that it doesn't know

    def encode(text: str) -> np.ndarray:
        return np.frombuffer(fast.encode_batch_flat([text], split_special_tokens=True)[0], np.uint32).astype(np.int32)

    try:
        same = all(encode(text).tolist() == list(slow(text)) for text in _PROBES)
    except ValueError:
        return None
    return encode if same else None
