"""Block lists: their formats, the walk up to the domain, and mistakes in a recipe."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists import DomainList, load, shipped

LABEL = st.text("ab", min_size=1, max_size=2)
HOST = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "com"]))


@pytest.fixture
def listed(tmp_path: Path) -> DomainList:
    (tmp_path / "mixed.txt").write_text(
        "# comment\nExample.com # why\n0.0.0.0 hosts.example ads.example\n127.0.0.1\tlocalhost\n\n"
        "deep.partly.org\n.dotted.net\nmüller.de\nblogspot.com\n10.1.2.3\n",
        "utf-8",
    )
    return load([tmp_path / "mixed.txt"])


@pytest.mark.parametrize(
    "host",
    [
        "example.com", "WWW.EXAMPLE.COM.", "a.b.example.com", "hosts.example", "x.ads.example", "deep.partly.org",
        "very.deep.partly.org", "www.dotted.net", "www.xn--mller-kva.de", "MÜLLER.de", "blogspot.com", "10.1.2.3",
    ],
)  # fmt: skip
def test_listed_hosts_and_those_below_them_are_blocked(listed: DomainList, host: str) -> None:
    assert listed.category(host) == "mixed"


@pytest.mark.parametrize(
    "host",
    ["partly.org", "shallow.partly.org", "example.org", "notexample.com", "com", "localhost", "me.blogspot.com", ""],
)
def test_others_are_not(listed: DomainList, host: str) -> None:
    assert listed.category(host) is None


@given(st.sets(HOST, min_size=1), HOST)
def test_membership_is_that_of_a_set_of_suffixes(
    tmp_path_factory: pytest.TempPathFactory, hosts: set[str], host: str
) -> None:
    path = tmp_path_factory.mktemp("lists") / "some.txt"
    path.write_text("\n".join(hosts))
    labels = host.split(".")
    above = {".".join(labels[start:]) for start in range(len(labels) - 1)}
    found = load([path])
    assert len(found) == len(hosts)
    assert (found.category(host) is not None) == bool(above & hosts)


def test_the_first_list_gives_the_category(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"both.com\n{name}.com\n")
    paths = [tmp_path / "two.txt", tmp_path / "one.txt"]
    found = load(paths)
    assert [found.category(f"{name}.com") for name in ("both", "two", "one")] == ["two", "two", "one"]
    assert load(reversed(paths)).category("both.com") == "one"


def test_a_folder_of_domains_is_a_category(tmp_path: Path) -> None:
    (tmp_path / "gambling").mkdir()
    (tmp_path / "gambling" / "domains").write_text("casino.com\n")
    for path in (tmp_path / "gambling", tmp_path / "gambling" / "domains"):
        assert load([path]).category("www.casino.com") == "gambling"


def test_shipped_lists_are_sorted_and_load_by_name() -> None:
    assert {"adult", "gambling", "malware"} <= set(shipped())
    found = load(shipped())
    assert found.category("www.blocked-casino.example") == "gambling"
    assert found.category("blocked-adult.example") == "adult"
    for harmless in ("wikipedia.org", "nytimes.com", "example.com", "who.int"):
        assert found.category(harmless) is None


def test_a_pickle_is_nine_bytes_an_entry(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("\n".join(f"host{number}.com" for number in range(10_000)))
    found = load([tmp_path / "many.txt"])
    carried = pickle.dumps(found)
    assert len(carried) < 9 * 10_000 + 2_000
    assert pickle.loads(carried).category("host77.com") == "many"


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No block list is named; the shipped ones are adult"):
        load([])
    with pytest.raises(FileNotFoundError, match="no block list 'adlut'.*shipped lists adult"):
        load(["adlut"])
    (tmp_path / "empty.txt").write_text("# nothing\n127.0.0.1 localhost\n")
    with pytest.raises(ValueError, match="empty.txt holds no domain"):
        load([tmp_path / "empty.txt"])
