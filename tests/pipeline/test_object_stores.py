"""Runs on a real S3 server: the bytes of a local run, whatever goes wrong on the way, and one sentence where it can't work."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from gristmill.cli import main
from pipeline import object_stores, retries, storage
from pipeline.driver import run
from pipeline.outputs import read_ledger
from pipeline.sources.inputs import find_inputs
from recipes import load
from tests.pipeline.runs import output_hashes
from tests.pipeline.s3 import BUCKET, FaultyProxy, faulty_proxy, s3_server

DATA = bytes(range(256)) * 400
RUN = f"s3://{BUCKET}/run"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@pytest.fixture
def proxy(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    """A store with an empty bucket, behind a proxy on which nothing goes wrong yet."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(retries, "_answered", set())
    retries.RETRIES.clear()
    kind = fsspec.get_filesystem_class("s3")
    with faulty_proxy(port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        kind.clear_instance_cache()
        store = kind()
        if store.exists(BUCKET):
            store.rm(BUCKET, recursive=True)
        store.mkdir(BUCKET)
        proxy.asked.clear()
        yield proxy
        kind.clear_instance_cache()
        retries.RETRIES.clear()


def first_times(trouble: str, times: int) -> Any:
    """This trouble with the first requests, and none after them."""
    return lambda proxy, method, path: trouble if proxy.asked.total() <= times else None


def again(proxy: FaultyProxy, trouble: str, times: int = 2) -> None:
    proxy.asked.clear()
    retries.RETRIES.clear()
    proxy.trouble = first_times(trouble, times)


@pytest.mark.parametrize(
    ("trouble", "counted"),
    [("busy", retries.BUSY), ("cut", retries.BROKEN_OFF), ("reset", retries.BROKEN_OFF), ("slow", None)],
)
def test_what_goes_wrong_is_asked_again_counted_and_never_taken_for_whole(
    proxy: FaultyProxy, trouble: str, counted: str | None
) -> None:
    path = f"{RUN}/{trouble}/file.bin"
    again(proxy, trouble)
    storage.write_bytes(path, DATA)
    again(proxy, trouble)
    assert storage.read_bytes(path) == DATA
    again(proxy, trouble, 3)
    with storage.open_read(path) as stream:
        stream.seek(1000)
        assert stream.read(300) == DATA[1000:1300]
        assert stream.read() == DATA[1300:]
    again(proxy, trouble)
    assert storage.read_range(path, 77, 5) == DATA[77:82]
    # aiohttp itself asks once more where a connection that it kept is gone.
    assert (counted and 1 <= retries.RETRIES[counted] <= 2) or retries.RETRIES.total() == 0 == bool(counted)
    again(proxy, trouble)
    assert (storage.size(path), storage.is_there(f"{RUN}/none")) == (len(DATA), False)
    again(proxy, trouble)
    assert storage.list_files(RUN) == find_inputs([RUN]) == find_inputs([f"{RUN}/*/file*"]) == [path]
    assert proxy.did[trouble]


def test_an_answer_that_is_shorter_than_the_file_without_a_word_is_no_file(
    proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{RUN}/file.bin"
    storage.write_bytes(path, DATA)
    store, _ = object_stores.filesystem(path)
    real, short = store.cat_file, [b"", DATA[:100]]
    monkeypatch.setattr(store, "cat_file", lambda *given, **named: short.pop() if short else real(*given, **named))
    with storage.open_read(path) as stream:
        assert stream.read() == DATA
    assert retries.RETRIES == {retries.BROKEN_OFF: 2} and not short


def test_a_store_that_stays_busy_ends_the_request(proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    proxy.trouble = lambda *request: "busy"
    with pytest.raises(OSError, match="Service Unavailable|SlowDown"):
        storage.read_bytes(f"{RUN}/file")
    assert proxy.did["busy"] == 3


def test_files_are_listed_under_the_scheme_that_was_given(proxy: FaultyProxy) -> None:
    for base in (f"s3a://{BUCKET}/a", f"s3://{BUCKET}/a/"):
        storage.write_bytes(storage.join(base, "x/file"), b"1")
        assert storage.list_files(base) == [storage.join(base, "x/file")]
        storage.remove_files(storage.list_files(base))
        assert storage.list_files(base) == []


def test_a_run_on_s3_gives_the_bytes_of_a_local_one_on_a_bad_day_too(
    proxy: FaultyProxy, files: list[str], tmp_path: Path
) -> None:
    """Thirty pages of each of two files: a thousand requests, of the kinds that larger runs make more of."""
    recipe = load("llama3", ["extract.parser=resiliparse", "shards.shard_bytes=30000"])
    run(recipe, files[:2], str(tmp_path / "local"), limit=60)
    assert len(output_hashes(tmp_path / "local")["tokens"]) > 1
    store = fsspec.filesystem("s3")
    store.put(files[:2], f"{BUCKET}/in/")

    def now_and_then(proxy: FaultyProxy, method: str, path: str) -> str | None:
        return {0: "busy", 17: "cut", 34: "reset", 51: "slow"}.get(proxy.asked.total() % 68)

    proxy.trouble = now_and_then
    run(recipe, [f"s3://{BUCKET}/in"], RUN, limit=60)
    proxy.trouble = lambda *request: None
    assert min(proxy.did[trouble] for trouble in ("busy", "cut", "reset", "slow")) > 5
    assert read_ledger(RUN) == read_ledger(str(tmp_path / "local"))
    store.get(f"{BUCKET}/run", str(tmp_path / "run"), recursive=True)
    assert output_hashes(tmp_path / "run") == output_hashes(tmp_path / "local")
    asked_again = storage.json.loads(storage.read_bytes(f"{RUN}/timings.json"))["retries"]
    # How many of the others are counted depends on the hour: an empty body can't be cut, and aiohttp asks once more itself.
    assert asked_again[retries.BUSY] > 5 and asked_again[retries.BROKEN_OFF] > 0


def test_the_trainer_reads_shards_where_a_run_has_written_them(proxy: FaultyProxy, undisturbed: Path) -> None:
    from trainer.data.sources import open_data

    fsspec.filesystem("s3").put(str(undisturbed / "tokens"), f"{BUCKET}/tokens", recursive=True)
    (here,), (there,) = open_data([str(undisturbed / "tokens")]), open_data([f"s3://{BUCKET}/tokens"])
    assert here.shards.tokens == there.shards.tokens > 0
    for group, other in zip(here.shards.groups, there.shards.groups, strict=True):
        assert group.read().values.tobytes() == other.read().values.tobytes()


def refused(capsys: pytest.CaptureFixture[str], input: str, output: str) -> str:
    """What a run says that can't be begun."""
    capsys.readouterr()
    assert main(["run", "llama3", "--input", input, "--output", output]) == 4
    said = capsys.readouterr().err.strip().splitlines()
    sentences = [line for line in said if line.startswith("gristmill: ")]
    assert len(sentences) == 1
    return sentences[0]


@pytest.fixture
def page(tmp_path: Path) -> str:
    (tmp_path / "page.jsonl").write_text('{"url": "https://mill.example/", "text": "A page."}\n', "utf-8")
    return str(tmp_path / "page.jsonl")


def test_a_missing_bucket_is_one_sentence(
    proxy: FaultyProxy, page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for input, output in (("s3://misspelt/in", str(tmp_path / "out")), (page, "s3://misspelt/out")):
        assert "there is no such bucket: s3://misspelt/" in refused(capsys, input, output)
    assert storage.list_files(f"s3://{BUCKET}") == []


def test_access_denied_is_one_sentence(
    proxy: FaultyProxy, page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    storage.write_bytes(f"s3://{BUCKET}/in/page.jsonl", b"{}")
    proxy.trouble = lambda proxy, method, path: "denied"
    assert f"the store denies access: s3://{BUCKET}/in" in refused(capsys, f"s3://{BUCKET}/in", str(tmp_path / "out"))
    proxy.trouble = lambda proxy, method, path: "denied" if method == "PUT" else None
    said = refused(capsys, page, RUN)
    assert f"the store denies access: {RUN}" in said and "write to --output" in said


def test_wrong_credentials_are_one_sentence(
    proxy: FaultyProxy, port: int, page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def check_after(requests: bytes) -> None:
        url = f"http://127.0.0.1:{port}/moto-api/reset-auth"
        urllib.request.urlopen(urllib.request.Request(url, requests, {"Content-Type": "text/plain"})).close()

    check_after(b"0")
    try:
        assert "the store denies access" in refused(capsys, page, RUN)
    finally:
        check_after(b"inf")


def test_no_credentials_are_one_sentence(
    proxy: FaultyProxy, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "the store asks for credentials and none were found" in refused(capsys, page, RUN)


def test_an_endpoint_that_is_down_is_one_sentence_and_soon(
    proxy: FaultyProxy, page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    assert "the store can't be reached" in refused(capsys, page, RUN)
    assert retries.RETRIES == {retries.UNREACHABLE: retries.FIRST_CONTACT_ATTEMPTS - 1}


def test_a_missing_package_is_one_sentence(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # By name: the package fsspec has a mapping that is called as its module is.
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    assert "pip install 'gristmill[s3]'" in refused(capsys, page, RUN)
