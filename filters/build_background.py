"""Makes the tables of :mod:`filters.background` anew, from the word lists of the package wordfreq (3.1.1).

    pip install "wordfreq[jieba]"
    python -m filters.build_background filters/data/background.npz

The lists say how often a word occurs in books, encyclopaedias, subtitles, news and on the web together. What is done
with them, so that they speak of words as :mod:`text.segment` cuts them:

* An entry is segmented, and its frequency goes to each of its words: Chinese and Japanese words become characters.
* wordfreq writes numbers of two digits and more as so many zeros. Their frequency is spread evenly over all numbers of
  that shape, up to four digits.
* wordfreq writes all Chinese in simplified characters. Half of a character's frequency goes to its traditional forms.
* Pages of every language hold English words: so many of a hundred are taken from the English list.

Korean is left out: wordfreq counts its morphemes, and we its words.
"""

from __future__ import annotations

import argparse
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from filters.background import WORDS
from filters.token_counts import BUCKETS, buckets
from text.hashing import hash64s
from text.segment import words

LANGUAGES = {  # our label: wordfreq's
    code: code
    for code in (
        "ar bg bn ca cs da de el en es fa fi fr he hi hu id is it ja lt lv mk ms nl pl pt ro ru sk sl sv ta tr uk ur vi zh"
    ).split()
} | {"no": "nb", "hr": "sh", "tl": "fil"}
ENGLISH_SHARE = 0.03
_MAX_DIGITS = 4
_SMASHED = re.compile(r"\d\D*\d")


def count(entries: Iterable[tuple[str, float]], forms: Mapping[str, Sequence[str]] | None = None) -> np.ndarray:
    """Frequencies by bucket, ``float64`` of shape ``(65536,)`` that add up to 1, of wordfreq's ``entries`` with their
    frequencies; ``forms`` are the traditional forms of simplified characters."""
    plain: defaultdict[str, float] = defaultdict(float)
    shapes: defaultdict[str, float] = defaultdict(float)
    for entry, frequency in entries:
        smashed = _SMASHED.search(entry) is not None
        for word in words(entry.casefold()):
            (shapes if smashed and "0" in word else plain)[word] += frequency
    for shape, frequency in shapes.items():
        zeros = shape.count("0")
        # A shape that is too rare for its numbers to reach a hundredth of a count is left out.
        if zeros <= _MAX_DIGITS and frequency * WORDS * 100 >= 10**zeros:
            template = shape.replace("0", "{}")
            for number in range(10**zeros):
                plain[template.format(*f"{number:0{zeros}}")] += frequency / 10**zeros
    for simple in plain.keys() & (forms or {}).keys():
        half, others = plain[simple] / 2, (forms or {})[simple]
        plain[simple] = half
        for form in others:
            plain[form] += half / len(others)
    counts = np.bincount(buckets(hash64s(list(plain))), weights=list(plain.values()), minlength=BUCKETS)
    return counts / counts.sum()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    try:
        import wordfreq  # pyright: ignore[reportMissingImports]  # for who makes the file anew
        from wordfreq.chinese import SIMPLIFIED_MAP  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise SystemExit(
            f"The package wordfreq is missing ({error}); pip install 'wordfreq[jieba]' brings it."
        ) from None
    traditional: dict[str, list[str]] = {}
    for form, simple in sorted(SIMPLIFIED_MAP.items()):
        traditional.setdefault(simple, []).append(chr(form))

    def frequencies(code: str) -> np.ndarray:
        listed = wordfreq.get_frequency_list(code)
        entries = [(word, 10 ** (-level / 100)) for level, group in enumerate(listed) for word in group]
        return count(entries, traditional if code == "zh" else None)

    english = frequencies("en")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as tables:
        for language, code in sorted(LANGUAGES.items()):
            share = 0.0 if language == "en" else ENGLISH_SHARE
            mixed = (1 - share) * frequencies(code) + share * english
            array = io.BytesIO()
            np.save(array, np.rint(mixed * WORDS).astype("<u4"))
            # Of one date, so that the same lists give the same bytes.
            tables.writestr(zipfile.ZipInfo(f"{language}.npy"), array.getvalue(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
