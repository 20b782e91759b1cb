"""The special tokens of Llama 3 and the regular expression by which it splits text.

Source of both: llama-models, ``models/llama3/tokenizer.py`` (release 0.0.63).
"""

from __future__ import annotations

SPLIT_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""Contractions, words with one leading mark or space, at most three digits, punctuation, line ends, white space."""

BOS = "<|begin_of_text|>"
EOS = "<|end_of_text|>"
PAD = "<|finetune_right_pad_id|>"
START_HEADER, END_HEADER = "<|start_header_id|>", "<|end_header_id|>"
EOM, EOT = "<|eom_id|>", "<|eot_id|>"
PYTHON_TAG = "<|python_tag|>"

_NAMED = (
    BOS,
    EOS,
    "<|reserved_special_token_0|>",
    "<|reserved_special_token_1|>",
    PAD,
    "<|step_id|>",
    START_HEADER,
    END_HEADER,
    EOM,
    EOT,
    PYTHON_TAG,
    "<|image|>",
)


def special_tokens(count: int) -> list[str]:
    """The names of the ``count`` special tokens that follow the ranks, in the order of their ids (Llama 3: 256)."""
    return [*_NAMED, *(f"<|reserved_special_token_{i}|>" for i in range(2, count - len(_NAMED) + 2))][:count]
