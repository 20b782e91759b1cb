"""A page without content has no best set of blocks: the forms, notices and labels that are left are not kept."""

from __future__ import annotations

import re

import numpy as np

from parsers.scanner.page import CONTROLS, START, STOP, WORD, WORDS, Page
from text.jit.options import kernel

# Fewer words than these, of which less than this share is expected to be content. The best expected F1 has no floor: of
# blocks that are all unlikely it takes the likeliest. Of the development pack's pages with content one has such a set.
_FEW_WORDS, _LIKELY = 100 * WORD, 0.3
_BESIDE_DIALOG = 0.2  # the same where a dialog was left out: a short text looks less likely beside it

_BESIDE_FORM, _SURE = 40 * WORD, 0.6


def drop_unlikely(
    page: Page, probabilities: np.ndarray, keep: np.ndarray, *, beside_dialog: bool = False, beside_form: bool = False
) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``), or nothing where that is a few words of which the classifier holds most to be
    none of the page's content (``probabilities``: ``float32[m]``). A page of which all is kept says nothing else. ``beside_dialog``: whether a dialog
    was left out of ``keep`` (:mod:`parsers.selection.dialogs`); ``beside_form``: whether the page asks for a password, so
    that a few words which are hardly likelier than not are those beside its form."""
    kept, total = _words(page.blocks, keep)
    few = kept < min(_FEW_WORDS, total)
    if not few and not (beside_form and kept < _BESIDE_FORM):  # as of most pages
        return keep
    likely = _BESIDE_DIALOG if beside_dialog else _LIKELY
    expected = page.blocks[keep, WORDS] @ probabilities[keep]
    if beside_form and kept < _BESIDE_FORM and expected < _SURE * kept:
        return np.zeros_like(keep)
    return np.zeros_like(keep) if few and expected < likely * kept else keep


def says_little(page: Page, keep: np.ndarray) -> bool:
    """Whether so few words are kept (``bool[m]``) that a form beside them matters to :func:`drop_unlikely`."""
    return _words(page.blocks, keep)[0] < _BESIDE_FORM


@kernel
def _words(blocks, keep):
    """Words of the blocks that are kept, and of all."""
    kept = total = 0
    for b in range(len(blocks)):
        total += blocks[b, WORDS]
        if keep[b]:
            kept += blocks[b, WORDS]
    return kept, total


# What stands before a page instead of it: a check that the reader is none of us, a demand for consent.
_CHECKS = re.compile(
    r"verify (?:that )?you are (?:a )?human|checking your browser|checking if the site connection is secure|\bray id\b|"
    r"security of your connection|(?:complete|solve) the captcha|are you a (?:robot|human)|not a (?:robot|bot)\b|"
    r"enable javascript and cookies|unusual traffic|ddos protection",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"cookie|gdpr|rgpd|dsgvo", re.IGNORECASE)
# Words of a sentence; so many of those of sentences speak of cookies, and half of all do.
_SENTENCE, _SPEAKING = 8 * WORD, 0.8


def drop_gates(page: Page, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``), or nothing where that is a few words of a check of the reader, or of a demand for
    consent beside a button."""
    blocks = page.blocks
    if _words(blocks, kept)[0] >= _FEW_WORDS:
        return kept
    rows = np.flatnonzero(kept)
    words = blocks[rows, WORDS]
    if not len(rows):
        return kept
    texts = [
        page.text[start:stop].tobytes().decode("utf-8", "replace")
        for start, stop in blocks[rows, START : STOP + 1].tolist()
    ]
    if len({match.lower() for text in texts for match in _CHECKS.findall(text)}) > 1:
        return np.zeros_like(kept)
    speaks = np.array([_CONSENT.search(text) is not None for text in texts])
    sentences = words >= _SENTENCE
    asks = words[sentences & speaks].sum() >= _SPEAKING * words[sentences].sum() > 0
    asks = asks and 2 * words[speaks].sum() >= words.sum()
    return np.zeros_like(kept) if asks and (blocks[:, CONTROLS] > 0).any() else kept
