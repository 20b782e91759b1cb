"""Block lists: their formats, the walk up to the domain, and mistakes in a recipe."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists import BlockList, load, shipped
from blocklists.lists import build_file

LABEL = st.text("ab", min_size=1, max_size=2)
HOST = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "com"]))


@pytest.fixture
def listed(tmp_path: Path) -> BlockList:
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
def test_listed_hosts_and_those_below_them_are_blocked(listed: BlockList, host: str) -> None:
    assert listed.category(host) == "mixed"


@pytest.mark.parametrize(
    "host",
    ["partly.org", "shallow.partly.org", "example.org", "notexample.com", "com", "localhost", "me.blogspot.com", ""],
)
def test_others_are_not(listed: BlockList, host: str) -> None:
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


def test_a_pickle_of_a_small_list_carries_it(tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("\n".join(f"host{number}.com" for number in range(10_000)))
    found = load([tmp_path / "many.txt"])
    carried = pickle.dumps(found)
    assert len(carried) < 13 * 10_000
    assert pickle.loads(carried).category("host77.com") == "many"


def test_a_large_list_is_built_once_and_mapped_by_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    large = tmp_path / "large.txt"
    large.write_text("\n".join(f"host{number}.com" for number in range(120_000)))
    found = load([large])
    (built,) = (tmp_path / "cache").rglob("*.idx")
    carried = pickle.dumps(found)
    assert len(carried) < 1_000  # the place of the file, not its content
    assert pickle.loads(carried).category("www.host119999.com") == "large"
    written = built.stat().st_mtime_ns, built.read_bytes()
    assert load([large]).category("host5.com") == "large"
    assert built.read_bytes() == written[1]
    large.write_text(large.read_text() + "\nnew.example")
    assert load([large]).category("new.example") == "large"  # another content is another index


def test_a_cache_that_cant_be_written_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    large = tmp_path / "large.txt"
    large.write_text("\n".join(f"host{number}.com" for number in range(120_000)))
    assert load([large]).category("host5.com") == "large"


@pytest.mark.parametrize(
    ("line", "inside", "outside"),
    [
        ("xxx", "http://a.xxx/", "http://xxx.com/"),
        (".xxx", "www.some.xxx", "axxx"),
        ("*.blogspot.com", "me.blogspot.com", "blogspot.org"),
        ("blog.host.com/evil", "https://blog.host.com/evil/more", "https://blog.host.com/evilness"),
        ("http://host.com/a%20b/", "http://www.host.com/a b?x=1", "http://host.com/a"),
        ("http://host.com/x?id=7", "http://host.com/x?id=7", "http://host.com/x?id=8"),
        ("https://user@host.com:8080", "http://host.com:90/any", "http://host.org/any"),
        ("||evil.org^", "www.evil.org", "evil.org.uk"),
        ("||evil.org^$all", "www.evil.org", "vil.org"),
    ],
)
def test_addresses_top_levels_and_wildcards(tmp_path: Path, line: str, inside: str, outside: str) -> None:
    (tmp_path / "some.txt").write_text(f"unrelated.example\n{line}\n")
    found = load([tmp_path / "some.txt"])
    assert found.category(inside) == "some"
    assert found.category(outside) is None


def test_an_exception_of_a_list_holds_for_what_is_below_it(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("||evil.org^\n@@||good.evil.org^\n")
    found = load([tmp_path / "some.txt"])
    assert [found.category(host) for host in ("evil.org", "good.evil.org", "a.good.evil.org")] == ["some", None, None]


@pytest.mark.parametrize("bare", ["com", "org", "de", "uk", "io"])
def test_a_bare_ending_never_blocks_half_the_web(tmp_path: Path, bare: str) -> None:
    (tmp_path / "some.txt").write_text(f"evil.example\n{bare}\n")
    assert load([tmp_path / "some.txt"]).category(f"www.site.{bare}") is None
    (tmp_path / "meant.txt").write_text(f"*.{bare}\n")
    assert load([tmp_path / "meant.txt"]).category(f"www.site.{bare}") == "meant"


def test_categories_of_an_archive_have_to_be_named(tmp_path: Path) -> None:
    for name, host in (("adult", "porn.example"), ("press", "news.example")):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / "domains").write_text(host)
    (tmp_path / "all" / "adult" / "urls").write_text("host.example/adult")
    with pytest.raises(ValueError, match=r"holds 2 lists \(adult, press\).*all#adult,press"):
        load([tmp_path / "all"])
    found = load([f"{tmp_path / 'all'}#adult"])
    assert [found.category(site) for site in ("porn.example", "news.example", "http://host.example/adult/1")] == [
        "adult", None, "adult",
    ]  # fmt: skip
    assert load([f"{tmp_path / 'all'}#*"]).category("news.example") == "press"
    with pytest.raises(ValueError, match="has no list adlut; it has adult, press"):
        load([f"{tmp_path / 'all'}#adlut"])


@given(st.sets(HOST, min_size=1), st.sets(HOST), st.randoms())
def test_an_index_of_indices_is_that_of_the_lists(
    tmp_path_factory: pytest.TempPathFactory, ones: set[str], others: set[str], random
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    for name, hosts in (("one", ones), ("two", others | {"two.example"})):
        lines = sorted(hosts)
        random.shuffle(lines)
        (folder / f"{name}.txt").write_text("\n".join(lines))
        build_file([folder / f"{name}.txt"], folder / f"{name}.idx")
    direct = load([folder / "one.txt", folder / "two.txt"])
    merged = load([folder / "one.idx", folder / "two.idx"])
    for host in ones | others | {"two.example", "none.example"}:
        assert merged.category(host) == direct.category(host)


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No block list is named; the shipped ones are adult"):
        load([])
    with pytest.raises(FileNotFoundError, match="no block list 'adlut'.*shipped or installed lists adult"):
        load(["adlut"])
    (tmp_path / "empty.txt").write_text("# nothing\n127.0.0.1 localhost\n")
    with pytest.raises(ValueError, match="empty.txt holds no domain"):
        load([tmp_path / "empty.txt"])
