"""Any of our tokenizers as a Hugging Face ``tokenizer.json`` that begins each text with BOS.

Training documents begin with BOS, so what their libraries give a model must as well. The ids of the text are those of
:meth:`tokens.tokenizer.Tokenizer.encode`, except that the names of special tokens in it are special tokens there.
"""

from __future__ import annotations

import json
from typing import Any

import tokenizers

from tokens.llama import parse_ranks
from tokens.ranks_json import ranks_json
from tokens.tokenizer import Tokenizer, is_json, read_file


def tokenizer_json(tokenizer: Tokenizer) -> bytes:
    """The content of a ``tokenizer.json`` with the ids of ``tokenizer``. A file that is one and begins texts with BOS
    is returned as it is."""
    data = read_file(tokenizer.spec)
    if not is_json(data):
        content = ranks_json(parse_ranks(tokenizer.spec, data))
    elif tokenizers.Tokenizer.from_buffer(data).encode("").ids[:1] == [tokenizer.bos_id]:
        return data
    else:
        content = json.loads(data)
    before = content.get("post_processor")
    template = _begin_with(tokenizer.decode([tokenizer.bos_id]), tokenizer.bos_id)
    content["post_processor"] = {"type": "Sequence", "processors": [before, template]} if before else template
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _begin_with(bos: str, bos_id: int) -> dict[str, Any]:
    def sequence(name: str, number: int) -> list[dict[str, Any]]:
        return [{"SpecialToken": {"id": bos, "type_id": number}}, {"Sequence": {"id": name, "type_id": number}}]

    return {
        "type": "TemplateProcessing",
        "single": sequence("A", 0),
        "pair": sequence("A", 0) + sequence("B", 1),
        "special_tokens": {bos: {"id": bos, "ids": [bos_id], "tokens": [bos]}},
    }
