"""Deduplication in whole runs: who stays, what is told of it, and that neither the engine nor the way decides."""

from __future__ import annotations

import dataclasses
import json
import random
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from gristmill.cli import main
from pipeline.driver import run
from pipeline.phases import duplicates
from pipeline.reports.duplicates import show
from recipes import Recipe, load
from tests.pipeline.runs import manifest, rows

WORDS = (Path(__file__).parents[2] / "LICENSE").read_text("utf-8").lower().split()


def prose(seed: int, length: int = 300) -> list[str]:
    """So many words in an order of their own: no two seeds share a shingle by more than accident."""
    return random.Random(str(seed)).choices(WORDS, k=length)


def edited(words: list[str], places: list[int]) -> list[str]:
    return [f"edit{place}" if place in places else word for place, word in enumerate(words)]


@pytest.fixture(scope="module")
def plain() -> Recipe:
    """URLs and documents only."""
    left_out = ["block", "identify", "domains", "lines", "quality", "mix"]
    return load("llama3", [*(f"{name}=null" for name in left_out), "heuristics={}", "output.keep_work=true"])


def changed(recipe: Recipe, **documents) -> Recipe:
    return dataclasses.replace(recipe, documents=dataclasses.replace(recipe.documents, **documents))


def mill(recipe: Recipe, folder: Path, pages: list[tuple[str, str, list[str]]]) -> Path:
    """Runs ``pages`` (URL, date, words). Returns the run's folder."""
    folder.mkdir()
    lines = [json.dumps({"url": url, "date": date, "text": " ".join(words)}) for url, date, words in pages]
    (folder / "pages.jsonl").write_text("\n".join(lines))
    run(recipe, [str(folder / "pages.jsonl")], str(folder / "run"))
    return folder / "run"


def kept(folder: Path) -> set[str]:
    return {row["url"].removeprefix("https://mill.example/") for row in rows(folder, "documents")}


def reasons(folder: Path) -> Counter:
    return Counter(row["reason"] for row in rows(folder, "rejected"))


BASE = prose(0)
PAGES = [
    ("https://mill.example/a", "2024-01-01", BASE),
    ("https://mill.example/a?utm_source=x", "2024-01-02", [*BASE, "newer"]),
    ("https://mill.example/copy", "2024-01-03", [*BASE, "newer"]),
    ("https://mill.example/near", "2024-01-04", edited(BASE, [50, 150])),
    ("https://mill.example/other", "2024-01-05", prose(1)),
]


@pytest.fixture(scope="module")
def levels(plain: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of :data:`PAGES`."""
    return mill(plain, tmp_path_factory.mktemp("levels") / "x", PAGES)


def test_each_level_takes_its_own(levels):
    assert kept(levels) == {"near", "other"}
    assert reasons(levels) == {"older_capture": 1, "exact_duplicate": 1, "near_duplicate": 1}
    ids = {row["url"]: row["id"] for name in ("documents", "rejected") for row in rows(levels, name)}
    table = [(r["level"], r["cluster"], r["id"], r["survivor"], r["reason"]) for r in rows(levels, "duplicates")]
    newer, copy, near = (ids[f"https://mill.example/{name}"] for name in ("a?utm_source=x", "copy", "near"))
    assert table == [
        ("exact", copy, copy, True, "survivor"),
        ("exact", copy, newer, False, "exact_duplicate"),
        ("near", near, near, True, "survivor"),
        ("near", near, copy, False, "near_duplicate"),
        ("url", newer, newer, True, "survivor"),
        ("url", newer, ids["https://mill.example/a"], False, "older_capture"),
    ]
    similarities = [row["similarity"] for row in rows(levels, "duplicates")]
    assert similarities[1] == 1.0 and 0.9 < similarities[3] < 1 and similarities[5] is None


def test_the_recipe_says_which_addresses_are_one_and_who_survives(plain, tmp_path):
    rules = [rule for rule in plain.urls.rules if rule != "tracking"]
    recipe = dataclasses.replace(plain, urls=dataclasses.replace(plain.urls, rules=rules))
    folder = mill(changed(recipe, survivor=["oldest"]), tmp_path / "x", PAGES)
    assert kept(folder) == {"a", "other"}
    assert reasons(folder) == {"exact_duplicate": 1, "near_duplicate": 2}


@pytest.mark.parametrize(("within", "expected"), [(True, 2), (False, 1)])
def test_languages_are_kept_apart_where_the_recipe_wants_it(plain, tmp_path, monkeypatch, within, expected):
    # Two texts that differ in a word, and a recognizer that takes them for two languages.
    from filters.language import LanguageIdentifier

    monkeypatch.setattr(
        LanguageIdentifier, "identify", lambda self, text, spans=(): ("en" if "edit7" in text else "de", 1.0)
    )
    pages = [("https://mill.example/one", "", BASE), ("https://mill.example/two", "", edited(BASE, [7]))]
    assert len(kept(mill(changed(plain, within_language=within), tmp_path / "x", pages))) == expected


def test_close_calls_are_settled_by_the_texts(plain, tmp_path):
    """Similarities around the threshold: exactly those go whose shingle sets say so."""
    pages, expected = [], set()
    for number in range(12):
        words = prose(100 + number)
        # Each edit that is far from the others costs five of 296 shingles.
        edits = 8 + number % 6
        similarity = (296 - 5 * edits) / (296 + 5 * edits)
        pages.append((f"https://mill.example/{number}", "2024-02-01", words))
        pages.append(
            (f"https://mill.example/{number}/old", "2024-01-01", edited(words, list(range(10, 290, 20))[:edits]))
        )
        expected |= {f"{number}"} | ({f"{number}/old"} if similarity < 0.7 else set())
    folder = mill(changed(plain, bands=40, rows=3), tmp_path / "x", pages)
    assert kept(folder) == expected and 12 < len(expected) < 24
    for row in rows(folder, "duplicates"):
        assert row["survivor"] or row["similarity"] >= 0.7


def test_short_texts_scripts_without_spaces_and_pages_that_grow_past_the_bound_are_no_exception(plain, tmp_path):
    """Of texts on both sides of 64 words, where shingles of characters end, the other version is known, and no other
    text is."""
    short = prose(5, 55)
    chinese = (
        "磨坊主在日出前一小时打开水闸因为池塘满了他的女儿数着门口的麻袋每十个用粉笔做一个记号两匹马在院子里等着"
        "鼻孔周围冒着热气没有人说话因为第一批谷物的声音总是不均匀后来轮子找到了节奏整个房子轻轻地颤抖"
    )
    pages = [
        ("https://mill.example/one", "2024-01-02", short),
        ("https://mill.example/one/old", "2024-01-01", edited(short, [20])),
        ("https://mill.example/two", "2024-01-02", [chinese]),
        ("https://mill.example/two/old", "2024-01-01", [chinese.replace("两匹马", "三匹马")]),
    ]
    for length in (60, 63):
        page = prose(200 + length, length)
        pages += [
            (f"https://mill.example/{length}", "2024-01-02", [*page, *prose(7, 66 - length)]),
            (f"https://mill.example/{length}/old", "2024-01-01", page),
            (f"https://mill.example/{length}/other", "2024-01-01", prose(300 + length, length)),
        ]
    assert kept(mill(plain, tmp_path / "x", pages)) == {"one", "two", "60", "60/other", "63", "63/other"}


def test_captures_of_a_url_are_known_across_files_and_within(plain, tmp_path):
    """Nine captures in three files, and a second record of each of two: whoever goes names the newest."""
    files = []
    for number in range(3):
        days = [1 + number, 4 + number, 7 + number, 4 + number]
        found = [("https://mill.example/a", f"2024-01-{day:02d}", f"capture {day} " + " ".join(BASE)) for day in days]
        lines = [json.dumps({"url": url, "date": date, "text": text}) for url, date, text in found]
        (tmp_path / f"{number}.jsonl").write_text("\n".join([*lines, lines[2]] if number == 2 else lines))
        files.append(str(tmp_path / f"{number}.jsonl"))
    run(plain, files, str(tmp_path / "run"))
    (survivor,) = rows(tmp_path / "run", "documents")
    assert survivor["date"].startswith("2024-01-09")
    assert reasons(tmp_path / "run") == {"older_capture": 11, "identical_capture": 1}
    assert {row["detail"] for row in rows(tmp_path / "run", "rejected")} == {survivor["id"]}


def test_clusters_dealt_into_several_files_are_the_same(plain, levels, tmp_path, monkeypatch):
    expected = rows(levels, "duplicates")
    monkeypatch.setattr(duplicates, "_MEMBERS_PER_RANGE", 1)
    folder = mill(plain, tmp_path / "several", PAGES)
    assert len(manifest(folder, "duplicates")) == 4
    found = rows(folder, "duplicates")
    assert sorted(found, key=str) == sorted(expected, key=str)
    # A cluster is whole in one place, and its survivor stands first.
    clusters = [list(group) for _, group in groupby(found, key=lambda row: (row["level"], row["cluster"]))]
    assert len(clusters) == len({(row["level"], row["cluster"]) for row in found})
    assert all([row["survivor"] for row in cluster].index(True) == 0 for cluster in clusters)


def test_a_long_chain_is_followed_to_its_end_by_both_ways(plain, tmp_path):
    """Twenty versions of a page, each a little further from the first."""
    pages = [
        (f"https://mill.example/{n}", f"2024-01-{n + 1:02d}", edited(BASE, list(range(10, 10 + 12 * n))))
        for n in range(20)
    ]
    one = mill(plain, tmp_path / "one", pages)
    other = mill(changed(plain, edges_per_worker=0), tmp_path / "other", pages)
    for folder in ("documents", "rejected", "duplicates"):
        assert rows(one, folder) == rows(other, folder)
    # Whoever stays is unlike all others that stay; whoever went is like the one it went for.
    assert 2 < len(kept(one)) < 12
    assert len(list((other / "work").glob("documents-star-*"))) > 3


def test_clusters_are_shown_side_by_side(levels, capsys):
    shown = "\n".join(show(str(levels)))
    assert "\nnear cluster of 2" in shown and "[edit50]" in shown and "cleared its texts" not in shown
    assert main(["duplicates", str(levels), "--level", "url", "--clusters", "1"]) == 0
    printed = capsys.readouterr().out
    assert "older_capture" in printed and "near_duplicate" not in printed


def test_clusters_of_a_run_without_texts_are_shown_without_them(undisturbed):
    lines = list(show(str(undisturbed), "near", 2))
    assert "keep_work=true" in lines[-1] and sum(line.startswith("near cluster") for line in lines) == 2


def test_nothing_to_show_is_a_sentence(plain, tmp_path):
    with pytest.raises(FileNotFoundError, match="no finished run"):
        list(show(str(tmp_path)))
    with pytest.raises(ValueError, match="has no clusters"):
        list(show(str(mill(plain, tmp_path / "x", PAGES[-1:]))))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("urls.rules=[www, wwww]", "urls.rules names 'wwww'"),
        ("documents.survivor=[prettiest]", "documents.survivor names 'prettiest'"),
    ],
)
def test_names_that_mean_nothing_are_refused(tmp_path, change, match):
    (tmp_path / "pages.jsonl").write_text("")
    with pytest.raises(ValueError, match=match):
        run(load("llama3", [change]), [str(tmp_path / "pages.jsonl")], str(tmp_path / "run"))
