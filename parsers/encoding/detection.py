"""Which charset a page is in, found as browsers find it: BOM, HTTP header, meta element, then statistics.

After the HTML standard, section "The input byte stream": a byte order mark beats the header, the header beats the
page's own claim, labels mean what the Encoding standard says (``iso-8859-1`` is windows-1252, ``gb2312`` is gb18030).
It departs from browsers in four ways, since wrong characters cost a corpus more than they cost a reader: a page that
is valid UTF-8 throughout is UTF-8 whatever it claims; a claim that the bytes contradict falls; UTF-32, ISO-2022-KR,
HZ, EBCDIC, Johab and the charsets of DOS and the Macintosh, which browsers refuse or don't know, are found by
statistics. UTF-7 is refused here as there. Python has no codec for EUC-TW, VISCII and TCVN: such a page is decoded
with the likeliest codec there is.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from parsers.encoding.utf8 import continuations

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,1000}?\bcharset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:+-]+)[\"']", re.IGNORECASE)
# A meta element counts only near the top, as in browsers; real pages put scripts before it, hence more than 1024.
_META_BYTES = 16_384
_SAMPLE_BYTES = 131_072
_COMMENT = re.compile(rb"<!(?=--).*?(?:-->|\Z)", re.DOTALL)
# Where resiliparse names a smaller set than the Encoding standard means, and what it doesn't know at all.
_PYTHON_NAMES = {
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-11": "cp874",
    "cp949": "cp949",
    "mac-cyrillic": "mac-cyrillic",
    "x-mac-cyrillic": "mac-cyrillic",
    "iso2022_kr": "iso2022_kr",
    "iso-2022-kr": "iso2022_kr",
    "hz-gb-2312": "hz",
    "johab": "johab",
    "ibm850": "cp850",
    "cp850": "cp850",
    "ibm852": "cp852",
    "cp852": "cp852",
    "ibm855": "cp855",
    "cp855": "cp855",
    "kz-1048": "kz1048",
    "x-mac-ce": "mac_latin2",
}
# A page with this many bytes inside UTF-8 sequences, all of them well-formed, is not in any other charset: in two-byte
# charsets of East Asia about one character in seven has the form of a UTF-8 sequence, in others fewer.
_CONVINCING_UTF8_BYTES = 4
_ISO_2022 = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_2"), (b"\x1b(J", "iso2022_jp_2"))
# HZ (RFC 1843): pairs of printable bytes between ~{ and ~}.
_HZ = re.compile(rb"~\{(?:[!-w][!-~]){2,200}~\}")


def decode(html: bytes, content_type: str = "") -> tuple[str, str, float]:
    """Decodes a page: its text, the charset's Python name, and the share of characters that could not be decoded.

    ``content_type`` is the HTTP header's value, with or without a charset. Never raises on any bytes. A UTF-8 page
    costs one ``bytes.decode`` and a few byte searches; statistics read at most 128 kB.
    """
    for mark, charset in _BOMS:
        if html.startswith(mark):
            return _decode(html[len(mark) :], charset)
    utf8 = _strict_utf8(html)
    escaped = _escaped(html) if html.isascii() else None
    if b"\0" in html[:_META_BYTES] and not _HEADER.search(content_type) and (wide := _wide(html)):
        return _decode(html, wide)
    if utf8 is not None and not escaped:
        beyond_ascii = len(html) - len(utf8)
        if beyond_ascii >= _CONVINCING_UTF8_BYTES or (beyond_ascii == 0 and html):
            return utf8, "utf-8", _undecodable(utf8)
    for charset in _claims(html, content_type):
        text, charset, undecodable = _decode(html, charset)
        if _believable(text, charset, undecodable):
            return text, charset, undecodable
    if escaped:
        return _decode(html, escaped)
    if utf8 is not None and not _looks_like_utf16(html):
        return utf8, "utf-8", _undecodable(utf8)
    return _decode(html, _statistics(html))


def sound_utf8(html: bytes, content_type: str = "") -> bytes | None:
    """``html`` without a byte order mark if :func:`decode` takes it for UTF-8 and nothing of it is lost; ``None`` if
    not, or if only :func:`decode` can tell. No text is made: a few times as fast."""
    unmarked = html.removeprefix(codecs.BOM_UTF8)
    beyond_ascii = continuations(unmarked)
    if beyond_ascii < 0 or not html:
        return None
    if len(unmarked) < len(html):
        return unmarked
    if b"\0" in html[:_META_BYTES] or (beyond_ascii == 0 and _escaped(html)):
        return None
    return html if beyond_ascii == 0 or beyond_ascii >= _CONVINCING_UTF8_BYTES else None


def _claims(html: bytes, content_type: str) -> list[str]:
    """The Python codecs that the header and the page itself name, in the order in which they count."""
    # Browsers skip what is commented out (HTML standard, "prescan a byte stream").
    head = _COMMENT.sub(b"", html[:_META_BYTES])
    labels = [(match[1], False) for match in [_HEADER.search(content_type)] if match]
    labels += [(match[1].decode("ascii"), True) for match in (_XML.search(head), _META.search(head)) if match]
    return [charset for label, in_page in labels if (charset := _codec(label, in_page))]


def _believable(text: str, charset: str, undecodable: float) -> bool:
    """Whether the bytes bear out a claim. One character in a hundred may be broken, but where everything beyond ASCII
    is, in a long page in plain Latin letters, the claim is wrong all the same."""
    if undecodable > 0.01:
        return False
    if charset != "utf-8" or not undecodable:
        return True
    broken = text.count("\ufffd")
    return broken <= 4 or broken <= sum(not part.isascii() for part in text.replace("\ufffd", "").split())


def _escaped(html: bytes) -> str | None:
    """The seven-bit charset whose shift sequence occurs in an ASCII page, which has no other reason to hold one."""
    if b"\x1b" in html:
        for sequence, charset in _ISO_2022:
            if sequence in html:
                return charset
    shifts = b"~" in html and b"~}" in html  # a single byte is found at once, and few pages have this one
    return "hz" if shifts and _HZ.search(html[:_SAMPLE_BYTES]) else None


def _strict_utf8(html: bytes) -> str | None:
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _wide(html: bytes) -> str | None:
    """UTF-16 or UTF-32 by where the null bytes stand; no page in another charset holds many."""
    sample = html[:_META_BYTES]
    whole = sample[: len(sample) // 4 * 4]
    for charset in ("utf-32-le", "utf-32-be"):
        try:
            if whole and "\0" not in whole.decode(charset):
                return charset
        except UnicodeDecodeError:
            pass
    high_first, low_first = sample[0::2].count(0), sample[1::2].count(0)
    if max(high_first, low_first) * 10 < len(sample) or min(high_first, low_first) * 4 > max(high_first, low_first):
        return None
    return "utf-16-be" if high_first > low_first else "utf-16-le"


def _looks_like_utf16(html: bytes) -> bool:
    """Whether a page may be UTF-16 without Latin: ASCII's frequent bytes are absent, and ones are there that no other
    text has."""
    latin = len(html) % 2 or b" " in html or b"<" in html
    return not latin and any(byte < 9 for byte in html[:_META_BYTES])


def _codec(label: str, in_page: bool = False) -> str | None:
    """The Python codec for a charset label, or ``None`` if nobody knows it."""
    standard = map_encoding_to_html5(label, fallback_utf8=False)
    # A page whose bytes spell out "utf-16" in ASCII isn't UTF-16 (HTML standard, "prescan").
    if in_page and standard and standard.startswith("utf-16"):
        return "utf-8"
    name = _PYTHON_NAMES.get(standard or label.lower(), standard)
    return codecs.lookup(name).name if name else None


def _decode(html: bytes, charset: str) -> tuple[str, str, float]:
    name = codecs.lookup(charset).name
    try:
        text = html.decode(charset, "replace")
    except UnicodeDecodeError:  # iso2022_kr raises on a broken escape sequence whatever the error handler
        return _decode(html, "utf-8")
    return text, name, _undecodable(text)


def _undecodable(text: str) -> float:
    # Nearly no page has one, and a search is some ten times as fast as a count.
    return text.count("\ufffd") / len(text) if "\ufffd" in text else 0.0


# --- Statistics -----------------------------------------------------------------------------------------------------
# The letters beyond a to z of languages, the frequent ones first, as their orthographies have them.
_ALPHABETS = (
    "éèàêçôâîùûëïœæÿüöñ", "äüößé", "áéíóöőüúű", "ąęółśżćńź", "áíéěýřčšžůúťďňó", "áíéčžšýúťľôäňďĺŕó", "čšžćđ",
    "ăîşșțţâéö", "ıişğüöçİâî", "åäöéüæøàèêóòôçñ", "íáðéóöþúýæ", "ãçáéíóõêâúàôüñªº", "áéíóñúü¿¡ªºçàèòï", "àèéìòùíîú",
    "äõöüšž", "āēīšņļķžģčū", "ąčęėįšųūž", "ĉĝĥĵŝŭ", "ġħżċàèìòù", "ŵŷâêîôûáïë", "ëéèïçêáíóöü", "çë", "áéíóú",
    "đàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ\u0300\u0301\u0303\u0309\u0323",
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "оаиніетврслкудмпзяьбгйчхцїюжєшщфґ", "аеитнорсвлдкпмзъугябчщжцюйхшфь",
    "аеоинтрсјвукдпмлзгбљчћцшжњђхфџѓќѕ",
    "аынеітрлідқосмғбзжүкшпгұөуңйәияхһвчцюфэёъьщ", "аоніелрсытквдмуяпбзгшчйьцжхюўэфё",
    "αοιετσνηυρπκμλωςγίόάέδθχφβήύξώζψϊϋΐΰ", "יוהלארתבמשנעדחקםפכטגצןזסךףץ\u05b8\u05b7\u05b4\u05b5\u05b0\u05bc",
    "اليمنترو بةعدسفهكقأحجشطصىخإذئغضءزثآظؤ،\u064e\u064b\u0650\u064f\u0651پچگژ",
    "านรอกเงมยลวดทสตะปบคหแจพชขใไโผถศซณฉธภฟฐญษ\u0e48\u0e49\u0e31\u0e34\u0e35\u0e37\u0e38\u0e39\u0e4c\u0e47\u0e33\u0e36",
)  # fmt: skip
_SINGLE_BYTE = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 iso8859-2 iso8859-3 iso8859-4 "
    "iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-15 iso8859-16 koi8-r koi8-u kz1048 "
    "ptcp154 cp866 cp855 cp852 cp850 cp857 cp775 cp737 cp869 cp862 mac-roman mac-latin2 mac-cyrillic mac-greek "
    "mac-turkish"
).split()
_MULTI_BYTE = ("cp932", "euc_jp", "gb18030", "big5hkscs", "cp949", "johab")
_EBCDIC = ("cp037", "cp424")
_HIGH = re.compile(rb"[\x80-\xff]")
_WORD_BEFORE = 60  # bytes of a word before its first one beyond ASCII
_END_OF_WORD = re.compile(rb"[^\s<>]*\Z")
_HIGH_WORD = re.compile(rb"[^\s<>]{0,%d}[\x80-\xff][^\s<>]{0,200}" % _WORD_BEFORE)
_SCORED_BYTES = 3_000
# Signs that stand in prose, and next to letters, in every language.
_COMMON_SIGNS = frozenset("«»“”„‘’‚–—…°§©®™·•€£№、。，：「」！？（）・ー\u00a0\u00ad")
# What each charge means is in _plausibility; the scale is a frequent letter's +3.
_FOREIGN_LETTER, _SIGN, _IMPOSSIBLE = -3, 2, -8
# Charsets that hardly a web page was ever in, of DOS, the Macintosh and lesser standards: they must read better by so
# much than those that pages are in, lest a single stray byte make a page theirs.
_SELDOM = frozenset(_SINGLE_BYTE[_SINGLE_BYTE.index("cp866") :]) | frozenset(
    ("johab", "big5hkscs", "iso8859-3", "iso8859-10", "iso8859-16")
)
_SELDOM_CHARGE = 1.6
# What uchardet says weighs like this much per byte: it knows pairs of letters in some forty languages, which matters
# between charsets that read alike; a charset that it doesn't know is found only where its answer reads badly.
_UCHARDET_BONUS = 1.5
# Both count in full for the first bytes, for half at so many, and for nothing in a long text, which speaks for itself.
_FADE = 10


def _statistics(html: bytes) -> str:
    """The charset in which the page's words beyond ASCII read best; uchardet's (in resiliparse) answer is favoured."""
    sample = html[:_SAMPLE_BYTES]
    if _is_ebcdic(sample):
        return max(_EBCDIC, key=lambda charset: _plausibility(sample[:_SCORED_BYTES], charset))
    detected = (detect_encoding(sample, html5_compatible=False) or "").lower()
    answer = _codec(detected) or _python_codec(detected)
    # Its answers for two-byte charsets are strict about which sequences exist, hence nearly always right.
    if answer in _MULTI_BYTE and _decode(sample, answer)[2] <= 0.01:
        return answer
    words = _sample_of_words(sample)
    if not words:
        return answer or "utf-8"
    candidates = [answer] if answer else []
    candidates += [charset for charset in (*_SINGLE_BYTE, *_MULTI_BYTE) if charset != answer]
    if _looks_like_utf16(html):
        candidates += ["utf-16-le", "utf-16-be"]
        words = sample[: _SCORED_BYTES - _SCORED_BYTES % 4]
    evidence = sum(byte >= 0x80 for byte in words)

    def weight(charset: str) -> float:
        prior = _UCHARDET_BONUS * (charset == answer) - _SELDOM_CHARGE * (charset in _SELDOM)
        return _plausibility(words, charset) + prior * _FADE / (evidence + _FADE)

    return max(candidates, key=weight)


def _is_ebcdic(sample: bytes) -> bool:
    """In EBCDIC the space is 0x40 and letters lie above 0x80: hardly a byte is what ASCII text is made of."""
    return sample.count(b"@") * 14 > len(sample) > 20 * sample.count(b" ")


def _python_codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name if name in _SINGLE_BYTE or name in _MULTI_BYTE else None
    except LookupError:
        return None


def _sample_of_words(sample: bytes) -> bytes:
    """Words with bytes beyond ASCII, at most ``_SCORED_BYTES`` of them, taken from the whole sample."""
    words: list[bytes] = []
    size = position = 0
    # Such bytes first: a search for whole words would try to read one from each byte of ASCII.
    while size < _SCORED_BYTES and (high := _HIGH.search(sample, position)):
        before = _END_OF_WORD.search(sample, max(position, high.start() - _WORD_BEFORE), high.start())
        match = _HIGH_WORD.match(sample, before.start() if before else high.start())
        if match is None:  # cannot be: a word begins at ``high`` at the latest
            break
        words.append(match[0])
        size += len(match[0])
        position = match.end()
    return b" ".join(words)


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """One letter for what a character is: a, A: ASCII letter; l, U: other Latin letter; k, K: letter of another script
    with two cases; c: letter without case; m: mark; j: of East Asia; q: sign of prose; s: other sign; x:
    nothing that a page holds; ".": ASCII that is no letter."""
    if character < "\x80":
        return "a" if character.islower() else "A" if character.isalpha() else "."
    category = unicodedata.category(character)
    if character in _COMMON_SIGNS:
        return "q"
    if category[0] == "C" or character == "\ufffd":
        return "x"
    if "\u3040" <= character <= "\u30ff" or "\u4e00" <= character <= "\ud7a3":
        return "j"
    if category[0] == "L":
        latin = character < "\u0250" or "\u1e00" <= character < "\u1f00"
        if category == "Ll":
            return "l" if latin else "k"
        return ("U" if latin else "K") if category == "Lu" else "c"
    return "m" if category[0] == "M" else "s"


_CHARGES = (
    (re.compile("[lka](?=[UK])|(?<=[UK])[UK](?=[lk])"), 2),  # upper case within a word, save for capitals throughout
    (re.compile("[aA](?=[kKc])|[kKc](?=[aA])|[lU](?=[kKc])|[kKc](?=[lU])"), 3),  # two scripts in one word
    (re.compile("s(?=[aAlUkKc])|[aAlUkKc](?=s)"), 6),  # a sign that doesn't touch words
    (re.compile("s"), 2),
    (re.compile("[aA](?=j)|j(?=[aA])"), 1),
    (re.compile("x"), -_IMPOSSIBLE),
)  # fmt: skip


@cache
def _weights() -> dict[str, list[tuple[int, int]]]:
    """For each letter the alphabets that have it, by number, and how much more it weighs there than a foreign letter:
    3 for the most frequent third of an alphabet, then 2, then 1, less ``_FOREIGN_LETTER``."""
    weights: dict[str, list[tuple[int, int]]] = {}
    for number, alphabet in enumerate(_ALPHABETS):
        for letter in dict.fromkeys(alphabet):
            weight = 3 - 3 * alphabet.index(letter) // len(alphabet)
            weights.setdefault(letter, []).append((number, weight - _FOREIGN_LETTER))
    return weights


def _plausibility(sample: bytes, charset: str) -> float:
    """How well ``sample`` reads in a charset, per byte beyond ASCII: letters by how frequent they are in the language
    whose alphabet covers them best, less charges for what words don't have."""
    text = sample.decode(charset, "replace")
    kinds = "".join(map(_kind, text))
    charges = sum(charge * len(pattern.findall(kinds)) for pattern, charge in _CHARGES)
    # As if all letters were foreign, and what more they weigh in each alphabet.
    foreign = east_asian = 0
    by_alphabet = [0] * len(_ALPHABETS)
    for character, count in Counter(text).items():
        kind = _kind(character)
        if kind in "lUkKcm":
            foreign += count * _FOREIGN_LETTER
            for number, weight in _weights().get(_lower(character), ()):
                by_alphabet[number] += count * weight
        elif kind == "j":
            east_asian += count * _east_asian(character)
    signs = _SIGN * kinds.count("q")
    # In two-byte charsets a character's second byte may be an ASCII letter's: it counts as well.
    beyond_ascii = len(sample) - kinds.count("a") - kinds.count("A") - kinds.count(".")
    return (foreign + max(by_alphabet) + east_asian + signs - charges) / max(1, beyond_ascii)


def _lower(letter: str) -> str:
    lower = letter.lower()
    return lower if len(lower) == 1 else letter  # the Turkish capital dotted I becomes two characters


@lru_cache(maxsize=4096)
def _east_asian(character: str) -> int:
    """A weight for one character of a two-byte charset, by whether national standards count it among the common ones:
    KS X 1001's 2,350 syllables, level 1 of GB 2312 and of Big5."""
    if "\u3040" <= character <= "\u30ff":
        return 5
    if character >= "\uac00":
        return 6 if len(character.encode("euc_kr", "replace")) == 2 else -6
    simplified, traditional = character.encode("gb2312", "replace"), character.encode("big5", "replace")
    common = b"\xb0" <= simplified[:1] < b"\xd8" or b"\xa4" <= traditional[:1] < b"\xc9"
    return 5 if common else -5
