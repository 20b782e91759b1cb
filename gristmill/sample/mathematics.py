"""Pages with formulas, each in one of the ways in which formulas stand on the web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice
from gristmill.sample.grammar import Voice, bank
from gristmill.sample.mathml import to_mathml
from gristmill.sample.site import Site

SUBJECTS = ("triangles", "series", "derivatives", "integrals", "primes", "probability", "matrices", "complex")
PER_SUBJECT = 2
_SITE = Site("chalk-and-proof.example", menu=("Lectures", "Exercises", "Index", "Errata"))


def _script(tex: str) -> str:
    return f'<span class="MathJax_Preview"></span><script type="math/tex">{tex}</script>'


def _katex(tex: str) -> str:
    shown = escape(re.sub(r"[\\{}]", "", tex), quote=False)
    return (
        f'<span class="katex"><span class="katex-mathml">{to_mathml(tex)}</span>'
        f'<span class="katex-html" aria-hidden="true"><span class="base">{shown}</span></span></span>'
    )


def _image(tex: str) -> str:
    return f'<img class="tex" src="/formula/{len(tex)}.png" alt="{escape(tex)}">'


def _delimited(tex: str) -> str:
    return escape(rf"\({tex}\)", quote=False)


STYLES: dict[str, Callable[[str], str]] = {
    "mathml": to_mathml, "tex-script": _script, "katex": _katex, "image-alt": _image, "tex-delimiters": _delimited,
}  # fmt: skip


def plant(seed: int) -> Iterator[Capture]:
    """Every subject in some of the styles."""
    for number, subject in enumerate(SUBJECTS * PER_SUBJECT):
        dice = Dice(seed, "mathematics", subject, number)
        style = list(STYLES)[number % len(STYLES)]
        title = f"Notes on {subject}" if subject != "complex" else "Notes on complex numbers"
        head = '<script src="/MathJax.js"></script>' if style.startswith("tex") else ""
        page = _SITE.page(title, _blocks(dice, subject, STYLES[style]), head=head)
        yield Capture(f"https://{_SITE.host}/{subject}/{number}", dice.below(DAYS), f"math-{style}", page.encode(),
                      note="text around formulas")  # fmt: skip


def _blocks(dice: Dice, subject: str, render: Callable[[str], str]) -> list[str]:
    speaker = Voice(dice, bank("generic/mathematics"))
    blocks = []
    for number in range(5):
        sentences = [_statement(speaker, subject, render), *(speaker.sentence("remark") for _ in range(2))]
        if number == 0:
            sentences.append(_statement(speaker, subject, render))
        blocks.append(f"<p>{' '.join(sentences)}</p>")
    return blocks


def _statement(speaker: Voice, subject: str, render: Callable[[str], str]) -> str:
    """A sentence of the subject with its ``$…$`` rendered; only the prose between may hold choices."""
    parts = speaker.draw(subject).split("$")
    parts[::2] = [escape(speaker.phrase(words), quote=False) for words in parts[::2]]
    parts[1::2] = [render(formula) for formula in parts[1::2]]
    return "".join(parts)
