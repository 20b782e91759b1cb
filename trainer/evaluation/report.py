"""What ``train eval`` prints: everything that was asked for, as one dictionary."""

from __future__ import annotations

import argparse
import math
from typing import Any

from trainer.checkpoint.convert import find_tokenizer, load_model
from trainer.config.run_config import RunConfig
from trainer.data.sources import open_data
from trainer.distributed.ranks import Ranks, choose_device
from trainer.errors import TrainerError
from trainer.evaluation.held_out import held_out_losses, mean
from trainer.evaluation.multiple_choice import score_choices
from trainer.evaluation.needle import held_out_haystack, needle_accuracy
from trainer.metrics.memory import check_mask


def evaluate_run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures of the model of the run ``args.source``; the other fields are the arguments of ``train eval``."""
    if not (args.data or args.choices):
        raise TrainerError("There is nothing to measure by. Name --data (perplexity, needles) or --choices.")
    if args.needles and not args.data:
        raise TrainerError("Needles are hidden in held-out documents. Name --data.")
    ranks = Ranks(0, 1, choose_device(RunConfig()), None)
    trained = load_model(args.source, ranks.device)
    length = args.length or trained.length
    if args.data:
        check_mask(length, ranks.device)
    tokenizer = find_tokenizer(trained, args.tokenizer) if args.tokenizer or args.needles or args.choices else None
    figures: dict[str, Any] = {}
    if args.data:
        sources = open_data(args.data)
        info = sources[0].shards.tokenizer
        if trained.tokenizer and trained.tokenizer.sha256 != info.sha256:
            raise TrainerError(
                f"The model was trained on tokens of {trained.tokenizer.name}, the data is {info.name}'s."
            )
        losses = held_out_losses(trained.model, sources, length, 1, args.tokens, ranks)
        if not losses:
            raise TrainerError(f"No document is held out in {', '.join(args.data)}.")
        figures["held_out_loss"] = mean([*losses.values()])
        figures["perplexity"] = {name: _perplexity(loss.per_label) for name, loss in losses.items()}
        if args.needles and tokenizer:
            haystack = held_out_haystack(sources)
            figures["needles_found"] = needle_accuracy(trained.model, tokenizer, haystack, length, args.needles, ranks)
    if args.choices and tokenizer:
        choices = score_choices(trained.model, tokenizer, args.choices, ranks)
        figures["multiple_choice"] = choices._asdict()
    return figures


def _perplexity(loss: float) -> float:
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf
