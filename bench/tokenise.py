"""Encoding measured: characters per CPU second of the fast encoder beside the plain one, on one's own texts.

    python -m bench.tokenise TOKENIZER TEXTS...     TOKENIZER as in a recipe, TEXTS as bench.dedup takes them

Every round lets each encoder have all texts; ids are compared as they come. What starting the fast encoder costs is
told apart, since a run of few texts never pays it (tokens/llama.py).
"""

from __future__ import annotations

import argparse
import json
from statistics import median
from time import process_time

from bench.dedup import read_texts
from tokens.fast import fast_encoder
from tokens.llama import LlamaEncoder, parse_ranks
from tokens.ranks_json import ranks_json
from tokens.tokenizer import is_json, load, read_file

_ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tokenizer", metavar="TOKENIZER")
    parser.add_argument("texts", nargs="+", metavar="TEXTS", help="Parquet files or globs")
    arguments = parser.parse_args()
    texts = [text for text, _ in read_texts(arguments.texts)]
    characters = sum(map(len, texts))
    data = read_file(arguments.tokenizer)
    started = process_time()
    if is_json(data):
        name, slow = "tokenizers", load(arguments.tokenizer)._encoder._slow
        content = data
    else:
        name, slow = "tiktoken", LlamaEncoder(arguments.tokenizer, data)._encoding.encode_ordinary
        content = json.dumps(ranks_json(parse_ranks(arguments.tokenizer, data)), ensure_ascii=False).encode()
    fast = fast_encoder(content, slow)
    if fast is None:
        raise SystemExit("fastokens isn't installed, or gives other ids for this tokenizer: the plain encoder is used")
    print(f"starting both took {process_time() - started:.2f} CPU seconds")
    seconds: dict[str, list[float]] = {name: [], "fastokens": []}
    for _ in range(_ROUNDS):
        ids = {}
        for what, encode in ((name, slow), ("fastokens", fast)):
            started = process_time()
            ids[what] = [encode(text) for text in texts]
            seconds[what].append(process_time() - started)
        different = sum(list(one) != list(other) for one, other in zip(*ids.values(), strict=True))
        if different:
            raise SystemExit(f"{different} of {len(texts)} texts have different ids")
    for what, taken in seconds.items():
        print(f"{what:<11} {characters / median(taken) / 1e6:8.1f} million characters per CPU second")
    print(f"{len(texts)} texts, {characters} characters: {median(seconds[name]) / median(seconds['fastokens']):.1f} x")


if __name__ == "__main__":
    main()
