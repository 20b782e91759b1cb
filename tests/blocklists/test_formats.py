"""Whole files of lists: compression, encoding, tables, archives, and what is no list."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from blocklists.formats import plain_name, read

PLAIN = "# a list\nevil.org\nx.com\n"


def hosts(path: Path) -> dict[str, list[str]]:
    return {category.name: [entry.host for entry in category.entries()] for category in read(path)}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_any_compression_under_any_name(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "list.txt").write_bytes(pack(PLAIN.encode()))
    assert hosts(tmp_path / "list.txt") == {"list": ["evil.org", "x.com"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.txt").write_bytes(PLAIN.encode(encoding))
    assert hosts(tmp_path / "list.txt") == {"list": ["evil.org", "x.com"]}


@pytest.mark.parametrize(
    "text",
    [
        "evil.org,adult\nx.com,adult\n",
        "domain,category\nevil.org,adult\nx.com,malware\n",
        '"1","evil.org"\n"2","x.com"\n',
        "id;host;seen\n1;evil.org;2026-01-01\n2;x.com;2026-01-02\n",
        "1\tevil.org\n2\tx.com\n",
        "# exported\nfirst_seen,url,threat\n2026-01-01,http://evil.org/,phish\n2026-01-01,http://x.com,phish\n",
    ],
)
def test_tables(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.csv").write_text(text)
    assert hosts(tmp_path / "list.csv") == {"list": ["evil.org", "x.com"]}


def archive(path: Path, files: dict[str, str], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("blacklists/porn")
        link.type, link.linkname = tarfile.SYMTYPE, "adult"
        tar.addfile(link)
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_archives_of_categories(tmp_path: Path, mode: str) -> None:
    files = {
        "blacklists/adult/domains": "evil.org\n",
        "blacklists/adult/urls": "x.com/a\n",
        "blacklists/adult/usage": "black\nadult\n",
        "blacklists/README": "Read this text before you use the lists.\n",
        "blacklists/drugs/domains": "d.example\n",
    }
    assert hosts(archive(tmp_path / "ut1.tar", files, mode)) == {
        "adult": ["evil.org", "x.com"],
        "drugs": ["d.example"],
    }


def test_a_path_in_an_archive_is_only_a_name(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "domains").write_text("untouched.example")
    path = archive(tmp_path / "bad.tar.gz", {"../outside/domains": "evil.org\n", f"{outside}/urls": "x.com/a\n"})
    assert hosts(path) == {"outside": ["evil.org", "x.com"]}
    assert (outside / "domains").read_text() == "untouched.example"


def test_a_folder_of_categories(tmp_path: Path) -> None:
    for name, text in {"adult/domains": "evil.org", "adult/urls": "x.com/a", "drugs/urls": "d.example/b"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert hosts(tmp_path) == {"adult": ["evil.org", "x.com"], "drugs": ["d.example"]}
    assert hosts(tmp_path / "drugs") == {"drugs": ["d.example"]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<!DOCTYPE html><html><body>evil.org was not found</body></html>", "is a web page and no list"),
        ("\n\n<html>\nevil.org\n", "is a web page and no list"),
        (
            "Lorem ipsum dolor\nsit amet consectetur\n",
            "no list of domains: 2 of its 2 lines.*line 1: 'Lorem ipsum dolor'",
        ),
        ('{"a": 1,\n"b": [2, 3]}\n', "no list of domains"),
        ("evil.org\n" + "some words here\n" * 20, "20 of its 21 lines.*line 2: 'some words here'"),
    ],
)
def test_what_is_no_list_is_refused_with_its_first_strange_line(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        hosts(tmp_path / "list.txt")


def test_strange_lines_of_a_list_are_counted_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "list.txt").write_text("evil.org\nx.com\nnot a host\n# comment\n")
    (category,) = read(tmp_path / "list.txt")
    assert [entry.host for entry in category.entries()] == ["evil.org", "x.com"]
    (file,) = category.files
    assert (file.read, file.ignored, file.unknown, file.first_unknown) == (2, 1, 1, (3, "not a host"))
    assert "1 of 3 lines are in no known form" in caplog.text


def test_archives_that_end_early_and_places_without_lists(tmp_path: Path) -> None:
    whole = archive(tmp_path / "whole.tar.gz", {"a/domains": "evil.org\n" * 50_000}).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.tar\.gz can't be read to its end"):
        read(tmp_path / "cut.tar.gz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="holds no file called domains or urls"):
        read(tmp_path / "empty")
    with pytest.raises(FileNotFoundError, match="There is no block list at"):
        read(tmp_path / "none.txt")


@pytest.mark.parametrize("name", ["adult", "adult.txt", "adult.txt.gz", "adult.tar.gz", "adult.idx", "adult.hosts"])
def test_plain_names(name: str) -> None:
    assert plain_name(name) == "adult"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("damage", ["cut off", "changed"])
def test_a_list_that_cannot_be_unpacked_to_its_end_is_refused(tmp_path: Path, pack: Callable, damage: str) -> None:
    packed = pack("".join(f"a{number * 7919}.example\n" for number in range(9000)).encode())
    middle = len(packed) // 2
    path = tmp_path / "list.txt"
    path.write_bytes(packed[:middle] if damage == "cut off" else packed[:middle] + bytes(64) + packed[middle + 64 :])
    with pytest.raises(ValueError, match=r"can't be unpacked.*Fetch the list again"):
        [list(category.entries()) for category in read(path)]
