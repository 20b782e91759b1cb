"""Broken records: what crawlers that crash, disks that fill and servers that lie leave in an archive."""

from __future__ import annotations

from collections.abc import Iterator

from gristmill.sample import prose
from gristmill.sample.capture import Capture
from gristmill.sample.dice import Dice, noise
from gristmill.sample.expectations import Expectation
from gristmill.sample.site import Site

_SITE = Site("storm-damage.example", menu=("Home", "Wrecks", "Salvage", "Weather"))

CUT = "cut-member"
GARBAGE = "garbage-bytes"


def plant(seed: int) -> Iterator[Capture]:
    """Records that are broken in themselves, with sound witnesses between them: all of those must be read."""
    for number in range(6):
        yield Capture(_url(f"witness-{number + 1}"), 81 + 3 * number, "witness", _page(seed, f"witness {number}"),
                      note="a sound page in a damaged file: a reader that gives up loses it")  # fmt: skip
    yield Capture(_url("too-long"), 83, "length-too-long", _page(seed, "too long"), ("failed", "kept", "rejected"),
                  ("read",), "Content-Length reaches 40 bytes into the record behind it", lie=40)  # fmt: skip
    yield Capture(_url("too-short"), 86, "length-too-short", _page(seed, "too short"), ("failed", "kept", "rejected"),
                  ("read",), "Content-Length ends 300 bytes before the record does", lie=-300)  # fmt: skip
    yield Capture(_url("nameless"), 88, "no-target-uri", _page(seed, "nameless"), ("rejected", "failed"), ("read",),
                  "a response without WARC-Target-URI", warc_headers={"WARC-Target-URI": ""})  # fmt: skip
    for number in (1, 2):
        whole = _page(seed, f"truncated {number}")
        yield Capture(_url(f"truncated-{number}"), 90 + number, "warc-truncated", whole[: len(whole) * 2 // 3],
                      ("rejected", "kept"), ("read",), "WARC-Truncated: length: the crawler stopped in mid-page",
                      warc_headers={"WARC-Truncated": "length"})  # fmt: skip
    garbled = b"HTXP/9 ok\r\nnonsense\x00\xff\x13 without colon\r\n" + noise(200, seed, "head")
    yield Capture(_url("garbled-head"), 94, "garbled-http", b"", ("failed", "rejected"), ("read", "extract"),
                  "an HTTP head that is none", block=garbled)  # fmt: skip


def cut_capture(seed: int) -> Capture:
    """The last record of the crawl, whose gzip member the crawl cuts in the middle."""
    return Capture(_url("cut-off"), 119, CUT, _page(seed, "cut"), ("failed",), ("read",),
                   "the file ends in the middle of this record")  # fmt: skip


def garbage(seed: int) -> tuple[bytes, Expectation]:
    """Bytes that are no record, to stand between two gzip members, and what a reader should make of them."""
    bytes_ = noise(700, seed, "garbage").replace(b"\x1f\x8b", b"\x1f\x00").replace(b"\x1f", b"\x20")
    note = "700 bytes that are neither gzip nor WARC: one failed record, then the next member is read"
    return bytes_, Expectation("", "", GARBAGE, ("failed",), ("read",), note)


def _url(path: str) -> str:
    return f"https://{_SITE.host}/{path}"


def _page(seed: int, kind: str) -> bytes:
    dice = Dice(seed, "damage", kind)
    text = prose.article(dice.pick(prose.topics()), dice, 360)
    return _SITE.page(text.title, text.blocks, date="2024-02-02", author=text.author).encode()
