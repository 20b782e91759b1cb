"""Plain text written on, many prompts at once: ``gristmill train generate RUN --prompts FILE``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tokens.tokenizer import Tokenizer
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.outputs import check_output_file
from trainer.posttraining.engine import Engine, EngineOptions, TokenRequest
from trainer.posttraining.responses import write_jsonl
from trainer.posttraining.row_files import read_rows
from trainer.posttraining.slots import Sampling


def read_texts(file: str | Path) -> list[str]:
    """The ``prompt`` of every row of ``file``. Raises :class:`TrainerError` for a row without one."""
    texts = []
    for row in read_rows([file]):
        if not isinstance(row.content.get("prompt"), str):
            raise TrainerError(f'{row.place} has no text under "prompt". Write {{"prompt": "…"}} a line.')
        texts.append(row.content["prompt"])
    return texts


def write_file(model: Llama, tokenizer: Tokenizer, args: argparse.Namespace) -> str:
    """``generate`` with ``--prompts``: writes the file of ``--output`` and returns what there is to say."""
    output = check_output_file(args.output, args.prompts)
    texts = read_texts(args.prompts)
    sampling = Sampling(args.tokens, args.temperature, args.top_p, seed=args.seed)
    rows = write_on(Engine(model, EngineOptions(args.rows)), tokenizer, texts, args.samples, sampling)
    write_jsonl(output, list(rows))
    return f"{args.samples} texts of each of {len(texts):,} prompts are in {args.output}."


def write_on(
    engine: Engine, tokenizer: Tokenizer, texts: Sequence[str], samples: int, sampling: Sampling
) -> Iterator[dict[str, Any]]:
    """``{"prompt", "completions": [{"text", "finish_reason"}]}`` of each of ``texts``, in their order. A continuation
    ends with the document (``stop``) or at the most tokens (``length``); by seed and place in ``texts``, whatever the
    number of rows written at once."""
    sampling = sampling._replace(stop=sampling.stop | {tokenizer.eos_id})
    requests = [
        TokenRequest(f"{number:032x}", [tokenizer.bos_id, *tokenizer.encode(text).tolist()], samples)
        for number, text in enumerate(texts)
    ]
    done = dict(engine.sample(requests, sampling))
    for number, text in enumerate(texts):
        completions = [
            {
                "text": tokenizer.decode([id for id in ids if id != tokenizer.eos_id]),
                "finish_reason": reason,
            }
            for ids, reason in done[number]
        ]
        yield {"prompt": text, "completions": completions}
