"""datatrove's FineWeb recipe over WARC files, run by a Python that has datatrove: the other side of a comparison.

    PYTHON datatrove_child.py OUTPUT LID_176_MODEL WARC...

The steps and numbers are those of its examples/fineweb.py (URL lists, trafilatura with favour_precision, English from .65,
Gopher's repetition and quality rules, C4's without the rule on a line's end, FineWeb's own) and of its MinHash
(14 bands of 8, 5-grams, 64-bit hashes). Of the language model it takes the file that is at hand, not the larger one
that it would download. Writes OUTPUT/texts.jsonl: objects with url, date and text. Imports nothing of this project.
"""

import json
import shutil
import sys
from pathlib import Path


def main(output: Path, model: Path, files: list[str]) -> None:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        LanguageFilter,
        URLFilter,
    )
    from datatrove.pipeline.readers import JsonlReader, WarcReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils import lid
    from datatrove.utils.hashing import HashConfig

    lid.cached_asset_path_or_download = lambda *args, **kwargs: str(model)
    crawl, work = output / "crawl", output / "work"
    crawl.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        shutil.copy(file, crawl / f"{number:05d}.warc.gz")

    def run(name, *steps, tasks=1):
        LocalPipelineExecutor(list(steps), tasks=tasks, logging_dir=str(work / "logs" / name)).run()

    run(
        "filters",
        WarcReader(str(crawl), glob_pattern="*.warc.gz", default_metadata={}),
        URLFilter(),
        Trafilatura(favour_precision=True, timeout=20),  # 1 s of a busy clock would drop pages
        LanguageFilter(["en"]),
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
        JsonlWriter(str(work / "filtered"), compression=None),
    )
    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8, n_grams=5)
    filtered = str(work / "filtered")
    run("signatures", JsonlReader(filtered), MinhashDedupSignature(str(work / "signatures"), config, language="eng"))
    run("buckets", MinhashDedupBuckets(str(work / "signatures"), str(work / "buckets"), config=config), tasks=14)
    run("clusters", MinhashDedupCluster(str(work / "buckets"), str(work / "remove"), config=config))
    run(
        "rest",
        JsonlReader(filtered),
        MinhashDedupFilter(str(work / "remove")),
        JsonlWriter(str(work / "kept"), compression=None),
    )
    part = output / "texts.jsonl.part"
    with part.open("w", encoding="utf-8") as written:
        for kept in sorted((work / "kept").glob("*.jsonl")):
            for line in kept.read_text("utf-8").splitlines():
                row = json.loads(line)
                found = {"url": row["metadata"]["url"], "date": row["metadata"].get("date", ""), "text": row["text"]}
                print(json.dumps(found), file=written)
    part.replace(output / "texts.jsonl")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
