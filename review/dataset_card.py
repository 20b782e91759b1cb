"""``README.md`` of a run's output: what is in it, for people and for ``datasets.load_dataset(DIR)``.

It says nothing that differs between equal runs: no clock, no paths, no host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from pipeline import storage
from pipeline.outputs import files_of, read_ledger
from review.published import about

NAME = "README.md"
# What each output is, the one that is loaded by default first. All rows are one split, called "full" (datasets keeps "all"
# for itself): documents/ and tokens/ hold those that are held out of training as well, and "train" would say otherwise.
_FOLDERS = {
    "documents": "what the run kept: text with spans, URL, date, language, class, where it was captured",
    "tokens": "the same documents as token ids; the column `split` says which are held out of training",
    "rejected": "every record that was not kept, with stage, reason and score",
    "failed": "records that could not be read or extracted",
    "duplicates": "clusters of duplicates, and which document survived",
}
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
          (10**8, "10M<n<100M"), (10**9, "100M<n<1B"))  # fmt: skip


def write_card(run_dir: str) -> str:
    """Writes the card of a finished run and returns its path. Raises ``FileNotFoundError`` where there is none."""
    path = storage.join(run_dir, NAME)
    storage.write_bytes(path, "\n".join(_lines(run_dir)).encode() + b"\n")
    return path


def _lines(run_dir: str) -> Iterator[str]:
    books, recipe = read_ledger(run_dir), about(run_dir).get("recipe", {})
    rows = {folder: _rows(run_dir, folder) for folder in _FOLDERS}
    yield "---"
    yield yaml.safe_dump(_header(books, rows), sort_keys=False, allow_unicode=True).rstrip("\n")
    yield "---"
    yield ""
    yield f"# A crawl, milled by the recipe {recipe.get('name', 'of a file')}"
    yield ""
    records, words, tokens = books["records"], books["words"], books["tokens"]
    yield (
        f"{records['kept']:,} documents of {records['read']:,} records that were read; {words['kept']:,} words, "
        f"{tokens['all']:,} tokens, of which {tokens['held_out']:,} are held out of training."
    )
    yield from ("", "```python", "from datasets import load_dataset", "")
    yield 'documents = load_dataset("PATH OF THIS FOLDER", split="full")'
    yield 'tokens = load_dataset("PATH OF THIS FOLDER", "tokens", split="full")'
    yield from ("```", "", "| configuration | rows | what it is |", "|---|---:|---|")
    for folder, what in _FOLDERS.items():
        yield f"| `{folder}` | {rows[folder]:,} | {what} |"
    yield from ("", "| language | documents |", "|---|---:|")
    for language, count in _largest_first(books["kept_by"]["language"]):
        yield f"| {language} | {count:,} |"
    yield from ("", "| left out by | records |", "|---|---:|")
    lost = {f"{stage}/{reason}": n for stage, reasons in books["rejected"].items() for reason, n in reasons.items()}
    for outcome, count in _largest_first(lost):
        yield f"| {outcome} | {count:,} |"
    yield ""
    yield (
        "The texts are those of their authors, and licences of pages are not known. `gristmill summary` drafts what the "
        "EU's AI Act and California's AB 2013 ask to be said of such data; `run.json` has recipe, inputs and versions."
    )


def _header(books: dict[str, Any], rows: dict[str, int]) -> dict[str, Any]:
    configs: list[dict[str, Any]] = []
    for folder, count in rows.items():
        if count:  # datasets refuses what has no row
            files = [{"split": "full", "path": f"{folder}/*.parquet"}]
            configs.append({"config_name": folder, "data_files": files} | ({} if configs else {"default": True}))
    kept = books["records"]["kept"]
    return {
        "language": sorted(name for name in books["kept_by"]["language"] if name and name != "null"),
        "task_categories": ["text-generation"],
        "tags": ["gristmill"],
        "size_categories": [next((name for limit, name in _SIZES if kept < limit), "n>1B")],
        "configs": configs,
    }


def _rows(run_dir: str, folder: str) -> int:
    """Rows of an output, by footers."""
    total = 0
    for path in files_of(run_dir, folder):
        with storage.open_parquet(path) as file:
            total += file.metadata.num_rows
    return total


def _largest_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
