"""What a recipe blocks: lists, words of addresses, and the allow list that wins over both."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from blocklists.blocker import Blocked, Blocker
from blocklists.url_words import UrlWords, read, shipped

# Sites that public lists of adult or harmful sites name, wrongly.
FALSE_FRIENDS = [
    "www.refinery29.com", "tinder.com", "plannedparenthood.org", "www.cafepress.com", "match.com", "www.ok.co.uk",
]  # fmt: skip


def test_the_allow_list_wins(tmp_path: Path) -> None:
    (tmp_path / "adult.txt").write_text("\n".join([*FALSE_FRIENDS, "evil.example", "blogspot.com"]))
    blocker = Blocker([str(tmp_path / "adult.txt")], allow=["trusted"])
    strict = Blocker([str(tmp_path / "adult.txt")])
    for host in FALSE_FRIENDS:
        assert strict.judge(f"https://{host}/page") == Blocked("adult")
        assert blocker.judge(f"https://{host}/page") is None
    assert blocker.judge("https://evil.example/") == Blocked("adult")
    assert (
        strict.judge("https://anna.blogspot.com/") is None
    )  # a list that names the platform doesn't mean its writers


@pytest.mark.parametrize(
    "url",
    [
        "https://www.essex.ac.uk/sussex", "https://scunthorpe.gov.uk/", "https://birds.example/great-tits-and-blue-tits",
        "https://cars.example/ford-escort-cockpit", "https://museum.example/nude-in-art", "https://a.example/analysis/assess",
        "https://health.example/sex-education/teen", "https://shop.example/dickinson", "https://a.example/live/hot-topics",
        "https://a.example/pornography-law-debate", "https://example.com/?q=analytics",
    ],
)  # fmt: skip
def test_words_inside_other_words_condemn_nothing(url: str) -> None:
    assert UrlWords(shipped("hard"), shipped("soft")).found(url) == ()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://free-PORN.example/", ("porn",)),
        ("https://a.example/videos/XXX/1", ("xxx",)),
        ("https://a.example/%70orn", ("porn",)),
        ("https://a.example/horny_milf.html", ("horny", "milf")),
        ("https://a.example/milf", ()),
        ("https://a.example/milf/milf/milf", ()),
    ],
)
def test_one_hard_word_or_two_soft_ones(url: str, words: tuple[str, ...]) -> None:
    assert UrlWords(shipped("hard"), shipped("soft")).found(url) == words


def test_words_are_judged_after_lists_and_counted_apart(tmp_path: Path) -> None:
    (tmp_path / "adult.txt").write_text("porn.example\n")
    blocker = Blocker([str(tmp_path / "adult.txt")], ["trusted"], "shipped", "shipped")
    assert blocker.judge("https://porn.example/") == Blocked("adult")
    assert blocker.judge("https://other.example/porn") == Blocked("url_words", ("porn",))
    assert blocker.judge("https://en.wikipedia.org/wiki/Porn") is None
    assert Blocker([], hard_words="shipped").judge("https://other.example/porn") is not None


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# ours\nporn\ntwo words\n")
    with pytest.raises(ValueError, match=r"words\.txt, line 3: 'two words' is no single word"):
        read(tmp_path / "words.txt")
    with pytest.raises(ValueError, match="nothing could ever be blocked"):
        Blocker([])
    with pytest.raises(ValueError, match="soft_count is 0"):
        UrlWords(["porn"], [], 0)


@pytest.mark.parametrize(
    "address",
    [
        500_000 * "a." + "evil.example/", 1_000_000 * "a" + ".evil.example/", "good.example/" + 500_000 * "a/", "good.example/" + 1_000_000 * "a",
        100_000 * "ü." + "evil.example/", "xn--" + 500_000 * "0a" + ".evil.example/", 500_000 * "u@" + "evil.example/",
    ],
    ids=lambda address: address[:16],
)  # fmt: skip
def test_an_address_of_a_megabyte_is_judged_in_linear_time(address: str, tmp_path: Path) -> None:
    (tmp_path / "adult.txt").write_text("evil.example\n")
    blocker = Blocker([str(tmp_path / "adult.txt")], hard_words="shipped")
    began = time.process_time()
    judged = blocker.judge(f"https://{address}")
    assert time.process_time() - began < 5  # by the square it would be an hour
    assert (judged is not None) == ("evil.example" in address)  # listed with all below it, however much that is
