"""What the commands do. Pipeline and trainer are imported inside them, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pipeline.worker import import_with_beam, quieten

# What a sentence explains; anything else is a defect, and shows its traceback.
EXPECTED = (ValueError, FileNotFoundError, PermissionError, RuntimeError)


def why(arguments: argparse.Namespace) -> int:
    """Prints what became of pages. One that the run has never seen is told last, when all others have been."""
    quieten()
    import_with_beam()
    # After logging is set up, and only for this command: Beam takes a second to load.
    from pipeline.reports.page import explain
    from pipeline.reports.trail import trails

    pages = list(arguments.page)
    if arguments.file:
        pages += [line.strip() for line in Path(arguments.file).read_text("utf-8").splitlines() if line.strip()]
    if not pages:
        raise ValueError("no page is named; give URLs, ids or domains, or a file of them with --file")
    unseen: list[str] = []
    told: list[dict] = []
    for page in pages:
        try:
            if arguments.json:
                told += [trail.as_json() for trail in trails(arguments.dir, page)]
            else:
                for line in explain(arguments.dir, page, text=arguments.text):
                    print(line)
        except ValueError as error:
            unseen.append(str(error))
    if arguments.json:
        print(json.dumps(told, indent=1, ensure_ascii=False))
    if unseen:
        raise ValueError("; ".join(unseen))
    return 0


def duplicates(arguments: argparse.Namespace) -> int:
    """Prints sample clusters of duplicates."""
    quieten()
    import_with_beam()
    # After logging is set up, and only for this command: Beam takes a second to load.
    from pipeline.reports.duplicates import show

    if arguments.clusters < 1:
        raise ValueError(f"--clusters is {arguments.clusters}, and must be at least 1")
    for line in show(arguments.dir, arguments.level, arguments.clusters):
        print(line)
    return 0


def domains(arguments: argparse.Namespace) -> int:
    """Prints the ranking of a run's domains or one verdict, or takes decisions."""
    quieten()
    # After logging is set up, and only for this command: Beam takes seconds to load.
    from pipeline.reports.domains import explain_domain, ranking, review

    if arguments.number < 1:
        raise ValueError(f"--number is {arguments.number}, and must be at least 1")
    if arguments.decisions and not arguments.review:
        raise ValueError("--decisions names the file that --review adds to; name a table with --review as well")
    if arguments.review:
        target = Path(arguments.decisions or Path(arguments.dir, "decisions.jsonl"))
        count = review(arguments.dir, Path(arguments.review), target)
        print(f"Added {count} decisions to {target}; a run follows them with --set 'decisions=[{target}]'")
        return 0
    lines = (
        explain_domain(arguments.dir, arguments.why)
        if arguments.why
        else ranking(arguments.dir, arguments.number, review_only=arguments.queue)
    )
    for line in lines:
        print(line)
    return 0


def sample(arguments: argparse.Namespace) -> int:
    """Writes the sample crawl."""
    # Only for this command: numpy and the sample's data.
    from gristmill.sample import write_sample

    expectations = write_sample(Path(arguments.output), arguments.seed)
    print(f"The sample crawl is in {arguments.output}; what should become of each page is in {expectations}")
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Sample, run and training in one go."""
    # Only for this command: it loads most of gristmill.
    from gristmill.demo import run_demo

    return run_demo(Path(arguments.output), arguments.workers)


def train_tokenizer(arguments: argparse.Namespace) -> int:
    """Trains a tokenizer on finished documents."""
    # Only for this command: pyarrow and tokenizers.
    from tokens.train import sample_documents, train_tokenizer

    data = train_tokenizer(sample_documents(arguments.dir, arguments.sample_bytes), arguments.vocab_size)
    Path(arguments.output).write_bytes(data)
    tokens = len(json.loads(data)["model"]["vocab"])
    print(f"Wrote {arguments.output} with {tokens} tokens; name it in a recipe as tokenise.tokenizer")
    return 0
