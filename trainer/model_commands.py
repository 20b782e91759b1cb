"""The commands about a trained model: import, export, eval, generate. As in :mod:`trainer.cli`, nothing here imports torch
until one of them runs."""

from __future__ import annotations

import argparse
import itertools
import json
import os
from pathlib import Path

from trainer.argument_bounds import at_least
from trainer.errors import TrainerError, need_torch


def add_model_commands(subparsers: argparse._SubParsersAction) -> None:
    """Adds them to the command line."""
    importing = subparsers.add_parser("import", help="begin a run with the weights of a Hugging Face or Meta model")
    importing.add_argument("source", metavar="SRC", help="directory with config.json and *.safetensors, or with "
                           "params.json and consolidated.*.pth")  # fmt: skip
    importing.add_argument("output", metavar="RUN", help="the directory of the run to begin")
    importing.add_argument(
        "--tokenizer", metavar="FILE", help="the model's tokenizer, where it does not lie beside it"
    )
    importing.set_defaults(run=run_import)

    export = subparsers.add_parser("export", help="write a run's model for Hugging Face's libraries, or llama.cpp")
    export.add_argument("source", metavar="RUN", help="the directory of the run")
    export.add_argument("output", metavar="OUT", help="the directory to write; with --gguf the file")
    export.add_argument("--gguf", action="store_true", help="write a GGUF file, for llama.cpp (needs gristmill[gguf])")
    export.add_argument("--dtype", choices=("fp32", "bf16"), default="fp32", help="of the weights (default: fp32)")
    _add_tokenizer(export)
    export.set_defaults(run=run_export)

    evaluate = subparsers.add_parser("eval", help="measure a run's model")
    evaluate.add_argument("source", metavar="RUN", help="the directory of the run")
    evaluate.add_argument("--data", nargs="+", default=[], metavar="[NAME=]DIR", help="held-out perplexity of these")
    evaluate.add_argument("--tokens", type=at_least(int, 1), default=1 << 20, help="held-out tokens of each, at most")
    evaluate.add_argument(
        "--length", type=at_least(int, 2), help="tokens a row (default: the longest it was trained on)"
    )
    evaluate.add_argument(
        "--needles", type=at_least(int, 0), default=0, metavar="N", help="hide N needles in held-out text"
    )
    evaluate.add_argument("--choices", metavar="FILE", help='JSONL of {"question", "choices", "answer"}')
    _add_tokenizer(evaluate)
    evaluate.set_defaults(run=run_eval)

    generate = subparsers.add_parser("generate", help="let a run's model write on")
    generate.add_argument("source", metavar="RUN", help="the directory of the run")
    how = generate.add_mutually_exclusive_group(required=True)
    how.add_argument("--prompt", help="what the text begins with")
    how.add_argument("--prompts", metavar="FILE", help='many beginnings at once: {"prompt"} a line; needs --output')
    how.add_argument("--chat", action="store_true", help="talk to it: each line is answered, until the input ends")
    generate.add_argument("--system", metavar="TEXT", help="with --chat: what it is told at first")
    generate.add_argument("--output", metavar="FILE", help="with --prompts: where the texts go, a row a prompt")
    generate.add_argument(
        "--samples", type=at_least(int, 1), default=1, metavar="K", help="with --prompts: texts of each (default: 1)"
    )
    generate.add_argument(
        "--rows", type=at_least(int, 1), default=64, help="with --prompts: texts written at once (default: 64)"
    )
    generate.add_argument("--tokens", type=at_least(int, 1), default=200, help="at most so many (default: 200)")
    generate.add_argument(
        "--temperature", type=at_least(float, 0), default=0.6, help="0 for the likeliest (default: 0.6)"
    )
    generate.add_argument(
        "--top-p",
        type=at_least(float, 0, 1, open_below=True),
        default=0.9,
        help="default: 0.9, with 0.6 what Meta's config has",
    )
    generate.add_argument("--seed", type=int, default=0)
    _add_tokenizer(generate)
    generate.set_defaults(run=run_generate)


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tokenizer", metavar="FILE", help="the model's tokenizer, where it is neither built in nor kept with the run"
    )


def run_import(args: argparse.Namespace) -> int:
    """``import``."""
    need_torch()
    from trainer.checkpoint.convert import CONTINUED, import_model
    from trainer.checkpoint.run_tokenizer import kept_info

    config = import_model(args.source, args.output, args.tokenizer)
    print(f"{args.output} begins with a Llama of {config.num_layers} layers, width {config.dim}.")
    own = Path(args.output) / CONTINUED
    print(f"Set tokens, batch and learning rate in {own}, and go on with shards of its tokenizer:")
    print(f"  gristmill train pretrain --config {own} --data DIR --output {args.output}")
    if kept_info(Path(args.output)) is None:
        print(
            f"No tokenizer that can be read lies in {args.source}: nothing will tell shards of another from the "
            "model's own. Import it again with --tokenizer FILE to have that checked.",
        )
    return 0


def run_export(args: argparse.Namespace) -> int:
    """``export``."""
    need_torch()
    from trainer.checkpoint.convert import export_model

    if args.gguf:
        from trainer.checkpoint.gguf_file import export_gguf

        export_gguf(args.source, args.output, args.dtype, args.tokenizer)
        print(f"{args.output} holds the model and its tokenizer: llama-cli -m {args.output}")
        return 0
    with_tokenizer = export_model(args.source, args.output, args.dtype, args.tokenizer)
    print(
        f"{args.output} holds the model{' and its tokenizer' if with_tokenizer else ''}: "
        f"AutoModelForCausalLM.from_pretrained({args.output!r})."
        + ("" if with_tokenizer else " Its tokenizer is not there: name its file with --tokenizer to have it written.")
    )
    return 0


def run_eval(args: argparse.Namespace) -> int:
    """``eval``: prints one JSON object."""
    need_torch()
    from trainer.evaluation.report import evaluate_run
    from trainer.files import finite

    figures = evaluate_run(args)
    if os.environ.get("RANK", "0") == "0":  # under torchrun every rank comes here, and one speaks
        print(json.dumps(finite(figures), indent=2, allow_nan=False))
    return 0


def run_generate(args: argparse.Namespace) -> int:
    """``generate``: prints the prompt and what follows, as it comes, or talks."""
    need_torch()
    if args.system and not args.chat:
        raise TrainerError("--system is what a model is told at the beginning of a talk: it needs --chat.")
    if (args.prompts is None) != (args.output is None):
        raise TrainerError("--prompts FILE needs --output FILE, and --output goes with --prompts alone.")
    from trainer.checkpoint.convert import find_tokenizer, load_model
    from trainer.config.run_config import RunConfig
    from trainer.data.tokenizer import decode_as_they_come
    from trainer.distributed.ranks import choose_device
    from trainer.model.generate import generate_ids

    trained = load_model(args.source, choose_device(RunConfig()))
    tokenizer = find_tokenizer(trained, args.tokenizer)
    if args.chat:
        from trainer.posttraining.conversation import Speaker, talk

        speaker = Speaker.of(trained.model, tokenizer, trained.length, args.tokens)
        return talk(speaker._replace(temperature=args.temperature, top_p=args.top_p, seed=args.seed), args.system)
    if args.prompts:
        from trainer.posttraining.continuations import write_file

        print(write_file(trained.model, tokenizer, args))
        return 0
    prompt = [tokenizer.bos_id, *tokenizer.encode(args.prompt).tolist()]
    stop = frozenset({tokenizer.eos_id})
    ids = generate_ids(trained.model, prompt, args.tokens, stop, args.temperature, args.top_p, args.seed)
    for text in decode_as_they_come(tokenizer, itertools.chain(prompt[1:], ids)):
        print(text, end="", flush=True)
    print()
    return 0
