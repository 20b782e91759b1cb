"""Verdicts over domains are the same for any number of workers, and however the pages lie in files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from bench.domain_pages import ADULT, GOOD, HARM
from pipeline.driver import run
from recipes import load
from tests.pipeline.runs import rows

CHARACTERS = {
    "hot-tube.com": [*ADULT.values()],
    "hacked-forum.org": [*GOOD.values(), ADULT["tube"]],
    "shop.net": [*HARM.values()],
    "lone.com": [ADULT["tube"]],
    "health.org": [GOOD["hiv"], GOOD["assault"]],
}


def _crawl() -> list[dict[str, str]]:
    links = "".join(f"<a href='https://listed{number}.com/'>x</a>" for number in range(3))
    return [
        {
            "url": f"https://www.{host}/{number}",
            "html": f"<html><body><p>{text}</p>{links}</body></html>",
            "date": "2024-05-01",
        }
        for host, texts in CHARACTERS.items()
        for number, text in enumerate(texts)
    ]


def _run(
    folder: Path, pages: list[dict[str, str]], files: int, workers: int, listed: Path, more: tuple[str, ...] = ()
) -> tuple:
    names = [folder / f"crawl-{number}.jsonl" for number in range(files)]
    folder.mkdir()
    for number, name in enumerate(names):
        name.write_text("".join(json.dumps(page) + "\n" for page in pages[number::files]), "utf-8")
    left_out = [f"{name}=null" for name in ("block", "documents", "lines", "quality", "mix")]
    changes = ["extract.parser=resiliparse", "domains.sample_pages=10", "heuristics={}", f"domains.listed=[{listed}]"]
    run(load("llama3", [*left_out, *changes, *more]), [str(name) for name in names], str(folder / "run"), workers)
    reasons = {row["url"]: (row["reason"], row["score"]) for row in rows(folder / "run", "rejected")}
    return (folder / "run" / "domains.parquet").read_bytes(), reasons


def test_neither_files_nor_workers_change_a_verdict(tmp_path: Path) -> None:
    listed = tmp_path / "listed.txt"
    listed.write_text("listed0.com\nlisted1.com\nlisted2.com\n", "utf-8")
    crawl = _crawl()
    one = _run(tmp_path / "one", crawl, 1, 1, listed)
    two = _run(tmp_path / "two", crawl[::-1], 3, 2, listed)
    # The table is written by seven workers, of which some have nothing to write.
    seven = _run(tmp_path / "seven", crawl[::-1], 2, 1, listed, (f"domains.pages_per_range={-(-len(crawl) // 7)}",))
    assert one == two == seven
    files = [*(tmp_path / "seven" / "run" / "work" / "domains").glob("table-*.parquet")]
    assert len(files) == 7
    table = {row["domain"]: row for row in pq.read_table(tmp_path / "one" / "run" / "domains.parquet").to_pylist()}
    assert {name: table[name]["reason"] for name in table if table[name]["reason"]} == {
        "hot-tube.com": "adult",
        "shop.net": "harm",
    }
    assert table["hot-tube.com"]["adult_links_out"] == 1
    assert table["hacked-forum.org"]["sampled"] == 10 < table["hacked-forum.org"]["pages"]
    assert one[1]["https://www.lone.com/0"][0] == "adult_page"
