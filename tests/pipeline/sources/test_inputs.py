"""Which files an input names: one walk, in which nothing vanishes and nothing is read twice."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import storage
from pipeline.sources.inputs import BadInput, find_inputs


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    folder = tmp_path / "crawl"
    for name in ("b/two.warc", "a.warc", "b/c/three.warc", "notes.txt", ".hidden.warc", "b/_SUCCESS", ".git/x.warc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def names(folder: Path, *patterns: str, output: Path | None = None) -> list[str]:
    found = find_inputs([str(folder / pattern) for pattern in patterns], output and str(output))
    return [os.path.relpath(name, folder) for name in found]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a.warc"], ["a.warc"]),
        (["*.warc"], ["a.warc"]),
        (["**/*.warc"], ["a.warc", "b/c/three.warc", "b/two.warc"]),
        (["**"], ["a.warc", "b/c/three.warc", "b/two.warc", "notes.txt"]),
        (["*"], ["a.warc", "b/c/three.warc", "b/two.warc", "notes.txt"]),
        (["*/c"], ["b/c/three.warc"]),
        (["b"], ["b/c/three.warc", "b/two.warc"]),
        (["b/two.warc", "a.warc", "*.warc", "b"], ["a.warc", "b/c/three.warc", "b/two.warc"]),
        (["[ab].warc"], ["a.warc"]),
        (["?.warc"], ["a.warc"]),
        ([".*.warc"], [".hidden.warc"]),
        ([".git"], [".git/x.warc"]),
    ],
)
def test_files_folders_and_patterns_name_each_file_once_in_order(
    crawl: Path, patterns: list[str], expected: list[str]
) -> None:
    assert names(crawl, *patterns) == names(crawl, *reversed(patterns)) == expected


def test_relative_paths_become_absolute(crawl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crawl)
    assert find_inputs(["a.warc", f"file://{crawl}/a.warc"]) == [str(crawl / "a.warc")]


@pytest.mark.parametrize("pattern", ["", "/", "/*", "/**"])
@pytest.mark.parametrize("folder", ["crawl", ".crawl"])
def test_below_a_folder_of_a_store_the_same_files_are_passed_over(folder: str, pattern: str) -> None:
    """Those that are hidden, unless they are so by a name that was given."""
    folder = f"memory:///{uuid.uuid4().hex}/{folder}"
    for name in ("b/two.warc", "a.warc", ".hidden.warc", "b/_SUCCESS", ".git/x.warc", "b/.git/c/y.warc"):
        storage.write_bytes(f"{folder}/{name}", b"x")
    found = find_inputs([folder + pattern], None)
    assert [name.removeprefix(folder) for name in found] == ["/a.warc", "/b/two.warc"]


@pytest.mark.parametrize("name", ["crawl[1]", "a*b", "what?", "[ab]", "**"])
def test_what_exists_wins_over_the_pattern_that_its_name_is(tmp_path: Path, name: str) -> None:
    for folder in (name, "crawl1", "a", "axb", "whatx"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.warc").write_bytes(b"")
    (tmp_path / f"{name}.warc").write_bytes(b"")
    assert names(tmp_path, name) == [f"{name}/x.warc"]
    assert names(tmp_path, f"{name}.warc") == [f"{name}.warc"]


@pytest.mark.parametrize("pattern", ["[ab]/*.warc", "[ab]/**", "[a]b[c]/../[ab]/?.warc", "[ab]/c [1]/../*"])
def test_brackets_in_the_name_of_a_folder_on_the_way_are_part_of_its_name(tmp_path: Path, pattern: str) -> None:
    for folder in ("[ab]/c [1]", "a/c 1", "b", "[a]b[c]", "abc"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("[ab]", "a", "b", "abc"):
        (tmp_path / folder / "x.warc").write_bytes(b"")
    assert names(tmp_path, pattern) == ["[ab]/x.warc"]
    assert names(tmp_path, "[a-b]/*.warc") == ["a/x.warc", "b/x.warc"]


@pytest.mark.parametrize("pattern", ["none.warc", "*.parquet", "empty", "no/such/folder/*"])
def test_an_input_that_names_nothing_is_refused_by_its_name(crawl: Path, pattern: str) -> None:
    (crawl / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="names no file; check the path") as caught:
        names(crawl, "a.warc", pattern)
    assert pattern in str(caught.value)


@pytest.mark.parametrize("pattern", ["", " ", "\t"])
def test_an_empty_input_is_no_working_directory(crawl: Path, pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crawl)
    with pytest.raises(ValueError, match="--input names nothing"):
        find_inputs(["a.warc", pattern])


@pytest.mark.parametrize("target", ["..", ".", "../..", "../b", "c"])
@pytest.mark.parametrize("pattern", ["", "**/*.warc", "**"])
def test_links_in_circles_end_and_add_nothing(crawl: Path, target: str, pattern: str) -> None:
    before = names(crawl, pattern)
    os.symlink(target, crawl / "b" / "link")
    if target == "../..":  # all that lies beside the crawl: nothing else
        os.symlink("crawl", crawl.parent / "other")
    assert names(crawl, pattern) == before


def test_what_only_a_link_leads_to_is_read(crawl: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "four.warc").write_bytes(b"")
    os.symlink(tmp_path / "disk", crawl / "b" / "disk")
    os.symlink(tmp_path / "disk" / "four.warc", crawl / "again.warc")
    for pattern in ("", "**/*.warc"):
        assert "again.warc" in names(crawl, pattern) and "b/disk/four.warc" not in names(crawl, pattern)
    os.remove(crawl / "again.warc")
    for pattern in ("", "**/*.warc"):
        assert "b/disk/four.warc" in names(crawl, pattern)


def test_a_file_of_two_names_is_read_once_whatever_the_order(crawl: Path) -> None:
    os.link(crawl / "a.warc", crawl / "z.warc")
    assert names(crawl, "z.warc", "a.warc") == names(crawl, "a.warc", "z.warc") == ["a.warc"]


def test_what_cannot_be_opened_is_named_all_of_it(crawl: Path) -> None:
    os.symlink("nowhere", crawl / "b" / "broken.warc")
    os.mkfifo(crawl / "pipe.warc")
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.relpath(crawl / "socket.warc"))
    for pattern in ("", "**/*.warc", "*"):
        with pytest.raises(BadInput, match=r"3 things can't be read") as caught:
            names(crawl, pattern)
        assert all(name in str(caught.value) for name in ("broken.warc: is a link to nothing", "pipe", "socket"))
    server.close()


@pytest.mark.parametrize("pattern", ["", "**/*.warc", "*/*", "**"])
def test_a_folder_that_cannot_be_listed_is_named(crawl: Path, pattern: str, tmp_path: Path) -> None:
    (crawl / "b" / "c").chmod(0)
    program = "import sys; from pipeline.sources.inputs import find_inputs; find_inputs(sys.argv[1:])"
    without = "-dac_override,-dac_read_search"  # what lets root read everything
    command = ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}"] if os.geteuid() == 0 else []
    run = subprocess.run(
        [*command, sys.executable, "-c", program, str(crawl / pattern)], capture_output=True, text=True, check=False
    )
    (crawl / "b" / "c").chmod(0o755)
    assert run.returncode and "b/c: Permission denied" in run.stderr


def test_the_folder_that_a_run_writes_to_is_no_input_of_its_second_start(crawl: Path) -> None:
    before = {pattern: names(crawl, pattern) for pattern in ("", "**", "**/*.warc", "*")}
    (crawl / "out" / "work").mkdir(parents=True)
    (crawl / "out" / "work" / "x.warc").write_bytes(b"")
    for pattern, expected in before.items():
        assert names(crawl, pattern, output=crawl / "out") == expected
        assert len(names(crawl, pattern)) == len(expected) + 1
    with pytest.raises(FileNotFoundError):
        names(crawl, "out", output=crawl / "out")


def test_what_another_run_wrote_is_no_crawl(crawl: Path) -> None:
    (crawl / "run.json").write_text("{}")  # another tool's
    assert "run.json" in names(crawl, "")
    (crawl / "b" / "work").mkdir()
    (crawl / "b" / "run.json").write_text("{}")
    for pattern in ("", "b", "*"):
        with pytest.raises(BadInput, match="b: is what another run wrote; take it away, or name its documents/ alone"):
            names(crawl, pattern)
    assert names(crawl, "b/c") == ["b/c/three.warc"]
    assert names(crawl, "", output=crawl / "b") == ["a.warc", "notes.txt", "run.json"]


def test_a_name_that_tables_cannot_hold_is_named(crawl: Path) -> None:
    (crawl / os.fsdecode(b"caf\xe9.warc")).write_bytes(b"")
    with pytest.raises(BadInput, match=r"caf\\udce9.warc: its name is not UTF-8"):
        names(crawl, "")


words = st.text("ab[]*?", min_size=1, max_size=4).filter(lambda word: word != "**")


@settings(max_examples=60)
@given(st.sets(st.tuples(words, words), min_size=1, max_size=6))
def test_every_file_is_found_by_its_name_and_by_its_folder(tmp_path_factory, tree: set[tuple[str, str]]) -> None:
    top = tmp_path_factory.mktemp("tree")
    for folder, name in tree:
        (top / folder).mkdir(exist_ok=True)
        (top / folder / f"{name}.warc").write_bytes(b"")
    expected = sorted(f"{folder}/{name}.warc" for folder, name in tree)
    assert sorted(names(top, "")) == sorted(names(top, "*/*")) == expected
    for folder, name in tree:
        assert names(top, f"{folder}/{name}.warc") == [f"{folder}/{name}.warc"]
        assert names(top, folder) == sorted(f"{one}/{other}.warc" for one, other in tree if one == folder)
