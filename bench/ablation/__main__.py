"""From the same WARC files to a table: which pipeline's tokens, and which stage of ours, make better models?

    python -m bench.ablation CRAWL... --data DATA --work DIR [--datatrove PYTHON] [--arms ours,datatrove] [--seeds 3]
    python -m bench.ablation CRAWL... --data DATA --work DIR --model debug [--set stages.0.tokens=300_000]

Corpora are made once and kept in ``--work``; sites that the judged texts come from are left out of all of them. The
tokenizer is trained on their union. Every arm gives as many tokens as the smallest corpus has (``--tokens`` to change
it), drawn anew by each seed. Without ``--model`` a Kneser-Ney 5-gram judges, in seconds; with it, the bundled trainer's
model of that configuration, on as many tokens as its stages say, in several epochs where the sample is smaller.
Prints bits per byte, lower is better, with intervals of the differences from ours (``bench.ablation.table``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.ablation.corpora import ARMS, OURS, Corpus, make
from bench.ablation.judged_texts import JudgedTexts, read_judged_texts, site
from bench.ablation.kneser_ney import KneserNey
from bench.ablation.samples import Encoded, draw, tokens_of, union
from bench.ablation.small_models import bits_of_small_model
from bench.ablation.table import Texts, by_set, difference, markdown, score
from tokens.tokenizer import Tokenizer, load
from tokens.train import train_tokenizer

VOCABULARY = 8192


class Judged(NamedTuple):
    """What one arm's models were found to be worth."""

    equal: np.ndarray  # (seeds, texts) bits after as many tokens as any arm
    whole: np.ndarray | None  # (1, texts) after all of its own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crawl", nargs="+", metavar="CRAWL", help="WARC files")
    parser.add_argument("--data", type=Path, required=True, help="the unpacked data with the judged texts")
    parser.add_argument("--work", type=Path, required=True, help="where corpora and models are kept")
    parser.add_argument("--datatrove", metavar="PYTHON", help="a Python that has datatrove")
    parser.add_argument("--arms", type=lambda text: text.split(","), metavar="A,B", help="(all)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tokens", type=int, metavar="N", help="of each arm (the smallest corpus's)")
    parser.add_argument("--workers", type=int, default=1, help="of the mill")
    parser.add_argument(
        "--model", metavar="NAME-or-FILE", help="a configuration of the trainer: it judges, not 5-grams"
    )
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="of that")
    arguments = parser.parse_args()

    arguments.work.mkdir(parents=True, exist_ok=True)
    corpora = list(_corpora(arguments))
    judged = read_judged_texts(arguments.data)
    tokenizer = _tokenizer(corpora, arguments.work)
    encoded = {corpus.arm.name: _encode(corpus, judged, tokenizer) for corpus in corpora}
    budget = arguments.tokens or min(map(tokens_of, encoded.values()))
    texts, tokens = _texts(judged, tokenizer)
    found = {}
    for name, documents in encoded.items():
        print(f"judging {name} ...", file=sys.stderr)
        found[name] = _judge(name, documents, budget, tokens, tokenizer, arguments)
    _report(corpora, encoded, found, texts, budget)


def _corpora(arguments: argparse.Namespace) -> list[Corpus]:
    known = {arm.name: arm for arm in ARMS}
    names = arguments.arms or list(known)
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"There is no arm {unknown[0]!r}. There are: {'; '.join(known)}.")
    corpora = []
    for name in names:
        print(f"making {name} ...", file=sys.stderr)
        try:
            corpora.append(make(known[name], arguments.crawl, arguments.work, arguments.datatrove, arguments.workers))
        except LookupError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
        except subprocess.CalledProcessError as error:
            raise SystemExit(
                f"The corpus {name!r} could not be made: its pipeline ended with {error.returncode}."
            ) from error
    return corpora


def _tokenizer(corpora: Sequence[Corpus], work: Path) -> Tokenizer:
    path = work / f"tokenizer-of-{len(corpora)}.json"
    if not path.exists():
        path.write_bytes(train_tokenizer(union([corpus.texts for corpus in corpora]), VOCABULARY))
    return load(str(path))


def _encode(corpus: Corpus, judged: JudgedTexts, tokenizer: Tokenizer) -> list[Encoded]:
    rest = [text for text in corpus.texts if site(text.url) not in judged.sites]
    return [Encoded(text.id, np.asarray(tokenizer.encode(text.text), np.int32)) for text in rest]


def _texts(judged: JudgedTexts, tokenizer: Tokenizer) -> tuple[Texts, list[np.ndarray]]:
    names = tuple(judged.texts)
    flat = [(number, text) for number, name in enumerate(names) for text in judged.texts[name]]
    sizes = np.array([len(text.encode()) for _, text in flat])
    tokens = [np.asarray(tokenizer.encode(text), np.int32) for _, text in flat]
    return Texts(sizes, np.array([number for number, _ in flat]), names), tokens


def _judge(
    name: str,
    documents: list[Encoded],
    budget: int,
    judged: list[np.ndarray],
    tokenizer: Tokenizer,
    arguments: argparse.Namespace,
) -> Judged:
    samples = [draw(documents, budget, seed) for seed in range(arguments.seeds)]
    if arguments.model is None:
        equal = [_five_gram_bits(sample, judged, tokenizer) for sample in samples]
        return Judged(np.array(equal), _five_gram_bits(documents, judged, tokenizer)[None])
    label = name.replace(" ", "-").replace(",", "")
    folder = arguments.work / "models" / Path(arguments.model).stem / label
    equal = [
        bits_of_small_model(sample, judged, tokenizer, folder / str(seed), arguments.model, seed, arguments.changes)
        for seed, sample in enumerate(samples)
    ]
    return Judged(np.array(equal), None)


def _five_gram_bits(sample: Sequence[Encoded], judged: list[np.ndarray], tokenizer: Tokenizer) -> np.ndarray:
    return KneserNey([document.tokens for document in sample], tokenizer.vocab_size).bits(judged)


def _report(
    corpora: list[Corpus],
    encoded: dict[str, list[Encoded]],
    found: dict[str, Judged],
    texts: Texts,
    budget: int,
) -> None:
    ours = found.get(OURS)
    heads = ["corpus", "documents", "tokens", "bits per byte", "from ours", "of all its tokens", *texts.names]
    rows = []
    for corpus in corpora:
        name = corpus.arm.name
        judged = found[name]
        apart = ""
        if ours is not None and name != OURS:
            d = difference(judged.equal, ours.equal, texts)
            apart = f"{d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]"
        whole = f"{score(judged.whole, texts):.4f}" if judged.whole is not None else ""
        sets = [f"{value:.3f}" for value in by_set(judged.equal, texts).mean(axis=0)]
        count = f"{tokens_of(encoded[name]):,}"
        rows.append([name, f"{len(encoded[name]):,}", count, f"{score(judged.equal, texts):.4f}", apart, whole, *sets])
    print(f"\n{budget:,} tokens of each, bits per byte, lower is better\n")
    print(markdown(rows, heads))
    if ours is not None and len(found) > 1:
        visible = [difference(j.equal, ours.equal, texts).visible for name, j in found.items() if name != OURS]
        print(f"\nA difference of {np.median(visible):.4f} would have been seen in four of five such trials.")
    print(
        json.dumps(
            {corpus.arm.name: {"what": corpus.arm.what, "seconds": round(corpus.seconds, 1)} for corpus in corpora}
        )
    )


if __name__ == "__main__":
    main()
