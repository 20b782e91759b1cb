"""What a body is: a page, a text, or neither; by its declared type and its first bytes, after MIME Sniffing.

The standard (https://mimesniff.spec.whatwg.org) says what browsers show; a crawl is not a browser, so it is departed
from in these places. A declared page whose first bytes are those of an image, a font, an archive or another binary
format, or which is noise, is none: servers send JPEG files as HTML, and only the language score would stand between
them and the corpus. Markup that was sent as text or XML is a page. ``application/vnd.wap.xhtml+xml`` is one too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from parsers.blocks.normalize import clean
from parsers.encoding.detection import decode

Kind = Literal["page", "text"]

_PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"))
# The standard's, and names that only somebody who means HTML or nothing can have written.
_UNKNOWN_TYPES = frozenset(
    ("", "unknown/unknown", "application/unknown", "content/unknown", "application/x-unknown-content-type", "text/htm",
     "text/x-html", "text/xhtml", "text/xhtml+xml", "application/html", "application/x-html", "html/text")
)  # fmt: skip
_HEAD_BYTES = 1445  # the standard's "resource header"
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})\s*(?:;|\Z)")
_LIST = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_CHARSET = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;\s]+)", re.IGNORECASE)
_BOM = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# Of noise, one byte in ten is one of these. Not the shift codes of ISO 2022, nor the zeros of UTF-16.
_NOISE = bytes([*range(1, 9), 0x0B, *range(0x10, 0x1B), *range(0x1C, 0x20)])
_NOISE_SHARE = 0.03
# Sections 6.1 to 6.3 of the standard, and what else a crawl meets. Signatures of letters alone need a byte more.
_MAGIC = re.compile(
    rb"\x00\x00[\x01\x02]\x00|BM.{4}\x00\x00\x00\x00|GIF8[79]a|RIFF.{4}(?:WEBPVP|WAVE|AVI )|\x89PNG\r\n\x1a\n"
    rb"|\xff\xd8\xff|II\*\x00|MM\x00\*|8BPS\x00|\x00\x00\x00\x0cjP|FORM.{4}AIFF|\xff[\xfa\xfb\xf2\xf3]|ID3[\x00-\x0f]"
    rb"|OggS\x00|MThd\x00\x00|\.snd\x00|fLaC\x00|\x1aE\xdf\xa3|.{4}ftyp|FLV\x01|\x00\x00\x01[\xb3\xba]|0&\xb2u\x8ef\xcf"
    rb"|\x00\x01\x00\x00\x00|OTTO\x00|ttcf\x00|wOF[F2]|.{34}LP|\x1f\x8b\x08|PK(?:\x03\x04|\x05\x06)|Rar!? ?\x1a\x07"
    rb"|7z\xbc\xaf\x27\x1c|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x28\xb5\x2f\xfd|\x1f\x9d|MSCF\x00|%PDF-|%!PS-Adobe-"
    rb"|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|[FCZ]WS[\x01-\x1f]|\x7fELF|MZ[\x00-\x08\x0e-\x1f\x80-\xff]\x00"
    rb"|\x00asm|\xca\xfe\xba\xbe|SQLite format 3\x00|AT&TFORM|\xc5\xd0\xd3\xc6",
    re.DOTALL,
)
# Each comment and the like is taken to its first end and not given back: else there are as many ways to read n of them as
# there are subsets, and forty comments take hours.
_BEFORE = rb"\s*(?>(?:<\?.*?\?>|<!--.*?-->)\s*)*+"
# A document that says of itself that it is HTML.
_DOCUMENT = re.compile(_BEFORE + rb"<(?:!doctype\s+(?:[\w.-]+:)?html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
# Section 7.1, which takes these for HTML where no type is known.
_MARKUP = re.compile(
    rb"\s*(?:<!--|<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[ >\t\r\n])",
    re.IGNORECASE,
)
# Section 7.3: a feed that was sent as HTML. A document type may hold declarations in brackets, as that of RSS 0.91 does.
_FEED = re.compile(rb"\s*(?><(?:!--.*?--|![^\[>]*(?:\[.*?\]\s*)?|\?.*?\?)>\s*)*+<(?:rss|feed|rdf:RDF)[\s>]", re.DOTALL)


class Body(NamedTuple):
    """A page's bytes and the header to decode them by, or a text and the share of it that could not be decoded."""

    html: bytes = b""
    content_type: str = ""
    text: str | None = None
    undecodable: float = 0.0


def read_body(data: bytes, content_type: str, converted: bool = False) -> Body | None:
    """What ``data``, sent as ``content_type``, is; ``None`` where it is neither a page nor a text.

    ``converted``: a converter has written it, who means text where he says text: only a whole document is markup.
    """
    essence, content_type = _parse_type(content_type)
    kind = _kind(data, essence, content_type, converted)
    if kind == "page":
        return Body(data, content_type)
    if kind == "text":
        text, undecodable = decode_text(data, content_type)
        return Body(text=text, undecodable=undecodable)
    return None


def read_text(text: str) -> Body:
    """The body of a table's column of text, which may hold a page."""
    start = text[:_HEAD_BYTES].removeprefix("\ufeff").encode("utf-8", "replace")
    if _DOCUMENT.match(start):
        return Body(text.encode("utf-8", "replace"), "text/html; charset=utf-8")
    return Body(text=text)


def decode_text(data: bytes, content_type: str = "") -> tuple[str, float]:
    """``data`` as text, without a byte order mark, and the share of its characters that could not be decoded."""
    claims = "charset" in content_type.lower() and "utf-8" not in content_type.lower()
    if not claims and b"\0" not in data and b"\x1b" not in data:
        try:
            return data.decode("utf-8-sig"), 0.0
        except UnicodeDecodeError:
            pass
    # Of UTF-16 and UTF-32 the zeros say which it is; a label alone doesn't say in which order its bytes come.
    text, _, undecodable = decode(data, "" if b"\0" in data else content_type)
    return text, undecodable


# From where white space begins: tried from each of its characters, a megabyte of it would take an hour.
_LINE_ENDS = re.compile(r"(?<![^\S\n])[^\S\n]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


def tidy_text(text: str) -> str:
    """A text that was extracted elsewhere as ours are: one blank line between blocks, none at the ends, and no white
    space at the ends of lines. Lines keep their indentation: it may be code."""
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("", clean(text))).strip()


@lru_cache(maxsize=4096)
def _parse_type(content_type: str) -> tuple[str, str]:
    """The essence of a Content-Type, and the part of it to decode by ("extract a MIME type" of the Fetch standard).

    Of a list the last valid type counts, with an earlier one's charset where it names none. What can't be parsed has
    no essence: it is sniffed.
    """
    essence, chosen, charset = "", content_type, ""
    parts = _LIST.findall(content_type) if "," in content_type else [content_type]
    for part in parts:
        match = _TYPE.match(part)
        if match is None or match[1] == "*/*":
            continue
        named = _CHARSET.search(part)
        if match[1].lower() != essence:
            charset = ""
        charset = named[0] if named else charset
        essence = match[1].lower()
        chosen = part.strip() if named or not charset else part.strip() + charset
    return ("" if essence in _UNKNOWN_TYPES else essence), (chosen if len(parts) > 1 else content_type)


def _kind(data: bytes, essence: str, content_type: str, converted: bool) -> Kind | None:
    head = data[:_HEAD_BYTES]
    if _MAGIC.match(head):
        return None
    marked = _BOM.match(head)
    letters = head[marked.end() :].replace(b"\0", b"") if marked else head
    if essence in _PAGE_TYPES:
        if (b"<rss" in head or b"<feed" in head or b"<rdf:RDF" in head) and _FEED.match(letters):
            return None
        # Noise has no such word; letters that are read as they are need not be counted.
        return None if not marked and b"<html" not in head and _is_noise(head) else "page"
    if essence in ("text/xml", "application/xml") or essence.endswith("+xml"):
        return "page" if _DOCUMENT.match(letters) else None
    if essence not in ("", "text/plain"):
        return None
    if _DOCUMENT.match(letters) or (not converted and _MARKUP.match(letters) and (not essence or b"</" in letters)):
        return "page"
    wide = marked or "utf-16" in content_type.lower() or "utf-32" in content_type.lower()
    if not wide and _BINARY.search(head):
        return "text" if essence and not _is_noise(head) and _is_wide(head) else None
    return None if not essence and (letters.lstrip().startswith(b"<?xml") or _FEED.match(letters)) else "text"


def _is_noise(head: bytes) -> bool:
    return len(head) - len(head.translate(None, _NOISE)) > _NOISE_SHARE * len(head)


def _is_wide(head: bytes) -> bool:
    """UTF-16 or UTF-32 without a mark: every second byte at least is zero in Latin text."""
    return head.count(0) > 0.3 * len(head)
