"""Llama 3's ranks as the content of a Hugging Face ``tokenizer.json`` with the same ids."""

from __future__ import annotations

from typing import Any

from tokens.special import SPLIT_PATTERN, special_tokens

NUM_SPECIAL_TOKENS = 256


def ranks_json(ranks: dict[bytes, int]) -> dict[str, Any]:
    """Byte-level BPE of Llama 3's ranks.

    tiktoken merges the neighbours whose joined bytes have the lowest rank, however these are divided; so each division
    of a token into two tokens is a merge, in the order of ranks. With ``ignore_merges`` a whole word that is a token
    is taken at once, as tiktoken does.
    """
    letters = _byte_letters()

    def written(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    ordered = sorted(ranks, key=lambda token: ranks[token])
    merges = []
    for token in ordered:
        cuts = [n for n in range(1, len(token)) if token[:n] in ranks and token[n:] in ranks]
        cuts.sort(key=lambda n: (ranks[token[:n]], ranks[token[n:]]))
        merges += [[written(token[:n]), written(token[n:])] for n in cuts]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    added = [
        {"id": len(ranks) + n, "content": name, **flags} for n, name in enumerate(special_tokens(NUM_SPECIAL_TOKENS))
    ]
    split = {"type": "Split", "pattern": {"Regex": SPLIT_PATTERN}, "behavior": "Isolated", "invert": False}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": None,
        "decoder": byte_level | {"add_prefix_space": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,
            "vocab": {written(token): rank for token, rank in ((token, ranks[token]) for token in ordered)},
            "merges": merges,
        },
    }


def _byte_letters() -> list[str]:
    """The character that stands for each byte in a byte-level vocabulary (GPT-2's ``encoder.py``): printable Latin-1
    for itself, the others for those from U+0100 on, in their order."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]
