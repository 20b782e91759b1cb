"""The class of a document for the mix of training data: code, mathematics, another language, or general knowledge.

Llama 3 mixes by classes (arXiv 2407.21783, section 3.1.2: about 50 % general knowledge, 25 % mathematics and
reasoning, 17 % code, 8 % multilingual) found by models that are not public. This is a plain reading of the text: its
code and math spans, and TeX commands where a parser left formulas in the running text.
"""

from __future__ import annotations

import re

from text.document import Document

GENERAL, MATH, CODE, MULTILINGUAL = "general", "math", "code", "multilingual"
CLASSES = (GENERAL, MATH, CODE, MULTILINGUAL)

# Commands that prose, code and Windows paths don't hold by chance.
_TEX = re.compile(
    r"\\(?:frac|sum|int|sqrt|alpha|beta|gamma|delta|epsilon|lambda|theta|sigma|omega|infty|partial|nabla|mathbb|mathbf"
    r"|mathcal|mathrm|left|right|begin\{(?:align|equation|matrix|pmatrix|cases)|leq|geq|neq|approx|cdot|times|to|in"
    r"|forall|exists|lim|log|sin|cos|operatorname|displaystyle)(?![a-z])"
)


def content_class(document: Document, code_share: float = 0.2, tex_per_1000_chars: float = 2.0) -> str:
    """One of :data:`CLASSES`.

    Code where code spans hold ``code_share`` of the characters; mathematics where math spans and TeX commands come to
    ``tex_per_1000_chars`` (both ours); else by language, English being the general one.
    """
    length = max(1, len(document.text))
    code = sum(span.end - span.start for span in document.spans if span.kind == "code")
    if code >= code_share * length:
        return CODE
    formulas = sum(span.kind == "math" for span in document.spans) + len(_TEX.findall(document.text))
    if formulas * 1000 >= tex_per_1000_chars * length and formulas >= 3:
        return MATH
    return GENERAL if document.language == "en" else MULTILINGUAL
