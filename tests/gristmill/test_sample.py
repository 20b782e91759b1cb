"""The sample crawl: the same bytes every time, valid for other people's readers, and as varied as it claims."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter, defaultdict
from html import unescape
from pathlib import Path

import pytest
import regex
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from gristmill.sample import Expectation, languages, read_expectations, write_sample
from gristmill.sample.grammar import bank, gerund
from gristmill.sample.mathml import to_mathml
from gristmill.sample.warc import member
from text.segment import count_words, words

SOUND_FILES = 4  # the two behind them are damaged on purpose


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_sample(out)
    return out


@pytest.fixture(scope="module")
def expectations(crawl: Path) -> list[Expectation]:
    return read_expectations(crawl)


@pytest.fixture(scope="module")
def kept_texts(crawl: Path, expectations: list[Expectation]) -> dict[str, str]:
    """The visible text of every response that must be kept, by URL; markup is cut away without any extractor."""
    kept = {(e.url, e.date) for e in expectations if e.fates == ("kept",)}
    texts = {}
    for path in files(crawl)[:SOUND_FILES]:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                key = (record.rec_headers.get_header("WARC-Target-URI"), record.rec_headers.get_header("WARC-Date"))
                if record.rec_type != "response" or key not in kept:
                    continue
                body = record.content_stream().read().decode("utf-8", "replace")
                body = regex.sub(r"(?s)<(head|nav|footer|aside|script)\b.*?</\1>", " ", body)
                texts[key[0]] = unescape(regex.sub(r"<[^>]+>", " ", body))
    return texts


def files(crawl: Path) -> list[Path]:
    return sorted(crawl.glob("*.warc.gz"))


def shingles(text: str) -> set[tuple[str, ...]]:
    found = [word.lower() for word in words(text)]
    return {tuple(found[at : at + 5]) for at in range(len(found) - 4)}


def test_the_same_seed_gives_the_same_bytes(crawl: Path, tmp_path: Path):
    write_sample(tmp_path)
    for path in crawl.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_seed_gives_other_pages(crawl: Path, tmp_path: Path):
    write_sample(tmp_path, seed=2)
    assert all((tmp_path / path.name).read_bytes() != path.read_bytes() for path in files(crawl))


def test_gzip_members_carry_no_time():
    assert member(b"x")[4:8] == bytes(4)


def test_warcio_reads_sound_files_and_agrees_with_their_digests(crawl: Path):
    for path in files(crawl)[:SOUND_FILES]:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.raw_stream.read()


def test_fastwarc_reads_sound_files_and_agrees_with_their_digests(crawl: Path):
    for path in files(crawl)[:SOUND_FILES]:
        with path.open("rb") as stream:
            records = [
                (record.record_type, record.verify_block_digest()) for record in FastIterator(stream, parse_http=False)
            ]
        assert all(valid for _, valid in records), path.name
        assert sum(kind == WarcRecordType.response for kind, _ in records) > 30


def test_records_and_expectations_match_one_to_one(crawl: Path, expectations: list[Expectation]):
    written: Counter[tuple[str, str]] = Counter()
    for path in files(crawl)[:SOUND_FILES]:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type not in ("warcinfo", "request", "metadata"):
                    head = record.rec_headers
                    written[head.get_header("WARC-Target-URI"), head.get_header("WARC-Date")] += 1
    newest = max(date for _, date in written)
    assert written == Counter((e.url, e.date) for e in expectations if e.date and e.date <= newest)


def test_damaged_files_are_damaged_as_announced(crawl: Path, expectations: list[Expectation]):
    garbage, cut = (path.read_bytes() for path in files(crawl)[SOUND_FILES:])
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(garbage)
    with pytest.raises(EOFError):
        gzip.decompress(cut)
    # Behind the garbage the next member starts cleanly and still holds witnesses.
    broken_at = next(at for at in gzip_ends(garbage) if garbage[at : at + 2] != b"\x1f\x8b")
    rest = gzip.decompress(garbage[garbage.index(b"\x1f\x8b\x08", broken_at) :])
    assert rest.startswith(b"WARC/1.1\r\n")
    assert sum(e.kind == "witness" and e.url.encode() in rest for e in expectations) >= 1
    assert [e.fates for e in expectations if e.kind in ("garbage-bytes", "cut-member")] == [("failed",)] * 2


def gzip_ends(data: bytes) -> list[int]:
    """Where each readable member of ``data`` ends, up to the first that can't be read."""
    ends, at = [], 0
    while data[at : at + 2] == b"\x1f\x8b":
        inflate = zlib.decompressobj(31)
        inflate.decompress(data[at:])
        at = len(data) - len(inflate.unused_data)
        ends.append(at)
    return ends


def test_kept_pages_dominate(expectations: list[Expectation]):
    fates = Counter(e.fate for e in expectations)
    assert 400 <= len(expectations) <= 550
    assert fates["kept"] > 2 * fates["rejected"]
    assert fates["failed"] >= 3
    assert all(bool(e.stages) != (e.fates == ("kept",)) for e in expectations)


def test_every_stage_that_rejects_has_something_to_reject(expectations: list[Expectation]):
    intended = Counter(e.stages[0] for e in expectations if e.fate == "rejected")
    for stage in ("read", "block", "extract", "identify", "domains", "urls", "documents", "lines", "heuristics"):
        assert intended[stage] >= 3, stage


def test_an_expectation_accepts_what_it_lists():
    expectation = Expectation("u", "d", "k", ("rejected", "kept"), ("lines",))
    assert expectation.accepts("kept") and expectation.accepts("rejected", "lines")
    assert not expectation.accepts("rejected", "read") and not expectation.accepts("failed", "lines")


def test_kept_text_is_plenty(kept_texts: dict[str, str]):
    # Two thirds of the files are read here; the whole crawl keeps half as much again.
    assert sum(map(count_words, kept_texts.values())) >= 90_000


def test_no_two_kept_pages_are_alike(kept_texts: dict[str, str]):
    pages = list(map(shingles, kept_texts.values()))
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    shared: Counter[tuple[int, int]] = Counter()
    for number, page in enumerate(pages):
        for shingle in page:
            shared.update((other, number) for other in holders[shingle])
            holders[shingle].append(number)
    worst = max(n / (len(pages[a]) + len(pages[b]) - n) for (a, b), n in shared.items())
    assert worst < 0.4


def test_near_copies_are_alike(crawl: Path, expectations: list[Expectation]):
    copies = defaultdict(list)
    wanted = {e.url for e in expectations if e.kind == "near-copy"}
    for path in files(crawl)[:SOUND_FILES]:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                url = record.rec_headers.get_header("WARC-Target-URI")
                if record.rec_type == "response" and url in wanted:
                    body = record.content_stream().read().decode()
                    paragraphs = regex.findall(r"<p>(.*?)</p>", body)
                    copies[url.rsplit("/", 1)[1]].append(shingles(" ".join(paragraphs)))
    assert len(copies) == 8
    for first, *others in copies.values():
        assert others
        assert all(0.85 <= len(first & other) / len(first | other) < 1 for other in others)


def test_charsets_decode_to_the_text():
    declared = Counter()
    for capture in languages.plant(1):
        language = capture.kind.removeprefix("language-")
        codec, where = capture.note.split(", declared: ")
        text = capture.body.decode(codec)
        written = set("".join(bank(f"languages/{language}")["sentence"]))
        longest = max(regex.findall(r"<p>(.*?)</p>", text), key=len)
        assert len(longest) > 50 and set(longest) <= written, capture.url
        assert (f"charset={codec}" in capture.content_type) == (where in ("header", "both"))
        assert (f'<meta charset="{codec}">' in text) == (where in ("meta", "both"))
        declared[codec] += 1
    assert {"utf-16", "windows-1251", "koi8-r", "shift_jis", "euc-jp", "gb18030", "iso-8859-7"} <= set(declared)


def test_gerunds():
    assert gerund("cut the boards") == "cutting the boards"
    assert gerund("tie the bridle") == "tying the bridle"
    assert gerund("prune to a bud") == "pruning to a bud"
    assert gerund("clean the chain") == "cleaning the chain"
    assert gerund("open the hive") == "opening the hive"


def test_mathml_of_a_fraction():
    markup = to_mathml(r"\frac{a_1}{2}")
    assert "<mfrac><mrow><msub><mi>a</mi><mn>1</mn></msub></mrow><mrow><mn>2</mn></mrow></mfrac>" in markup
    assert r"\frac{a_1}{2}</annotation>" in markup
