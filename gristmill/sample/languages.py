"""Pages in eleven languages other than English, in the charsets that such pages really come in."""

from __future__ import annotations

from collections.abc import Iterator

from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice
from gristmill.sample.grammar import Voice, bank
from gristmill.sample.site import Site, h2, p

HOSTS = {
    "de": "nebelwiese.example", "fr": "bord-du-canal.example", "es": "cuaderno-del-huerto.example",
    "pt": "relogio-lento.example", "pl": "stary-mlyn.example", "ru": "tikhaya-reka.example",
    "el": "palios-mylos.example", "ja": "suisha-no-niwa.example", "zh": "he-bian.example",
    "ar": "khubz-al-fajr.example", "hi": "purani-chakki.example",
}  # fmt: skip

# Codec of the bytes, and where the page says so: header, meta, both, bom, or nowhere (utf-8 alone can go unsaid).
CHARSETS = {
    "de": [("utf-8", "both"), ("iso-8859-1", "header"), ("windows-1252", "meta"), ("utf-16", "bom"),
           ("utf-8", "meta")],
    "fr": [("utf-8-sig", "bom"), ("windows-1252", "both"), ("iso-8859-15", "header"), ("utf-8", "header"),
           ("iso-8859-1", "meta")],
    "es": [("iso-8859-1", "meta"), ("utf-8", "nowhere"), ("windows-1252", "header"), ("utf-8", "both"),
           ("utf-8", "meta")],
    "pt": [("iso-8859-1", "header"), ("utf-8", "meta"), ("windows-1252", "both"), ("utf-8", "header")],
    "pl": [("iso-8859-2", "header"), ("windows-1250", "meta"), ("utf-8", "both"), ("iso-8859-2", "meta"),
           ("utf-8", "header")],
    "ru": [("windows-1251", "header"), ("koi8-r", "header"), ("koi8-r", "meta"), ("windows-1251", "meta"),
           ("utf-8", "both"), ("utf-8", "nowhere")],
    "el": [("iso-8859-7", "header"), ("iso-8859-7", "meta"), ("windows-1253", "both"), ("utf-8", "both")],
    "ja": [("shift_jis", "header"), ("shift_jis", "meta"), ("euc-jp", "header"), ("euc-jp", "meta"), ("utf-8", "both"),
           ("utf-8", "nowhere")],
    "zh": [("gb18030", "header"), ("gb18030", "meta"), ("gbk", "both"), ("utf-8", "both"), ("utf-8", "meta")],
    "ar": [("utf-8", "both"), ("windows-1256", "header"), ("windows-1256", "meta"), ("utf-8", "meta")],
    "hi": [("utf-8", "both"), ("utf-8", "meta"), ("utf-8", "header"), ("utf-8-sig", "bom")],
}  # fmt: skip
_SENTENCES = 11  # of 25 or so: two pages of one language share few of them
_UNSPACED = ("ja", "zh")


def plant(seed: int) -> Iterator[Capture]:
    """One site a language, one page a charset and way of declaring it."""
    for language, host in HOSTS.items():
        words = bank(f"languages/{language}")
        site = Site(host, language, words["menu"])
        for number, (codec, declared) in enumerate(CHARSETS[language]):
            dice = Dice(seed, "language", language, number)
            speaker = Voice(dice, words)
            title = speaker.phrase(words["title"][number % len(words["title"])])
            page = site.page(title, _blocks(speaker, language), charset=_meta_charset(codec, declared),
                             rtl=language == "ar")  # fmt: skip
            header = f"; charset={codec}" if declared in ("header", "both") else ""
            yield Capture(f"https://{host}/{number + 1}.html", dice.below(DAYS), f"language-{language}",
                          page.encode(codec), content_type=f"text/html{header}",
                          note=f"{codec}, declared: {declared}")  # fmt: skip


def _blocks(speaker: Voice, language: str) -> list[str]:
    gap = "" if language in _UNSPACED else " "
    sentences = [speaker.sentence("sentence") for _ in range(_SENTENCES)]
    blocks = [p(gap.join(sentences[start : start + 3])) for start in range(0, len(sentences), 3)]
    blocks.insert(2, h2(speaker.phrase(speaker.draw("title"))))
    return blocks


def _meta_charset(codec: str, declared: str) -> str:
    return codec.removesuffix("-sig") if declared in ("meta", "both") else ""
