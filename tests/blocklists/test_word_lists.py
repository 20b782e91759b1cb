"""Published word lists are read from archives and folders, and installed under a name that stays."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from blocklists import installed
from blocklists.update import update
from blocklists.word_lists import read_word_lists
from filters.dirty_words import DirtyWordsFilter
from text.document import Document

FILES = {
    "list-main/README.md": b"not a list",
    "list-main/LICENSE": b"CC-BY",
    "list-main/en": "bloody hell\nfrigging\n2 # 3\n\U0001f595\n".encode(),
    "list-main/fr": "p\u00e9tasse\n".encode(),
    "list-main/fr-CA-u-sd-caqc": b"tabarnak\n",
    "list-main/fil": b"gago\n",
    "../../de": b"mist\n",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "master.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, data in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("list-main/es")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


EXPECTED = {
    "de": ["mist"], "en": ["bloody hell", "frigging"], "fr": ["p\u00e9tasse", "tabarnak"], "tl": ["gago"]
}  # fmt: skip


def test_archives_and_folders_are_read_alike(archive: Path, tmp_path: Path) -> None:
    assert read_word_lists(archive) == EXPECTED
    folder = tmp_path / "lists"
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as zipped:
        for name, data in FILES.items():
            zipped.writestr(name, data)
            (folder / name.rpartition("/")[2]).write_bytes(data)
    assert read_word_lists(tmp_path / "lists.zip") == read_word_lists(folder) == EXPECTED


def test_what_is_no_word_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("<html>", "utf-8")
    with pytest.raises(ValueError, match="no archive of word lists"):
        read_word_lists(tmp_path / "page")
    (tmp_path / "lists").mkdir()
    with pytest.raises(ValueError, match="holds no list of words"):
        read_word_lists(tmp_path / "lists")
    (tmp_path / "lists" / "en").write_bytes(b"caf\xe9\n")
    with pytest.raises(ValueError, match="the list en is no UTF-8"):
        read_word_lists(tmp_path / "lists")


def test_an_installed_list_adds_to_the_shipped_one(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRISTMILL_BLOCKLISTS", str(tmp_path / "installed"))
    said: list[str] = []
    for _ in range(3):
        (about,) = update(origin=str(archive), name="some", licence="CC-BY-4.0", tell=said.append, kind="words")
    assert about.entries == {"de": 1, "en": 2, "fr": 2, "tl": 1} and about.licence == "CC-BY-4.0"
    assert str(installed.words("some")) in said[-1]
    assert installed.names() == (), "words are no sites"
    assert "From " in (installed.words("some") / "en.txt").read_text("utf-8")
    more = DirtyWordsFilter(added=installed.words("some"))
    assert {"tl", "en"} <= set(more.languages)
    text = Document("blowjob, blowjob, frigging", "en")
    assert (DirtyWordsFilter().score(text)["hits"], more.score(text)["hits"]) == (2.0, 2.5)
