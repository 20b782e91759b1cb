"""From the same WARC files to a table: which pipeline's tokens, and which stage of ours, make better models?

    python -m bench.ablation CRAWL... --data DATA --work DIR [--datatrove PYTHON] [--arms ours,datatrove] [--seeds 3]
    python -m bench.ablation CRAWL... --data DATA --work DIR --model debug [--set stages.0.tokens=300_000]
    python -m bench.ablation CRAWL... --data DATA --work DIR --pack FILE
    python -m bench.ablation --packed FILE --work DIR --model bench/ablation/thirty-million.yaml --at-once 8

Corpora are made once and kept in ``--work``; sites that the judged texts come from are left out of all of them. The
tokenizer is trained on their union. Every arm gives as many tokens as the smallest corpus has (``--tokens`` to change
it), drawn anew by each seed. Without ``--model`` a Kneser-Ney 5-gram judges, in seconds; with it, the bundled trainer's
model of each named configuration, on as many tokens as its stages say, in several epochs where the sample is smaller.
Prints bits per byte, lower is better, with intervals of the differences from ours (``bench.ablation.table``).

For a machine with a GPU, which needs neither the crawl nor the mill, ``--pack`` writes all that judging needs into one
file, of some 2 bytes a token, and ``--packed`` goes on from it. Trainings and judgements that are done are not done again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.ablation.corpora import ARMS, OURS, Corpus, make
from bench.ablation.generated_text import LENGTH, SAMPLES
from bench.ablation.judged_texts import read_judged_texts
from bench.ablation.judges import Answers, Questions
from bench.ablation.kneser_ney import KneserNey
from bench.ablation.samples import Encoded, draw, tokens_of, union
from bench.ablation.small_models import SmallModel
from bench.ablation.table import by_set, difference, markdown, score, share
from bench.ablation.trial import EncodedCorpus, Trial, encoded, pack, unpack
from bench.ablation.yields import count_pages, per_thousand_pages, tokens_for
from tokens.tokenizer import Tokenizer, load
from tokens.train import train_tokenizer

VOCABULARY = 8192


class Judged(NamedTuple):
    """What one arm's models were found to be worth."""

    equal: list[Answers]  # a seed's each, after as many tokens as any arm
    whole: np.ndarray | None  # (1, texts) bits after all of its own
    needed: float | None  # of its tokens, for the score of the arm that has the worst with all of its own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crawl", nargs="*", metavar="CRAWL", help="WARC files")
    parser.add_argument("--data", type=Path, help="the unpacked data with the judged texts")
    parser.add_argument("--work", type=Path, required=True, help="where corpora and models are kept")
    parser.add_argument("--datatrove", metavar="PYTHON", help="a Python that has datatrove")
    parser.add_argument("--arms", type=lambda text: text.split(","), metavar="A,B", help="(all)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tokens", type=int, metavar="N", help="of each arm (the smallest corpus's)")
    parser.add_argument("--texts", type=int, metavar="N", help="judged texts of each set at the most (all)")
    parser.add_argument("--workers", type=int, default=1, help="of the mill")
    parser.add_argument(
        "--model", action="append", default=[], dest="models", metavar="NAME-or-FILE",
        help="a configuration of the trainer, each with a table of its own: it judges, not 5-grams",
    )  # fmt: skip
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="of that")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="models that are trained at a time (1)")
    parser.add_argument("--pack", type=Path, metavar="FILE", help="write what judging needs, and judge nothing")
    parser.add_argument("--packed", type=Path, metavar="FILE", help="judge what --pack wrote, in place of a crawl")
    arguments = parser.parse_args()
    if arguments.packed is None and (not arguments.crawl or arguments.data is None):
        parser.error("name WARC files and --data, or the file that --pack wrote: --packed FILE.")

    arguments.work.mkdir(parents=True, exist_ok=True)
    trial = (
        _made(arguments) if arguments.packed is None else _named(unpack(arguments.packed, arguments.work), arguments)
    )
    if arguments.pack is not None:
        pack(arguments.pack, trial, _tokenizer_file(arguments.work, len(trial.corpora)).read_bytes())
        return
    budget = arguments.tokens or min(tokens_of(corpus.documents) for corpus in trial.corpora)
    questions = Questions(trial.judged, trial.tokenizer)
    for model in arguments.models or [None]:
        found = _judged(trial, questions, budget, model, arguments)
        if model is not None:
            print(f"\n{Path(model).stem}")
        _report(trial, questions, found, budget)


def _made(arguments: argparse.Namespace) -> Trial:
    corpora = list(_corpora(arguments))
    judged = read_judged_texts(arguments.data, most=arguments.texts)
    return encoded(corpora, judged, _tokenizer(corpora, arguments.work), count_pages(arguments.crawl))


def _named(trial: Trial, arguments: argparse.Namespace) -> Trial:
    """The arms that were asked for."""
    names = arguments.arms or [corpus.name for corpus in trial.corpora]
    _check_names(names, [corpus.name for corpus in trial.corpora])
    return replace(trial, corpora=[each for each in trial.corpora if each.name in names])


def _check_names(names: Sequence[str], known: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"There is no arm {unknown[0]!r}. There are: {'; '.join(known)}.")


def _corpora(arguments: argparse.Namespace) -> list[Corpus]:
    known = {arm.name: arm for arm in ARMS}
    names = arguments.arms or list(known)
    _check_names(names, list(known))
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


def _tokenizer_file(work: Path, corpora: int) -> Path:
    return work / f"tokenizer-of-{corpora}.json"


def _tokenizer(corpora: Sequence[Corpus], work: Path) -> Tokenizer:
    path = _tokenizer_file(work, len(corpora))
    if not path.exists():
        path.write_bytes(train_tokenizer(union([corpus.texts for corpus in corpora]), VOCABULARY))
    return load(str(path))


def _judged(
    trial: Trial, questions: Questions, budget: int, model: str | None, arguments: argparse.Namespace
) -> dict[str, Judged]:
    """By the names of arms. 5-grams, or ``model``, of which several are trained at a time."""
    seeds = range(arguments.seeds)
    if model is None:
        return _judged_by_five_grams(trial, questions, budget, seeds)
    folder = arguments.work / "models" / Path(model).stem

    def ask(corpus: EncodedCorpus, seed: int) -> Answers:
        own = folder / corpus.name.replace(" ", "-") / str(seed)
        sample = draw(corpus.documents, budget, seed)
        return questions.ask(SmallModel(sample, trial.tokenizer, own, model, seed, arguments.changes), seed)

    with ThreadPoolExecutor(arguments.at_once) as pool:
        waiting = {corpus.name: [pool.submit(ask, corpus, seed) for seed in seeds] for corpus in trial.corpora}
        try:
            return {name: Judged([each.result() for each in futures], None, None) for name, futures in waiting.items()}
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _judged_by_five_grams(trial: Trial, questions: Questions, budget: int, seeds: Sequence[int]) -> dict[str, Judged]:
    def learnt(sample: Sequence[Encoded]) -> KneserNey:
        return KneserNey([document.tokens for document in sample], trial.tokenizer.vocab_size)

    def scored(sample: Sequence[Encoded]) -> float:
        return score(learnt(sample).bits(trial.judged)[None], trial.texts)

    equal, whole = {}, {}
    for corpus in trial.corpora:
        print(f"judging {corpus.name} ...", file=sys.stderr)
        equal[corpus.name] = [questions.ask(learnt(draw(corpus.documents, budget, seed)), seed) for seed in seeds]
        whole[corpus.name] = learnt(corpus.documents).bits(trial.judged)[None]
    scores = {name: score(bits, trial.texts) for name, bits in whole.items()}
    worst = max(scores.values())
    return {
        corpus.name: Judged(
            equal[corpus.name], whole[corpus.name], tokens_for(worst, scores[corpus.name], corpus.documents, scored)
        )
        for corpus in trial.corpora
    }


def _report(trial: Trial, questions: Questions, found: dict[str, Judged], budget: int) -> None:
    bits = {name: np.array([each.bits for each in judged.equal]) for name, judged in found.items()}
    apart = {name: difference(bits[name], bits[OURS], trial.texts) for name in found if OURS in found and name != OURS}
    print(f"\n{budget:,} tokens of each, bits per byte, lower is better\n")
    heads = ["corpus", "documents", "tokens", "bits per byte", "from ours", "of all its tokens", *trial.texts.names]
    rows = []
    for corpus in trial.corpora:
        judged, own, d = found[corpus.name], bits[corpus.name], apart.get(corpus.name)
        rows.append([
            corpus.name, f"{len(corpus.documents):,}", f"{tokens_of(corpus.documents):,}", f"{score(own, trial.texts):.4f}",
            f"{d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]" if d else "",
            f"{score(judged.whole, trial.texts):.4f}" if judged.whole is not None else "",
            *(f"{value:.3f}" for value in by_set(own, trial.texts).mean(axis=0)),
        ])  # fmt: skip
    print(markdown(rows, heads))
    if apart:
        visible = np.median([each.visible for each in apart.values()])
        print(f"\nA difference of {visible:.4f} would have been seen in four of five such trials.")
    _report_others(trial, questions, found)
    print(
        json.dumps(
            {corpus.name: {"what": corpus.what, "seconds": round(corpus.seconds, 1)} for corpus in trial.corpora}
        )
    )


def _report_others(trial: Trial, questions: Questions, found: dict[str, Judged]) -> None:
    """Minimal pairs, models' own texts, and pages for the same score."""
    names = list(dict.fromkeys(pair.rule for pair in questions.pairs))
    rules = np.array([names.index(pair.rule) for pair in questions.pairs])
    heads = ["corpus", "pairs right (chance .500)", "own texts with boilerplate", "tokens of 1,000 pages"]
    with_needs = any(judged.whole is not None for judged in found.values())
    rows = []
    for corpus in trial.corpora:
        judged = found[corpus.name]
        mean, low, high = share(np.array([each.right for each in judged.equal]), rules)
        row = [
            corpus.name, f"{mean:.3f} [{low:.3f}, {high:.3f}]",
            f"{np.mean([each.boilerplate for each in judged.equal]):.3f}",
            f"{per_thousand_pages(tokens_of(corpus.documents), trial.pages):,.0f}",
        ]  # fmt: skip
        if with_needs:
            needed = judged.needed
            size = tokens_of(corpus.documents)
            row += ["never", "never"] if needed is None else [f"{needed:,.0f}", f"{trial.pages * needed / size:,.0f}"]
        rows.append(row)
    print(
        f"\n{len(questions.pairs)} minimal pairs of {len(names)} rules; {SAMPLES} texts of {LENGTH} tokens a model; {trial.pages:,} pages\n"
    )
    print(markdown(rows, [*heads, *(["tokens for the worst arm's score", "pages for it"] if with_needs else [])]))


if __name__ == "__main__":
    main()
