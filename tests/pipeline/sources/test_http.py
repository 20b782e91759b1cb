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

from pipeline.sources import http
from pipeline.sources.http import TooLarge, parse_head

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


def decode_body(body: bytes, headers: dict[str, str], limit: int) -> bytes:
    return http.decode_body(body, headers, limit).data


@pytest.mark.parametrize("encoding", ENCODERS)
def test_content_encodings_are_undone(encoding: str) -> None:
    body = ENCODERS[encoding](PAGE)
    assert decode_body(body, {"content-encoding": encoding}, len(PAGE)) == PAGE


@pytest.mark.parametrize("encoding", ENCODERS)
def test_long_pages_of_few_bytes_come_out_whole(encoding: str) -> None:
    page = b"the same words again and again " * 100_000
    assert decode_body(ENCODERS[encoding](page), {"content-encoding": encoding}, len(page)) == page


def test_several_encodings_are_undone_from_the_last_to_the_first() -> None:
    body = brotli.compress(gzip.compress(PAGE, mtime=0))
    assert decode_body(body, {"content-encoding": "gzip, br"}, len(PAGE)) == PAGE


@pytest.mark.parametrize("encoding", ["", "identity", "none", "utf-8"])
def test_what_is_no_encoding_changes_nothing(encoding: str) -> None:
    assert decode_body(PAGE, {"content-encoding": encoding}, len(PAGE)) == PAGE


def test_chunks_are_joined_before_their_content_is_unpacked() -> None:
    headers = {"transfer-encoding": "chunked", "content-encoding": "gzip"}
    assert decode_body(chunked(gzip.compress(PAGE, mtime=0), 100), headers, len(PAGE)) == PAGE


def test_a_chunk_with_more_behind_it_than_its_size_ends_what_can_be_read() -> None:
    whole = b"4\r\nmill\r\n"
    found = http.decode_body(whole + b"5\r\nwheelXX\r\n0\r\n\r\n", {"transfer-encoding": "chunked"}, 1000)
    assert (found.data, found.complete) == (b"millwheel", False)


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
    for broken in (b"5\r\ngrain\r\n5\r\nfl", b"5\r\ngrain\r\nbroken", b"5\r\ngrain\r\n", b"5\r\ngrain", b"5\r\ngra"):
        assert not http.decode_body(broken, headers, 99).complete


@pytest.mark.parametrize("size", ["5", "005", "0000000000000005", "5 ", "5\t", "5;a=b", '5 ; a="b"', "00005;x"])
@pytest.mark.parametrize("end", ["0", "000", "0;x", "0 "])
def test_forms_of_a_chunk_s_size(size: str, end: str) -> None:
    body = f"{size}\r\ngrain\r\n{end}\r\n\r\n".encode()
    assert http.decode_body(body, {"transfer-encoding": "chunked"}, 99) == (b"grain", True)


@pytest.mark.parametrize(
    "text",
    [b"add this line\nto it", b"5 sacks\nof grain", b"bead\n", b"f\r\nfew words", b"5\r\nmore than five\r\n", b"cafe"],
)
def test_text_that_looks_like_a_chunk_was_decoded_already(text: bytes) -> None:
    padded = text + b" and so on" * 7000
    assert http.decode_body(padded, {"transfer-encoding": "chunked"}, 99_999) == (padded, True)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "DEFLATE"])
def test_transfer_codings_are_undone_in_order(encoding: str) -> None:
    packed = ENCODERS[encoding](PAGE)
    both = {"transfer-encoding": f"{encoding}, chunked"}
    assert http.decode_body(chunked(packed), both, len(PAGE)) == (PAGE, True)
    assert http.decode_body(packed, {"transfer-encoding": encoding}, len(PAGE)) == (PAGE, True)
    twice = chunked(ENCODERS[encoding](brotli.compress(PAGE)))
    assert http.decode_body(twice, both | {"content-encoding": "br"}, len(PAGE)) == (PAGE, True)


@pytest.mark.parametrize("length", ["3", "99999999", "0"])
def test_a_content_length_beside_transfer_codings_counts_for_nothing(length: str) -> None:
    headers = {"transfer-encoding": "chunked", "content-length": length}
    assert http.decode_body(chunked(PAGE), headers, len(PAGE)) == (PAGE, True)


@pytest.mark.parametrize(
    ("length", "complete"),
    [("9", False), ("5", True), ("4", True), ("9, 9", False), ("9, 5", True), ("x", True), ("", True)],
)
def test_a_body_that_is_shorter_than_promised_is_not_complete(length: str, complete: bool) -> None:
    assert http.decode_body(b"grain", {"content-length": length}, 99).complete is complete


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "zstd"])
@pytest.mark.parametrize("padding", [b"", bytes(9), b"junk"])
def test_members_and_frames_are_one_body(encoding: str, padding: bytes) -> None:
    encode = ENCODERS[encoding]
    third = len(PAGE) // 3
    body = encode(PAGE[:third]) + encode(b"") + encode(PAGE[third:]) + padding
    assert http.decode_body(body, {"content-encoding": encoding}, len(PAGE)) == (PAGE, True)
    cut = encode(PAGE[:third]) + encode(PAGE[third:])[:-9]
    found = http.decode_body(cut, {"content-encoding": encoding}, len(PAGE))
    assert not found.complete and PAGE.startswith(found.data) and len(found.data) >= third


@pytest.mark.parametrize("encoding", ENCODERS)
@given(share=st.floats(0.3, 0.99))
def test_a_coding_that_breaks_off_is_not_complete(encoding: str, share: float) -> None:
    body = ENCODERS[encoding](PAGE)
    assert http.decode_body(body, {"content-encoding": encoding}, len(PAGE)).complete
    assert not http.decode_body(body[: int(len(body) * share)], {"content-encoding": encoding}, len(PAGE)).complete


@pytest.mark.parametrize("encoding", ["deflate", "br"])
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=0x500), max_size=80))
def test_text_under_a_coding_without_a_magic_number_stays(encoding: str, text: str) -> None:
    body = ("The miller opens the sluice. " + text).encode()
    assert http.decode_body(body, {"content-encoding": encoding}, 9999) == (body, True)


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
    assert decode_body(gzip.compress(b"x" * 10, mtime=0), {"content-encoding": "gzip"}, 10) == b"x" * 10
    for body, headers in ((b"x" * 11, {}), (gzip.compress(b"x" * 11, mtime=0), {"content-encoding": "gzip"})):
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
    assert (status, headers, block[body_at:]) == (200, {"content-type": "text/html", "x-a": "1, 2"}, b"body")


def test_equal_headers_are_one_list_and_folded_lines_one_value() -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nX:\r\n a\r\n\tb\r\ncontent-ENCODING: gzip\r\n\r\n"
    headers = parse_head(block)[1]
    assert headers == {"content-encoding": "br, gzip", "x": "a b"}
    assert decode_body(gzip.compress(brotli.compress(PAGE), mtime=0), headers, len(PAGE)) == PAGE


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints", b"199 Odd"])
def test_interim_responses_come_before_the_final_one(interim: bytes) -> None:
    head = b"HTTP/1.1 " + interim + b"\r\nLink: </a.css>\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    for block in (head + final + b"body", head * 3 + final + b"body"):
        status, headers, body_at = parse_head(block)
        assert (status, headers, block[body_at:]) == (200, {"content-type": "text/html"}, b"body")
    assert parse_head(head)[0] == int(interim[:3])
    assert parse_head(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + final)[0] == 101


@pytest.mark.parametrize("answer", [b"200 Connection established", b"200 OK\r\nProxy-Agent: mill"])
def test_a_proxy_s_answer_to_connect_comes_before_the_response(answer: bytes) -> None:
    final = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nbody"
    head = b"HTTP/1.1 " + answer + b"\r\n\r\n"
    assert parse_head(head + final) == (404, {"content-type": "text/html"}, len(head + final) - 4)
    shown = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + final  # a page about HTTP
    assert parse_head(shown)[0] == 200 and shown[parse_head(shown)[2] :] == final


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


def test_what_is_damaged_at_its_end_is_not_complete() -> None:
    text = bytes(range(256)) * 40 + PAGE
    packed = gzip.compress(text)
    for body, complete in ((packed, True), (packed[:-8] + bytes(8), False)):
        found = http.decode_body(body, {"content-encoding": "gzip"}, 1 << 20)
        assert text.startswith(found.data) and len(found.data) > 1000 and found.complete == complete


@pytest.mark.parametrize("encoding", ["gzip", "identity", "zstd-like"])
def test_a_frame_under_another_name_is_taken_as_it_is(encoding: str) -> None:
    for pack in (zstandard.compress, gzip.compress):
        if (encoding, pack) != ("gzip", gzip.compress):
            assert http.decode_body(pack(PAGE), {"content-encoding": encoding}, len(PAGE)) == (pack(PAGE), True)
    assert http.decode_body(gzip.compress(PAGE), {"content-encoding": "zstd"}, 10**6) == (gzip.compress(PAGE), True)


@pytest.mark.parametrize(("window", "known"), [(23, True), (27, True), (28, False)])
def test_frames_with_windows_of_up_to_128_mebibytes_are_unfolded(window: int, known: bool) -> None:
    packer = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=window))
    stream = packer.compressobj()  # which doesn't say how long it will be
    body = stream.compress(PAGE) + stream.flush()
    found = http.decode_body(body, {"content-encoding": "zstd"}, len(PAGE))
    assert found == (PAGE if known else body, True)
