"""Which script a text is written in, and which languages are written in it: a check on models that only know words.

lid.176 names what it has never seen by the nearest it knows: Mongolian script is Chinese to it, Cherokee is Divehi.
Scripts are named by ISO 15924 and found by Unicode's blocks; which languages use one is what CLDR's supplemental data and
the Unicode Standard's descriptions of blocks say. Latin script is used for too many to check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from text.characters import code_points

_ARABIC = "ar arz ary ars apc ajp acm acq aeb fa prs ps ur ug sd ckb azb pnb mzn lrc glk bal ks ku kk ky uz az ms ha bqi skr khw bgn".split()
_CYRILLIC = (
    "ru uk be bg mk sr mn kk ky tg tt ba cv ce os av kv koi udm mhr mrj myv mdf sah tyv bxr xal krc kbd ady ab az uz tk "
    "rue cu crh hbs sh bs inh lez kum nog alt kjh kaa ro dar lbe ava tkr gag mns kca evn"
).split()
_DEVANAGARI = "hi mr ne sa mai bh bho gom kok new dty mag awh awa hne doi brx sat ks sd npi raj bgc kfy".split()

# Script: its blocks, then the languages that are written in it, the one that most of its texts are in first.
_Blocks = tuple[tuple[int, int], ...]
_SCRIPTS: Mapping[str, tuple[_Blocks, Sequence[str]]] = {
    "Latn": (((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x1E00, 0x1EFF)), []),
    "Grek": (((0x370, 0x3FF), (0x1F00, 0x1FFF)), ["el", "grc", "pnt"]),
    "Cyrl": (((0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)), _CYRILLIC),
    "Armn": (((0x530, 0x58F),), ["hy", "hyw"]),
    "Hebr": (((0x590, 0x5FF),), ["he", "yi", "lad"]),
    "Arab": (((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE)), _ARABIC),
    "Syrc": (((0x700, 0x74F),), ["syr", "aii", "arc"]),
    "Thaa": (((0x780, 0x7BF),), ["dv"]),
    "Nkoo": (((0x7C0, 0x7FF),), ["nqo"]),
    "Deva": (((0x900, 0x97F), (0xA8E0, 0xA8FF)), _DEVANAGARI),
    "Beng": (((0x980, 0x9FF),), ["bn", "as", "bpy", "mni"]),
    "Guru": (((0xA00, 0xA7F),), ["pa"]),
    "Gujr": (((0xA80, 0xAFF),), ["gu"]),
    "Orya": (((0xB00, 0xB7F),), ["or"]),
    "Taml": (((0xB80, 0xBFF),), ["ta"]),
    "Telu": (((0xC00, 0xC7F),), ["te"]),
    "Knda": (((0xC80, 0xCFF),), ["kn", "tcy"]),
    "Mlym": (((0xD00, 0xD7F),), ["ml"]),
    "Sinh": (((0xD80, 0xDFF),), ["si"]),
    "Thai": (((0xE00, 0xE7F),), ["th"]),
    "Laoo": (((0xE80, 0xEFF),), ["lo"]),
    "Tibt": (((0xF00, 0xFFF),), ["bo", "dz"]),
    "Mymr": (((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)), ["my", "shn", "mnw", "ksw"]),
    "Geor": (((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)), ["ka", "xmf"]),
    "Ethi": (((0x1200, 0x139F), (0x2D80, 0x2DDF)), ["am", "ti", "gez", "tig"]),
    "Cher": (((0x13A0, 0x13FF), (0xAB70, 0xABBF)), ["chr"]),
    "Cans": (((0x1400, 0x167F), (0x18B0, 0x18FF)), ["iu", "cr", "oj"]),
    "Khmr": (((0x1780, 0x17FF),), ["km"]),
    "Mong": (((0x1800, 0x18AF),), ["mn", "mnc"]),
    "Limb": (((0x1900, 0x194F),), ["lif"]),
    "Talu": (((0x1980, 0x19DF),), ["khb"]),
    "Bugi": (((0x1A00, 0x1A1F),), ["bug"]),
    "Bali": (((0x1B00, 0x1B7F),), ["ban"]),
    "Sund": (((0x1B80, 0x1BBF),), ["su"]),
    "Lepc": (((0x1C00, 0x1C4F),), ["lep"]),
    "Olck": (((0x1C50, 0x1C7F),), ["sat"]),
    "Tfng": (((0x2D30, 0x2D7F),), ["zgh", "ber", "kab", "tzm", "taq"]),
    "Kana": (((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)), ["ja"]),
    "Hani": (((0x2E80, 0x2FDF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)),
            ["zh", "yue", "wuu", "lzh", "hak", "gan", "ja", "ko"]),
    "Yiii": (((0xA000, 0xA4CF),), ["ii"]),
    "Lisu": (((0xA4D0, 0xA4FF),), ["lis"]),
    "Vaii": (((0xA500, 0xA63F),), ["vai"]),
    "Java": (((0xA980, 0xA9DF),), ["jv"]),
    "Mtei": (((0xAAE0, 0xAAFF), (0xABC0, 0xABFF)), ["mni"]),
    "Hang": (((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)), ["ko"]),
    "Goth": (((0x10330, 0x1034F),), ["got"]),
    "Adlm": (((0x1E900, 0x1E95F),), ["ff"]),
}  # fmt: skip
_ALIASES = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Kana", "Hrkt": "Kana", "Hira": "Kana", "Kore": "Hang"}
_ALSO = {"Hani": "Kana", "Kana": "Hani"}  # a Japanese headline may have no kana, a Chinese one Japanese names
_NAMES = list(_SCRIPTS)
_BY_CHARACTER = np.zeros(0x110000, np.uint8)  # 1 + the index of its script, 0: of none, as digits and marks
for _number, (_blocks, _) in enumerate(_SCRIPTS.values(), 1):
    for _first, _last in _blocks:
        _BY_CHARACTER[_first : _last + 1] = _number
# Han and kana are one here: Japanese is written in both. Of Han and syllables a passage needs fewer than of letters.
_GROUP = np.arange(len(_NAMES) + 1, dtype=np.uint8)
_KANA, _HAN = _NAMES.index("Kana"), _NAMES.index("Hani")
_GROUP[1 + _KANA] = 1 + _HAN
_GROUP_BY_CHARACTER = _GROUP[_BY_CHARACTER]
_WEIGHTY = np.isin(_GROUP, [1 + _NAMES.index(name) for name in ("Hani", "Hang", "Yiii")])
_PASSAGE = 24
# Outside of these blocks are all letters but the Latin ones.
_OTHER_SCRIPT = re.compile(r"[^\x00-\u036f\u1e00-\u1eff\u2000-\u2bff]")


def may_hold_other_scripts(text: str) -> bool:
    """False only where all letters of ``text`` are Latin: most texts of the web, beside quotation marks and the like."""
    return not text.isascii() and _OTHER_SCRIPT.search(text) is not None


def script_of(text: str) -> tuple[str, float]:
    """The script that most of the letters of ``text`` are in, and their share of all letters; ``("", 0.0)`` where there
    is none. Han beside a fifth of kana or more count as kana: Japanese is written in both."""
    if text.isascii():
        return ("Latn", 1.0) if any(map(str.isalpha, text)) else ("", 0.0)
    # A list: most texts are a sentence, and there are more steps for NumPy in what follows than scripts.
    counts = np.bincount(_BY_CHARACTER.take(code_points(text)), minlength=len(_NAMES) + 1).tolist()[1:]
    if not (total := sum(counts)):
        return "", 0.0
    if counts[_KANA] * 4 >= counts[_HAN]:
        counts[_KANA] += counts[_HAN]
        counts[_HAN] = 0
    most = max(counts)
    return _NAMES[counts.index(most)], most / total


def broken_at_scripts(text: str) -> str:
    """``text`` with a line feed before each passage in another script; the text itself where a tenth or less is in others.

    A passage has at least :data:`_PASSAGE` letters (a third of it in scripts without an alphabet, where one says more): names and
    terms within a text in another script are no passages. Scripts count that have a twentieth of all letters.
    """
    if not may_hold_other_scripts(text):
        return text
    scripts = _GROUP_BY_CHARACTER.take(code_points(text))
    counts = np.bincount(scripts, minlength=len(_NAMES) + 1)
    counts[0] = 0
    if int((counts * 20 > counts.sum()).sum()) < 2:
        return text
    places = np.flatnonzero(scripts)
    of = scripts[places]
    for least in (2, _PASSAGE):  # a letter alone first: it would cut a passage in two
        starts = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1])))
        letters = np.diff(np.append(starts, of.size)) * np.where(_WEIGHTY[of[starts]], 3, 1)
        kept = np.flatnonzero(letters >= least)
        if kept.size < 2:
            return text
        # What is no passage belongs to the one before it, at the beginning to the first.
        of = np.repeat(of[starts[kept]], np.diff(np.concatenate(([0], starts[kept[1:]], [of.size]))))
    letters = np.bincount(of, np.where(_WEIGHTY[of], 3, 1))
    if (letters.sum() - letters.max()) * 10 < letters.sum():
        return text
    cuts = places[np.flatnonzero(of[1:] != of[:-1]) + 1].tolist()
    return "\n".join(text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True))


def written_in(script: str) -> list[str]:
    """The languages that are written in ``script``, its main one first; empty where any may be (Latin, ``""``)."""
    return list(_SCRIPTS[script][1]) if script else []


def is_in_latin_alone(language: str) -> bool:
    """Whether no script but Latin is known for ``language``."""
    return not any(language in languages for _, languages in _SCRIPTS.values())


def label_fits(label: str, language: str, script: str) -> bool:
    """Whether a model's ``label`` for ``language`` can be right for a text in ``script``: its own script says so where it
    has one (``mon_Cyrl``), else the language's."""
    _, has_script, written = label.partition("_")
    if has_script:
        return _ALIASES.get(written, written) in (script, _ALSO.get(script))
    return not written_in(script) or language in written_in(script)
