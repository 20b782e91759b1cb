"""Fetching lists from a server that breaks off, changes its file and answers with errors; what stays in use meanwhile."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from blocklists import installed, load
from blocklists.update import update

HOSTS = "".join(f"0.0.0.0 host{number}.example\n" for number in range(50_000)).encode()


class ListServer(http.server.BaseHTTPRequestHandler):
    """Serves ``content`` with ranges; ``break_after`` bytes the first answers end, ``errors`` are sent first."""

    content = HOSTS
    etag = '"one"'
    address = ""
    break_after: ClassVar[list[int]]
    errors: ClassVar[list[int]]
    asked: ClassVar[list[str | None]]

    def do_GET(self) -> None:
        cls = type(self)
        cls.asked.append(self.headers.get("Range"))
        if cls.errors:
            self.send_error(cls.errors.pop(0))
            return
        start = 0
        if self.headers.get("Range") and self.headers.get("If-Range") == cls.etag:
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
        else:
            self.send_response(200)
        body = cls.content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", cls.etag)
        self.send_header("Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT")
        self.end_headers()
        self.wfile.write(body[: cls.break_after.pop(0)] if cls.break_after else body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[ListServer]]:
    monkeypatch.setenv("GRISTMILL_BLOCKLISTS", str(tmp_path / "installed"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GRISTMILL_BACKOFF_SECONDS", "0")
    handler = type("Handler", (ListServer,), {"break_after": [], "errors": [], "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        handler.address = f"http://127.0.0.1:{serving.server_port}/lists/some.hosts"
        yield handler
        serving.shutdown()


def quiet(_: str) -> None:
    pass


def test_a_list_is_fetched_built_and_named(server: type[ListServer]) -> None:
    (about,) = update(origin=server.address, licence="CC0-1.0", tell=quiet)
    assert (about.name, about.entries, about.licence) == ("some", {"some": 50_000}, "CC0-1.0")
    assert about.published.startswith("2026-10-21T07:28")
    assert about.bytes == len(HOSTS)
    assert installed.names() == ("some",)
    assert load(["some"]).category("www.host49999.example") == "some"


def test_a_broken_download_goes_on_where_it_ended(server: type[ListServer]) -> None:
    server.break_after.extend([100_000, 200_000])
    (about,) = update(origin=server.address, name="mine", tell=quiet)
    assert about.entries == {"mine": 50_000}
    assert server.asked == [None, "bytes=100000-", "bytes=300000-"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server: type[ListServer]) -> None:
    server.break_after.append(100_000)

    def change(_: str) -> None:
        server.content, server.etag = b"other.example\n", '"two"'

    (about,) = update(origin=server.address, tell=change)
    assert about.entries == {"some": 1}


def test_errors_that_pass_are_waited_for(server: type[ListServer]) -> None:
    server.errors.extend([503, 429, 500])
    assert update(origin=server.address, tell=quiet)[0].entries == {"some": 50_000}


@pytest.mark.parametrize("error", [404, 403, 410])
def test_a_refusal_is_a_sentence_and_what_is_installed_stays(server: type[ListServer], error: int) -> None:
    update(origin=server.address, tell=quiet)
    server.errors.append(error)
    with pytest.raises(OSError, match=f"can't be fetched: HTTP Error {error}.*What is installed stays in use"):
        update(origin=server.address, tell=quiet)
    assert load(["some"]).category("host1.example") == "some"


def test_a_page_instead_of_a_list_changes_nothing(server: type[ListServer]) -> None:
    update(origin=server.address, tell=quiet)
    server.content, server.etag = b"<html><body>We have moved</body></html>", '"two"'
    with pytest.raises(ValueError, match="is a web page and no list"):
        update(origin=server.address, tell=quiet)
    assert load(["some"]).category("host1.example") == "some"


def test_the_build_before_is_kept_and_older_ones_go(server: type[ListServer]) -> None:
    for number in range(4):
        server.content, server.etag = f"version{number}.example\n".encode(), f'"{number}"'
        update(origin=server.address, tell=quiet)
    builds = [path for path in (installed.folder() / "some").iterdir() if path.is_dir()]
    assert len(builds) == 2
    assert installed.current("some") in builds
    assert load(["some"]).category("version3.example") == "some"


def test_a_folder_of_categories_is_installed_by_path(server: type[ListServer], tmp_path: Path) -> None:
    for name in ("adult", "drugs", "empty"):
        (tmp_path / "ut1" / name).mkdir(parents=True)
        (tmp_path / "ut1" / name / "domains").write_text("" if name == "empty" else f"{name}.example\n")
    said: list[str] = []
    (about,) = update(origin=str(tmp_path / "ut1"), tell=said.append)
    assert about.entries == {"adult": 1, "drugs": 1}
    assert any("left out" in line and "empty" in line for line in said)
    assert installed.names() == ("ut1/adult", "ut1/drugs")
    assert load(["ut1/adult"]).category("drugs.example") is None
    assert load(["ut1/adult", "ut1/drugs"]).category("drugs.example") == "drugs"


def test_mistakes_are_sentences(server: type[ListServer]) -> None:
    with pytest.raises(ValueError, match="no published list nonesuch; there are ut1"):
        update(["nonesuch"], tell=quiet)
    with pytest.raises(ValueError, match="is no web address"):
        update(origin="file:///etc/hosts", tell=quiet)
