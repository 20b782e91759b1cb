"""Common Crawl by name, against a local server that speaks ranges, is busy now and then, and breaks off."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import ranges, retries, storage
from pipeline.sources import common_crawl
from pipeline.sources.common_crawl import resolve, with_choice
from pipeline.sources.files import read_records
from pipeline.sources.inputs import find_inputs
from pipeline.sources.records import PageRecord
from recipes.schema import Read
from tests.pipeline.sources.test_warc import record

CRAWL = "CC-MAIN-2026-30"
SETTINGS = Read(max_record_bytes=100_000, keep_truncated=False)
LANGUAGES = ["deu", "eng", "eng,deu", None, "fra", "ind"]


class Server(ThreadingHTTPServer):
    """Serves ``files`` by path, and counts what it was asked for; each path's first ``busy`` answers are ``trouble``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.busy = 0
        self.trouble: int | str = 503
        self.knows_ranges = self.knows_lengths = True

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self._answer(head_only=True)

    def do_GET(self) -> None:
        self._answer(head_only=False)

    def _answer(self, head_only: bool) -> None:
        server = self.server
        data = server.files.get(self.path)
        server.asked[f"{self.command} {self.path}"] += 1
        if data is None:
            self.send_error(404)
            return
        if server.asked[f"{self.command} {self.path}"] <= server.busy:
            if server.trouble == "break off":
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
                return
            self.send_response(int(server.trouble))
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted and server.knows_ranges:
            data = data[int(wanted[1]) : int(wanted[2] or len(data)) + 1]
        self.send_response(206 if wanted and server.knows_ranges else 200)
        if self.server.knows_lengths or not head_only:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not head_only:
            server.sent[self.path] += len(data)
            self.wfile.write(data)

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    ranges.head.cache_clear()
    common_crawl._lines.cache_clear()
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _fill(server)
        yield server
        server.shutdown()


def _fill(server: Server, apart: int = 1500) -> None:
    """Three WARC files of two records each, and an index of them in two parts."""
    root = f"/crawl-data/{CRAWL}"
    names, rows = [], []
    for file in range(3):
        name = f"crawl-data/{CRAWL}/segments/1/warc/{file}.warc.gz"
        members = [gzip.compress(record(2 * file + number), mtime=0) for number in (1, 2)]
        padding = gzip.compress(record(9, kind="request", body=b"x" * 100), mtime=0) * apart  # what nobody asks for
        server.files[f"/{name}"] = members[0] + padding + members[1]
        names.append(name)
        for number, offset in ((1, 0), (2, len(members[0]) + len(padding))):
            page = 2 * file + number
            rows.append({
                "url": f"https://mill.example/{page}", "url_host_registered_domain": "mill.example" if page < 4 else "zoo.example",
                "url_host_name": "www.mill.example", "url_host_tld": "example", "content_mime_detected": "text/html",
                "content_languages": LANGUAGES[page - 1], "fetch_status": 200, "warc_filename": name,
                "warc_record_offset": offset, "warc_record_length": len(members[number - 1]),
            })  # fmt: skip
    server.files[f"{root}/warc.paths.gz"] = gzip.compress("\n".join([*names, ""]).encode())
    server.files[f"{root}/wet.paths.gz"] = gzip.compress(b"a.wet.gz\n", mtime=0)
    tables = [f"cc-index/table/cc-main/warc/crawl={CRAWL}/subset={subset}/part-{n}.parquet" for subset, n in
              (("warc", 0), ("warc", 1), ("crawldiagnostics", 0))]  # fmt: skip
    server.files[f"{root}/cc-index-table.paths.gz"] = gzip.compress("\n".join(tables).encode())
    for number, chosen in enumerate((rows[:3], rows[3:])):
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(chosen), sink, row_group_size=2)
        server.files[f"/{tables[number]}"] = sink.getvalue()


def pages(server: Server, pattern: str) -> list[str]:
    paths = find_inputs([pattern], crawl_base=server.base)
    found = [one for path in paths for one in read_records(path, "cc", SETTINGS)]
    return [one.url[-1] for one in found if isinstance(one, PageRecord)]


@pytest.mark.parametrize(
    ("files", "expected"), [("", "123456"), ("#0", "12"), ("#1-2", "3456"), ("#2-2", "56"), ("#0-2", "123456")]
)
def test_whole_files_by_their_numbers(server: Server, files: str, expected: str) -> None:
    assert "".join(pages(server, f"cc:{CRAWL}/warc{files}")) == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("language=deu", "13"), ("language=deu&language=fra", "135"), ("domain=zoo.example", "456"), ("mime=text/html", "123456"),
        ("mime=application/pdf", ""), ("url=*mill.example/2", "2"), ("url=https://*", "123456"), ("url=mill", ""),
        ("language=eng&domain=mill.example", "23"), ("status=200&tld=example", "123456"), ("language=in", ""),
        ("language=deu#0", "1"), ("language=deu#1-2", "3"), ("domain=zoo.example#2", "56"),
    ],
)  # fmt: skip
def test_records_chosen_by_the_index(server: Server, choice: str, expected: str) -> None:
    assert "".join(sorted(pages(server, f"cc:{CRAWL}/warc?{choice}"))) == expected


def test_a_choice_fetches_its_records_alone(server: Server) -> None:
    assert pages(server, f"cc:{CRAWL}/warc?url=https://mill.example/2") == ["2"]
    archives = {path: sent for path, sent in server.sent.items() if path.endswith(".warc.gz")}
    (length,) = archives.values()
    assert length < 1000 < len(server.files[next(iter(archives))]) / 50


@pytest.mark.parametrize(("more_gap", "more_run", "times"), [(0, 0, 1), (1, 1, 1), (-1, 0, 2), (0, -1, 2)], ids=str)
def test_records_close_together_are_fetched_at_once(
    server: Server, more_gap: int, more_run: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/crawl-data/{CRAWL}/segments/1/warc/0.warc.gz"  # both its records are in one part of the index
    data = server.files[path]
    first, second = (len(gzip.compress(record(number), mtime=0)) for number in (1, 2))
    monkeypatch.setattr(common_crawl, "_GAP_BYTES", len(data) - first - second + more_gap)
    monkeypatch.setattr(common_crawl, "_RUN_BYTES", len(data) + more_run)
    assert "".join(pages(server, f"cc:{CRAWL}/warc?mime=text/html#0")) == "12"
    assert server.asked[f"GET {path}"] == times


@pytest.mark.parametrize("trouble", [503, 429, 500, "break off"])
def test_a_server_that_is_busy_is_asked_again(server: Server, trouble: int | str) -> None:
    server.busy, server.trouble = 3, trouble
    assert "".join(pages(server, f"cc:{CRAWL}/warc#1")) == "34"
    assert pages(server, f"cc:{CRAWL}/warc?language=ind") == ["6"]


def test_a_server_that_stays_busy_is_an_error_and_no_shorter_crawl(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    paths = find_inputs([f"cc:{CRAWL}/warc#1", f"cc:{CRAWL}/warc?language=ind"], crawl_base=server.base)
    server.busy = 99
    for path in paths:
        with pytest.raises(OSError, match="refuses \\(503"):
            list(read_records(path, "cc", SETTINGS))


def test_a_server_without_ranges_is_read_all_the_same(server: Server) -> None:
    server.knows_ranges = False
    assert pages(server, f"cc:{CRAWL}/warc?language=ind") == ["6"]
    assert "".join(pages(server, f"cc:{CRAWL}/warc#1")) == "34"


@pytest.mark.parametrize(("apart", "requests"), [(0, 1), (3, 1), (1500, 2)])
def test_records_that_lie_close_are_fetched_by_one_request(server: Server, apart: int, requests: int) -> None:
    _fill(server, apart)
    assert pages(server, f"cc:{CRAWL}/warc?tld=example") == [*"123456"]
    for file in (0, 2):  # each index has one record of the other
        assert server.asked[f"GET /crawl-data/{CRAWL}/segments/1/warc/{file}.warc.gz"] == requests


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_range_is_that_range_also_of_a_server_that_sends_the_whole(server: Server, knows_ranges: bool) -> None:
    server.knows_ranges = knows_ranges
    data = server.files["/some/file"] = bytes(range(256))
    for first, last in ((0, 0), (3, 5), (250, 255), (250, 999)):
        assert ranges.request(f"{server.base}/some/file", first, last)[0] == data[first : last + 1]
    assert ranges.request(f"{server.base}/some/file", 250)[0] == data[250:]
    assert ranges.request(f"{server.base}/some/file")[0] == data


def test_each_reading_from_a_web_server_is_counted_once(server: Server) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2]}), sink)
    data = server.files["/a.parquet"] = sink.getvalue()
    url = f"{server.base}/a.parquet"
    for number, (found, expected) in enumerate(
        [
            (lambda: storage.read_bytes(url), data), (lambda: storage.read_range(url, 3, 5), data[3:8]),
            (lambda: storage.read_table(url).to_pydict(), {"a": [1, 2]}),
            (lambda: storage.read_table(url, ["a"]).to_pydict(), {"a": [1, 2]}),
        ]
    ):  # fmt: skip
        storage.REQUESTS.clear()
        assert found() == expected and storage.REQUESTS == {"reading": 1}, number


def test_a_server_that_does_not_tell_the_size_beforehand_is_asked_for_the_file(server: Server) -> None:
    server.knows_lengths = False
    data = server.files["/some/file"] = bytes(range(256))
    with ranges.http_file(f"{server.base}/some/file", 16) as found:
        assert found.size == 256 and found.read() == data


@pytest.mark.parametrize(("block_bytes", "sent"), [(0, [10, 15]), (100, [100, 100])])
def test_of_a_file_on_a_server_so_much_is_fetched_as_is_asked_for(
    server: Server, block_bytes: int, sent: list[int]
) -> None:
    data = server.files["/some/file"] = bytes(range(256))
    found, seen = ranges.http_file(f"{server.base}/some/file", block_bytes), []
    for place, count in ((20, 10), (30, 5)):
        found.seek(place)
        assert found.read(count) == data[place : place + count]
        seen.append(server.sent["/some/file"])
    assert seen == sent
    found.seek(-3, io.SEEK_END)
    assert found.read(99) == data[-3:] and found.read(1) == b""


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("cc:", "is no name of a crawl"), (f"cc:{CRAWL}", "is no name"), (f"cc:{CRAWL}/pdf", "is no name"),
        (f"cc:{CRAWL}/warc#x", "is no name"), (f"cc:{CRAWL}/warc#3", "has the files 0 to 2"), (f"cc:{CRAWL}/warc#2-1", "0 to 2"),
        (f"cc:{CRAWL}/warc?colour=red", "colour=red chooses nothing"), (f"cc:{CRAWL}/warc?language=", "chooses nothing"),
        (f"cc:{CRAWL}/wet?language=deu", "write /warc"),
    ],
)  # fmt: skip
def test_names_that_stand_for_nothing(server: Server, pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        resolve(pattern, server.base)


def test_a_crawl_that_is_not_there(server: Server) -> None:
    with pytest.raises(FileNotFoundError, match="is there a crawl of this name"):
        resolve("cc:CC-MAIN-1999-01/warc", server.base)


def test_choices_are_added_to_crawls_and_to_nothing_else() -> None:
    assert with_choice("cc:X/warc#0-9", ["language=deu", "url=*/a&b"]) == "cc:X/warc?language=deu&url=%2A/a%26b#0-9"
    assert with_choice("cc:X/warc?tld=de", ["mime=text/html"]) == "cc:X/warc?tld=de&mime=text/html"
    assert with_choice("a.warc", ["language=deu"]) == "a.warc" and with_choice("cc:X/warc", []) == "cc:X/warc"


def test_any_folder_may_hold_the_crawl(server: Server, tmp_path) -> None:
    for name, data in server.files.items():
        (tmp_path / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name[1:]).write_bytes(data)
    paths = find_inputs([f"cc:{CRAWL}/warc?language=deu"], crawl_base=str(tmp_path))
    assert sorted(one.url[-1] for path in paths for one in read_records(path, "cc", SETTINGS)) == ["1", "3"]


def test_any_file_on_a_web_server_is_an_input(server: Server) -> None:
    server.files["/a[1].warc"] = server.files["/b.warc?v=1"] = record(1) + record(2)
    for name in ("/a[1].warc", "/b.warc?v=1"):
        (found,) = find_inputs([server.base + name])
        assert len(list(read_records(found, "x", SETTINGS))) == 2
        assert storage.size(found) == len(server.files[name]) and storage.fingerprint(found).startswith(
            str(storage.size(found))
        )
    assert storage.size(server.base + "/none") is None
    with storage.open_read(server.base + "/a[1].warc") as file:
        assert file.seek(-4, io.SEEK_END) and file.read() == b"\r\n\r\n" and file.read() == b""


def test_a_selection_is_told_by_the_hash_of_all_that_was_fetched(server: Server) -> None:
    """By it a run says in the end what it has read; a limit that ends the reading tells what was read till then."""
    path, *_ = find_inputs([f"cc:{CRAWL}/warc?url=https://mill.example/2"], crawl_base=server.base)
    told: list[str] = []
    assert len(list(read_records(path, "cc", SETTINGS, None, told.append))) == 1
    member = gzip.compress(record(2), mtime=0)
    assert told == [hashlib.sha256(member).hexdigest()]
