"""What is said of runs' data: figures against the rows themselves, and cards that ``datasets`` reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.cli import main
from pipeline import storage
from review.dataset_card import write_card
from review.summary import templates
from review.summary.measure import Measured, measure_runs
from tests.review.runs import kept, published, rejected

DOCUMENTS = [
    kept(
        f"page{n}",
        "ä word " * (n + 1),
        domain=f"d{n % 12}.example",
        language="de" if n % 3 else "en",
        date=f"2024-0{n % 4 + 1}-01",
    )
    for n in range(30)
]
TOKENS = [
    {"name": f"page{n}", "tokens": [1] * (n + 1), "language": "de" if n % 3 else "en", "class": "general", "split": "train", "weight": 1.0}
    for n in range(30)
]  # fmt: skip
REJECTED = [rejected("a", "domains", "pii"), rejected("b", "block", "adult"), rejected("c", "read", "empty")]


def copies(rows: list[dict]) -> list[dict]:
    return [dict(row) for row in rows]  # published() takes names out of rows


def run(folder: Path, **more: object) -> str:
    recipe = {"name": "llama3", "tokenise": {"tokenizer": "x/tiny.json"}, "block": {"lists": ["adult"]}}
    return published(
        folder,
        shards=2,
        recipe=recipe,
        documents=copies(DOCUMENTS),
        tokens=copies(TOKENS),
        rejected=copies(REJECTED),
        **more,
    )


def test_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    found = measure_runs([run(tmp_path / "run")])
    sizes = [len(("ä word " * (n + 1)).encode()) for n in range(30)]
    assert (found.total.documents, found.total.bytes, found.total.words) == (
        30,
        sum(sizes),
        sum(2 * (n + 1) for n in range(30)),
    )
    assert found.total.tokens == sum(range(1, 31))
    assert found.by_language["en"].bytes == sum(size for n, size in enumerate(sizes) if n % 3 == 0)
    assert found.by_language["en"].tokens == sum(n + 1 for n in range(30) if n % 3 == 0)
    assert dict(found.domains.largest(12))["d3.example"] == sizes[3] + sizes[15] + sizes[27]
    assert dict(found.months) == {"2024-01": 8, "2024-02": 8, "2024-03": 7, "2024-04": 7}
    assert found.records == {"read": 33, "kept": 30, "rejected": 3, "failed": 0}
    assert found.tokenizers == {"tiny.json"}


def test_runs_add_up_and_one_named_twice_is_refused(tmp_path: Path) -> None:
    one, two = run(tmp_path / "one"), run(tmp_path / "two", inputs="b")
    both, single = measure_runs([one, two]), measure_runs([one])
    assert both.total.bytes == 2 * single.total.bytes and both.inputs == 2
    assert list(both.domains.largest(99)) == [(name, 2 * size) for name, size in single.domains.largest(99)]
    with pytest.raises(ValueError, match="named twice"):
        measure_runs([one, one])


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 9), max_size=40), st.booleans())
@settings(max_examples=50)
def test_the_largest_domains_are_listed(sizes: dict[str, int], small: bool) -> None:
    found = Measured()
    found.domains.add(sizes)
    listed = list(found.top_domains(*templates.domain_share(small)))
    assert len(listed) == found.top_count(*templates.domain_share(small))
    assert len(listed) == (max(1, round(len(sizes) * (0.05 if small else 0.1))) if sizes else 0)
    others = sizes.keys() - {name for name, _ in listed}
    assert all(size >= sizes[other] for _, size in listed for other in others)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [(0, "less than 1 billion"), (10**9, "1 billion to 10 trillion"), (10**13, "more than 10 trillion")],
)
def test_sizes_are_told_in_the_templates_ranges(tokens: int, words: str) -> None:
    assert templates.size_range(tokens).startswith(words)


def test_the_command_drafts_both_and_marks_what_it_cannot_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run(tmp_path / "run")
    assert main(["summary", folder]) == 0
    text = capsys.readouterr().out
    for said in (
        "Article 53(1)(d)",
        "AB 2013",
        "465 tokens of tiny.json",
        "| de | 20 |",
        "2024-01 to 2024-04",
        "Lists: adult",
    ):
        assert said in text
    assert text.count(templates.UNKNOWN) >= 10
    sections = re.findall(r"^(?:## )?([123]\.[1-9]?)", text.partition("AB 2013")[0], re.MULTILINE)
    assert sections == "1. 1.1 1.2 1.3 2. 2.1 2.2 2.3 2.4 2.5 2.6 3. 3.1 3.2 3.3".split()
    assert "domains/pii: 1 records" in text and re.search(r"read/empty \| 1 \| 10", text)
    assert len([line for line in text.splitlines() if re.match(r"\| d\d+\.example", line)]) == 1
    assert main(["summary", folder, "--json", "--output", str(tmp_path / "summary.json")]) == 0
    figures = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert figures["size"]["tokens"] == 465 and figures["domains"]["listed"][0]["domain"] == "d5.example"


def test_a_run_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(tmp_path)]) == 1
    assert "holds no finished run" in capsys.readouterr().err


def test_datasets_reads_the_folder_by_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    folder = run(tmp_path / "run")
    write_card(folder)
    found = datasets.load_dataset(folder, cache_dir=str(tmp_path / "cache"))
    assert {name: len(split) for name, split in found.items()} == {"full": 30} and "text" in found["full"].column_names
    for name, rows in (("tokens", 30), ("rejected", 3)):
        assert len(datasets.load_dataset(folder, name, split="full", cache_dir=str(tmp_path / "cache"))) == rows
    assert "failed" not in datasets.get_dataset_config_names(folder)


def test_equal_runs_have_equal_cards_wherever_they_lie(tmp_path: Path) -> None:
    cards = [storage.read_bytes(write_card(run(tmp_path / name))) for name in ("one", "two")]
    assert cards[0] == cards[1] and str(tmp_path).encode() not in cards[0]
