"""Which charset a page is in, found as browsers find it: BOM, HTTP header, meta element, then statistics.

After the HTML standard, section "The input byte stream": a byte order mark beats the header, the header beats the
page's own claim, labels mean what the Encoding standard says (``iso-8859-1`` is windows-1252, ``gb2312`` is gb18030).
"""

from __future__ import annotations

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,1000}?\bcharset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:+-]+)[\"']", re.IGNORECASE)
# A meta element counts only near the top, as in browsers; real pages put scripts before it, hence more than 1024.
_META_BYTES = 16_384
_SAMPLE_BYTES = 131_072
_COMMENT = re.compile(rb"<!(?=--).*?(?:-->|\Z)", re.DOTALL)
# Where resiliparse names a smaller set than the Encoding standard means; the last three it doesn't know at all.
_PYTHON_NAMES = {
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-11": "cp874",
    "cp949": "cp949",
    "mac-cyrillic": "mac-cyrillic",
    "x-mac-cyrillic": "mac-cyrillic",
}


def decode(html: bytes, content_type: str = "") -> tuple[str, str, float]:
    """Decodes a page: its text, the charset's Python name, and the share of characters that could not be decoded.

    ``content_type`` is the HTTP header's value, with or without a charset. Never raises on any bytes.
    """
    for mark, charset in _BOMS:
        if html.startswith(mark):
            return _decode(html[len(mark) :], charset)
    # Browsers skip what is commented out (HTML standard, "prescan a byte stream").
    head = _COMMENT.sub(b"", html[:_META_BYTES])
    claims = [(match[1], False) for match in [_HEADER.search(content_type)] if match]
    claims += [(match[1].decode("ascii"), True) for match in (_XML.search(head), _META.search(head)) if match]
    for label, in_page in claims:
        charset = _codec(label, in_page)
        if charset:
            text, charset, undecodable = _decode(html, charset)
            # A declared charset that fails on more than one character in a hundred is a wrong claim.
            if undecodable <= 0.01:
                return text, charset, undecodable
    try:
        return html.decode("utf-8"), "utf-8", 0.0
    except UnicodeDecodeError:
        pass
    detected = detect_encoding(html[:_SAMPLE_BYTES], html5_compatible=False) or ""
    return _decode(html, _codec(detected) or "utf-8")


def _codec(label: str, in_page: bool = False) -> str | None:
    """The Python codec for a charset label, or ``None`` if nobody knows it."""
    standard = map_encoding_to_html5(label, fallback_utf8=False)
    # A page whose bytes spell out "utf-16" in ASCII isn't UTF-16 (HTML standard, "prescan").
    if in_page and standard and standard.startswith("utf-16"):
        return "utf-8"
    name = _PYTHON_NAMES.get(standard or label.lower(), standard)
    return codecs.lookup(name).name if name else None


def _decode(html: bytes, charset: str) -> tuple[str, str, float]:
    text = html.decode(charset, "replace")
    return text, charset, text.count("\ufffd") / len(text) if text else 0.0
