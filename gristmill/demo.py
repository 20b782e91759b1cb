"""The whole way in one go: writes the sample crawl, mills it, trains a tiny Llama, and says how it went."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from gristmill.display import console, print_ledger
from gristmill.progress import phase_progress
from gristmill.sample import write_sample
from gristmill.sample.outcome import compare
from pipeline.worker import quieten
from recipes import load

# The recipe holds out 50 documents in 10,000; of the sample's few hundred that would be one or two.
HELD_OUT = "tokenise.held_out_per_10000=800"


def run_demo(output: Path, workers: int) -> int:
    """Writes OUT/crawl, OUT/run and OUT/model. Whatever an earlier demo left there is replaced."""
    started = time.monotonic()
    for name in ("crawl", "run", "model"):
        shutil.rmtree(output / name, ignore_errors=True)

    console.rule("1  A sample crawl")
    write_sample(output / "crawl")
    files = sorted((output / "crawl").glob("*.warc.gz"))
    console.print(f"{len(files)} WARC files in {output / 'crawl'}; ABOUT.md there says what is planted in them.")

    console.rule("2  The mill")
    quieten()
    # Beam must find logging set up.
    from pipeline.driver import run as run_recipe
    from review.dataset_card import write_card

    with phase_progress() as (progress, _):
        ledger = run_recipe(
            load("llama3", [HELD_OUT]), [str(file) for file in files], str(output / "run"), workers, progress=progress
        )
    write_card(str(output / "run"))
    print_ledger(ledger, str(output / "run"))
    surprises = compare(output / "crawl", output / "run")
    for surprise in surprises:
        console.print(f"[yellow]not as planted:[/] {surprise}", highlight=False, soft_wrap=True)

    console.rule("3  The model")
    # torch takes seconds to load, and the mill does without it.
    from trainer.config.loader import load_config
    from trainer.training.pretraining import pretrain

    summary = pretrain(load_config("debug", []), [str(output / "run" / "tokens")], output / "model", console)

    console.rule("The demo in short")
    records = ledger["records"]
    console.print(
        f"{records['read']:,} records read, {records['kept']:,} pages kept, {records['rejected']:,} records rejected, "
        f"{records['failed']:,} failed; {'all' if not surprises else 'not all'} as planted.\n"
        f"{ledger['tokens']['all']:,} tokens; the model saw {summary.tokens:,} and its loss fell from "
        f"{summary.loss_start:.2f} to {summary.loss_end:.2f}"
        + (f" (held out: {summary.held_out_loss_end:.2f})" if summary.held_out_loss_end is not None else "")
        + f".\nCrawl, run and model are in {output}; it took {time.monotonic() - started:.0f} s.",
        highlight=False,
    )
    return 1 if surprises else 0
