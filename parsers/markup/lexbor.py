"""A page in normal form (:mod:`parsers.markup.tokens`): what lexbor builds of it, written out as UTF-8.

selectolax hands the written page over as ``str``, which then has to be encoded again, and lets lexbor move it each
time it has outgrown its buffer. The library that it brings exports lexbor's own functions. Called directly, with a
buffer that is large enough from the start, they take little more than half the time. selectolax does not promise them:
with a release that was not checked, a build without them, or another result for a test page, its public function is
used.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib.metadata import version

import selectolax.lexbor
from selectolax.lexbor import LexborHTMLParser

from parsers.markup.tokens import PADDING

# Releases whose ``mem_id`` is the address of lexbor's own node, and whose wheels export lexbor's functions.
_CHECKED_RELEASES = ("1.0.",)


def normal_form(html: str | bytes) -> bytes:
    """``html`` as browsers understand it, and :data:`parsers.markup.tokens.PADDING`. Bytes have to be valid UTF-8."""
    return _written(LexborHTMLParser(html), len(html))


def _by_selectolax(tree: LexborHTMLParser, size: int) -> bytes:
    return (tree.html or "").encode("utf-8", "replace") + PADDING


class _String(ctypes.Structure):
    """``lexbor_str_t`` (lexbor/core/str.h)."""

    _fields_ = (("data", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _by_lexbor() -> Callable[[LexborHTMLParser, int], bytes]:
    """Raises ``AttributeError`` where the library doesn't have what is needed."""
    library = ctypes.CDLL(selectolax.lexbor.__file__)
    memory, begin, write, append = (
        library.lxb_html_document_mraw_text_noi, library.lexbor_str_init, library.lxb_html_serialize_tree_str,
        library.lexbor_str_append,
    )  # fmt: skip
    memory.argtypes, memory.restype = (ctypes.c_void_p,), ctypes.c_void_p
    begin.argtypes, begin.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t), ctypes.c_void_p
    write.argtypes, write.restype = (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_uint
    append.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    append.restype = ctypes.c_void_p

    def written(tree: LexborHTMLParser, size: int) -> bytes:
        if tree.root is None or tree.root.parent is None:
            return _by_selectolax(tree, size)
        document, string = tree.root.parent.mem_id, _String()
        place, own = ctypes.addressof(string), memory(document)
        # What lexbor adds is end tags, quotation marks and references. The memory is the document's, and goes with it.
        if not begin(place, own, size + size // 4 + 1024) or write(document, place):
            return _by_selectolax(tree, size)
        if not append(place, own, PADDING, len(PADDING)):
            return _by_selectolax(tree, size)
        return ctypes.string_at(string.data, string.length)

    return written


def _best() -> Callable[[LexborHTMLParser, int], bytes]:
    if not version("selectolax").startswith(_CHECKED_RELEASES):
        return _by_selectolax
    tree = LexborHTMLParser("<!doctype html><title>é</title><!-- --><p a=1>&lt;\U0001f600<br><table><tr><template>x")
    try:
        written = _by_lexbor()
        return written if written(tree, 0) == _by_selectolax(tree, 0) else _by_selectolax
    except (AttributeError, OSError):
        return _by_selectolax


_written = _best()

# Blocks of more than 128 kB glibc takes from the system one by one and gives back when they are freed, until one of more
# was freed (mallopt(3), M_MMAP_THRESHOLD). So a page's buffers cost some 50 page faults, 4 % of the parser's time. One
# larger than those of most pages is freed here; nothing is written to it.
bytes(16 << 20)
