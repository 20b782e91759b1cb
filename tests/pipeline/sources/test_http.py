"""Bodies come out as their pages were written, however HTTP wrapped them, and never longer than the limit."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.http import TooLarge, decode_body, parse_head

PAGE = b"<!DOCTYPE html><html>" + b"".join(b"<p>The %d. sack of grain.</p>" % n for n in range(2000)) + b"</html>"


def raw_deflate(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(data) + encoder.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "DEFLATE": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def chunked(data: bytes, size: int = 1000, extension: bytes = b"") -> bytes:
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    return b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks) + b"0\r\n\r\n"


@pytest.mark.parametrize("encoding", ENCODERS)
def test_content_encodings_are_undone(encoding: str) -> None:
    body = ENCODERS[encoding](PAGE)
    assert decode_body(body, {"content-encoding": encoding}, len(PAGE)) == PAGE


@pytest.mark.parametrize("encoding", ENCODERS)
def test_long_pages_of_few_bytes_come_out_whole(encoding: str) -> None:
    page = b"the same words again and again " * 100_000
    assert decode_body(ENCODERS[encoding](page), {"content-encoding": encoding}, len(page)) == page


def test_several_encodings_are_undone_from_the_last_to_the_first() -> None:
    body = brotli.compress(gzip.compress(PAGE))
    assert decode_body(body, {"content-encoding": "gzip, br"}, len(PAGE)) == PAGE


@pytest.mark.parametrize("encoding", ["", "identity", "none", "utf-8"])
def test_what_is_no_encoding_changes_nothing(encoding: str) -> None:
    assert decode_body(PAGE, {"content-encoding": encoding}, len(PAGE)) == PAGE


def test_chunks_are_joined_before_their_content_is_unpacked() -> None:
    headers = {"transfer-encoding": "chunked", "content-encoding": "gzip"}
    assert decode_body(chunked(gzip.compress(PAGE), 100), headers, len(PAGE)) == PAGE


@pytest.mark.parametrize("size", [1, 15, 16, 1000, 100_000])
def test_chunks_of_all_sizes(size: int) -> None:
    assert decode_body(chunked(PAGE, size), {"transfer-encoding": "Chunked"}, len(PAGE)) == PAGE


def test_chunk_extensions_trailers_and_bare_line_feeds() -> None:
    headers = {"transfer-encoding": "chunked"}
    assert decode_body(chunked(b"grain", extension=b";name=value"), headers, 99) == b"grain"
    assert decode_body(b"3\ngra\n2\nin\n0\n\n", headers, 99) == b"grain"
    assert decode_body(b"5\r\ngrain\r\n0\r\nChecksum: 7\r\n\r\n", headers, 99) == b"grain"


def test_chunks_that_break_off_give_what_came() -> None:
    headers = {"transfer-encoding": "chunked"}
    assert decode_body(b"5\r\ngrain\r\n5\r\nfl", headers, 99) == b"grainfl"
    assert decode_body(b"5\r\ngrain\r\nbroken", headers, 99) == b"grain"
    assert decode_body(b"ffffffff\r\ngrain", headers, 99) == b"grain"


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_that_is_not_what_its_header_says_is_taken_as_it_is(encoding: str) -> None:
    assert decode_body(PAGE, {"content-encoding": encoding, "transfer-encoding": "chunked"}, len(PAGE)) == PAGE
    assert decode_body(b"plain text", {"content-encoding": encoding}, 99) == b"plain text"


@pytest.mark.parametrize("encoding", ENCODERS)
def test_an_encoding_that_breaks_off_gives_what_came_before(encoding: str) -> None:
    page = b"".join(b"%d " % (n * n * 7919 % 1_000_003) for n in range(60_000))  # several blocks of zstd's 128 kB
    body = ENCODERS[encoding](page)
    found = decode_body(body[: len(body) * 3 // 4], {"content-encoding": encoding}, len(page))
    assert page.startswith(found) and len(found) > len(page) / 4


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "DEFLATE", "br"])
def test_a_stream_that_is_damaged_gives_what_came_before(encoding: str) -> None:
    page = b"".join(b"%d " % (n * n * 7919 % 1_000_003) for n in range(20_000))
    body = bytearray(ENCODERS[encoding](page))
    body[len(body) * 3 // 4 :] = b"\xff" * (len(body) // 4)
    found = decode_body(bytes(body), {"content-encoding": encoding}, 2 * len(page))
    assert found.startswith(page[: len(page) // 2])


@pytest.mark.parametrize("encoding", ENCODERS)
def test_bombs_are_refused_without_being_unfolded(encoding: str) -> None:
    bomb = ENCODERS[encoding](bytes(1 << 23))
    assert len(bomb) < 1 << 14
    with pytest.raises(TooLarge):
        decode_body(bomb, {"content-encoding": encoding}, 1000)


def test_the_limit_itself_is_allowed() -> None:
    assert decode_body(b"x" * 10, {}, 10) == b"x" * 10
    assert decode_body(gzip.compress(b"x" * 10), {"content-encoding": "gzip"}, 10) == b"x" * 10
    for body, headers in ((b"x" * 11, {}), (gzip.compress(b"x" * 11), {"content-encoding": "gzip"})):
        with pytest.raises(TooLarge):
            decode_body(body, headers, 10)


@given(st.binary(max_size=200), st.sampled_from([*ENCODERS, "gzip, br"]), st.booleans())
def test_any_body_decodes_within_the_limit_or_is_too_large(body: bytes, encoding: str, in_chunks: bool) -> None:
    headers = {"content-encoding": encoding} | ({"transfer-encoding": "chunked"} if in_chunks else {})
    with contextlib.suppress(TooLarge):
        assert len(decode_body(body, headers, 500)) <= 500


@given(st.binary(max_size=2000), st.sampled_from(sorted(ENCODERS)), st.integers(1, 700))
def test_what_was_encoded_comes_back(body: bytes, encoding: str, size: int) -> None:
    wrapped = chunked(ENCODERS[encoding](body), size)
    assert decode_body(wrapped, {"content-encoding": encoding, "transfer-encoding": "chunked"}, 2000) == body


def test_status_headers_and_the_body_s_place() -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-A: 1\r\nx-a:  2 \r\nno colon\r\n\r\nbody"
    status, headers, body_at = parse_head(block)
    assert (status, headers, block[body_at:]) == (200, {"content-type": "text/html", "x-a": "2"}, b"body")


@pytest.mark.parametrize(
    ("block", "status", "body"),
    [
        (b"HTTP/1.0 404 Not Found\n\nbody", 404, b"body"),
        (b"HTTP/2 200\r\n\r\nbody", 200, b"body"),
        (b"HTTP/1.1 301\r\nLocation: /\r\n\r\n", 301, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html", 200, b""),
        (b"HTTP/1.1 HTTP/1.1 200 OK\r\n\r\nbody", 200, b"body"),
    ],
)
def test_forms_of_the_status_line(block: bytes, status: int, body: bytes) -> None:
    found, _, body_at = parse_head(block)
    assert (found, block[body_at:]) == (status, body)


@pytest.mark.parametrize("block", [b"", b"<html></html>", b"HTTP/1.1 OK\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_response_has_no_status(block: bytes) -> None:
    assert parse_head(block) == (None, {}, 0)
