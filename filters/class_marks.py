"""What in a text speaks for code, and what for mathematics: spans, and marks that stand in running prose.

Each mark is a density, so that long and short pages compare. Which words and signs count is ours: those that programmers
and mathematicians write and other people hardly do, in the languages in which most such pages are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from string import ascii_lowercase

import numpy as np

from filters.word_table import WordTable
from text.document import Document, without_spans
from text.hashing import hash64s
from text.view import TextView

# Names as programs have them, calls, operators, options, markup: what prose, file names and web addresses don't hold. Each
# pattern comes with characters of which a text must hold one; most texts hold few of them, and searching costs more.
_CODE_TOKENS = tuple(
    (needs, re.compile(pattern))
    for needs, pattern in (
        (("(",), r"\((?<=[A-Za-z0-9_]\()(?!(?:e?s|e?n|e|in|innen)\))[^\s()]*\)"),  # call(it), and not "the mill(s)"
        (("::", "->"), r"\w(?:::|->)\w"),  # std::vector, p->next
        (("_",), r"(?<![\w/.-])[a-z]+\d*_[a-z0-9_]*[a-z0-9](?![\w.@/]*[/@])"),  # snake_case
        (("--",), r"(?<![\w-])--[a-z][a-z-]"),  # --option
        (("=", "&&", "||"), r"(?<![=!<>])(?:[=!]==?(?=\s)|[<>]=(?=\s)|[+*-]=|=>)|&&|\|\|"),
        (("<",), r"</?[a-z][\w-]*>"),  # <tag>
        (("#include",), r"#include"),
    )
)
# camelCase, and not iPhone: a hump, found by its capital, in a word that begins with two small letters or more.
_HUMP = re.compile(r"[A-Z](?<=[a-z]{2}[A-Z])[a-z]")
_SMALL = frozenset(ascii_lowercase)
_PROMPT = re.compile(
    r"\s*(?:\$ [a-z.]|>>> |In \[\d+\]:|PS [A-Z]:|[\w.-]+@[\w.-]+:\S*[$#] |[A-Z]:\\>|mysql> |irb\(main)"
)
# Every prompt holds one of these: lines with one are looked at.
# Of those with a blank, which no search passes quickly, a rarer sign is looked for first.
_PROMPTS_NEED = (
    ("$", "$ "), ("#", "# "), (">>>", ">>> "), ("[", "In ["), ("PS", "PS "), ("\\", ":\\>"), ("mysql", "mysql> "), ("irb(", "irb(main"),
)  # fmt: skip
_CODE_WORDS = frozenset(
    "api apis argument arguments array arrays async boolean bool bug callback class classes cli code codes command commands "
    "compile compiled compiler constructor css debug deprecated dict docker endpoint enum exception exceptions function functions "
    "getter git github html http implementation import inheritance instance instances int integer interface interfaces iterator "
    "java javascript json keyword lambda library linux loop method methods module modules namespace npm null object objects "
    "overload overrides package packages parameter parameters parse parser php pip pointer programming property python query "
    "repository return returns runtime rust schema script sdk server snippet sql stderr stdin stdout string strings struct subclass "
    "syntax template thread throws tuple type typescript undefined url variable variables void xml yaml "
    "fonction méthode paramètre chaîne tableau funktion methode klasse variable parameter rückgabewert función método clase cadena "
    "função classe функция функции метод класс параметр переменная строка массив関数 函数 方法 参数 变量".split()
)

# Commands that prose, code and Windows paths don't hold by chance.
_TEX = re.compile(
    r"\\(?:frac|sum|int|sqrt|alpha|beta|gamma|delta|epsilon|lambda|theta|sigma|omega|infty|partial|nabla|mathbb|mathbf"
    r"|mathcal|mathrm|left|right|begin\{(?:align|equation|matrix|pmatrix|cases)|leq|geq|neq|approx|cdot|times|to|in"
    r"|forall|exists|lim|log|sin|cos|operatorname|displaystyle)(?![a-z])"
)
# x = 2y, 48 / 2 = 24: between the words of people who calculate; "?a=1" and "a == b" are none.
_EQUATION = re.compile(r"(?<![\w=<>!?&.;#-])(?:[a-zA-Z]|\d[\d.,]*%?)\s?=\s?[$€£(−-]*(?:\d|[a-zA-Z](?!\w))")
_NUMERIC = frozenset(".,%")  # beside digits, of the number before an equals sign
# Mathematical signs: the code points of the first of each stretch, and behind its last.
_SIGNS = np.array(
    [0x2102, 0x2103, 0x210D, 0x210E, 0x2115, 0x2116, 0x2119, 0x211E, 0x2124, 0x2125, 0x2200, 0x2300, 0x2A00, 0x2B00,
     0x1D400, 0x1D800]
)  # fmt: skip
# By code point; the last place speaks for all behind it.
_IS_SIGN = np.searchsorted(_SIGNS, np.arange(_SIGNS[-1] + 1), "right") & 1 != 0
_MATH_WORDS = frozenset(
    "algebra algebraic asymptotic axiom bijection calculus conjecture continuous convex corollary cosine denominator derivative "
    "determinant diagonal differentiable differential divisible divisor eigenvalue eigenvalues eigenvector equation equations "
    "exponent finite fraction geometry group hence homomorphism hypothesis inequality infinite infinity integer integers integral "
    "integrals isomorphic kernel lemma linear logarithm manifold mathematical mathematics matrices matrix maximal modulo monotone "
    "morphism multiply nonzero norm orthogonal permutation polynomial polynomials prime primes probability proof proofs proposition "
    "prove proved quadratic quotient rational real scalar sequence series sine smooth solve subset subspace sum summation symmetric "
    "tangent tensor theorem theorems topology triangle trigonometric unbounded unique variance vector vectors "
    "théorème lemme preuve démonstration équation entier intégrale polynôme satz beweis gleichung matrix ganzzahl teorema demostración "
    "ecuación integral matriz polinomio equação demonstração теорема доказательство уравнение интеграл матрица многочлен 定理 证明 方程".split()
)
# Words in which people say that one thing follows from another, and words of the conditions that it follows from. Words that
# sellers and lawyers write as often (valid, premises, deduction) are none.
_INFERENCES = frozenset(
    "therefore hence thus consequently follows implies imply implied suppose supposing contradiction contradictions contradicts "
    "contradict conclude concludes concluded conclusion conclusions premise deduce deduced deduces deductive infer inferred infers "
    "inference syllogism converse contrapositive".split()
)
_CONDITIONS = frozenset(
    "if then must cannot either neither because so since true false statement statements argument assume assuming assumption only "
    "possible impossible exactly means given know".split()
)
_CODE, _MATH, _INFERENCE, _CONDITION = (1 << bit for bit in range(4))
_LISTS = {_CODE: _CODE_WORDS, _MATH: _MATH_WORDS, _INFERENCE: _INFERENCES, _CONDITION: _CONDITIONS}
_WORDS = sorted(_CODE_WORDS | _MATH_WORDS | _INFERENCES | _CONDITIONS)
_TABLE = WordTable(hash64s(_WORDS))
# Which lists each word is on, as bits.
_ON = np.array([sum(mark for mark, listed in _LISTS.items() if word in listed) for word in _WORDS])


class Marks:
    """Densities of what speaks for a class in a document, each found when it is first asked for: most documents need few."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.characters = len(document.text)
        self._thousands = max(1, self.characters) / 1000
        self._hundreds = max(1, document.prose.word_count) / 100

    @property
    def code_share(self) -> float:
        """Characters in code spans, of all."""
        code = sum(span.end - span.start for span in self._document.spans if span.kind == "code")
        return code / max(1, self.characters)

    @cached_property
    def code_tokens(self) -> float:
        """Names as programs have them, calls, operators: in 100 words of prose."""
        return _code_tokens(self._prose) / self._hundreds

    @property
    def code_words(self) -> float:
        """Words of programmers, in 100 words of prose."""
        return self._listed(_CODE) / self._hundreds

    @cached_property
    def prompts(self) -> float:
        """Lines that begin as a shell's do, of all."""
        text = self._document.text
        starts = {start for sign, need in _PROMPTS_NEED if sign in text for start in _starts_of_lines(text, need)}
        found = sum(_PROMPT.match(text, start) is not None for start in starts)
        return found / (text.count("\n") + 1) if found else 0.0

    @cached_property
    def formula_count(self) -> int:
        """Math spans, TeX commands and equations in running text."""
        text, prose = self._document.text, self._prose
        found = sum(span.kind == "math" for span in self._document.spans)
        found += len(_TEX.findall(text)) if "\\" in text else 0
        return found + _equations(prose)

    @property
    def formulas(self) -> float:
        """:attr:`formula_count` in 1,000 characters."""
        return self.formula_count / self._thousands

    @cached_property
    def signs(self) -> float:
        """Mathematical signs outside of spans, in 1,000 characters."""
        if self._prose.isascii():
            return 0.0
        view = self._document.view
        codes = (view if self._prose is view.text else TextView(self._prose)).codes
        return int(np.count_nonzero(_IS_SIGN.take(codes, mode="clip"))) / self._thousands

    @property
    def math_words(self) -> float:
        """Words of mathematicians, in 100 words of prose."""
        return self._listed(_MATH) / self._hundreds

    @property
    def inferences(self) -> float:
        """Words in which people say that one thing follows from another, in 100; 0 outside of English."""
        return len(self._inferences) / self._hundreds

    @property
    def different_inferences(self) -> int:
        """How many different ones of them."""
        return len(set(self._inferences.tolist()))

    @property
    def conditions(self) -> float:
        """Words of the conditions that things follow from, in 100, beside :attr:`inferences`; 0 without any."""
        return self._listed(_CONDITION) / self._hundreds if len(self._inferences) else 0.0

    @cached_property
    def _prose(self) -> str:
        document = self._document
        if not any(span.kind in ("code", "math") for span in document.spans):
            return document.text
        return without_spans(document.text, document.spans, ("code", "math"))

    @cached_property
    def _found(self) -> np.ndarray:
        """The words of the prose that are on a list, by their number."""
        return _TABLE.find(self._document.prose.folded_hashes)[1]

    @cached_property
    def _inferences(self) -> np.ndarray:
        if self._document.language != "en":
            return self._found[:0]
        return self._found[_ON[self._found] & _INFERENCE != 0]

    def _listed(self, mark: int) -> int:
        return int(np.count_nonzero(_ON[self._found] & mark))


def _equations(prose: str) -> int:
    """How often :data:`_EQUATION` matches, looked for before each equals sign: it would be tried at most characters of a text."""
    found = end = 0
    at = prose.find("=")
    while at >= 0:
        # What ends here, before the sign and one blank: a letter, or digits with what may stand between and behind them.
        last = first = at - 1 - prose[at - 1 : at].isspace()
        while first >= end and (prose[first].isdecimal() or prose[first] in _NUMERIC):
            first -= 1
        for start in range(max(end, min(first + 1, last)), last + 1):
            if match := _EQUATION.match(prose, start):
                found, end = found + 1, match.end()
                break
        at = prose.find("=", max(at + 1, end))
    return found


def _starts_of_lines(text: str, need: str) -> Iterator[int]:
    """Where the lines begin that hold ``need``."""
    start, at = 0, text.find(need)
    while at >= 0:
        start = max(start, text.rfind("\n", start, at) + 1)
        yield start
        # Once a line: in a text of one line, all others would cost its length.
        end = text.find("\n", at)
        at = text.find(need, end) if end >= 0 else -1


def _code_tokens(prose: str) -> int:
    found = sum(len(token.findall(prose)) for needs, token in _CODE_TOKENS if any(map(prose.__contains__, needs)))
    return found + sum(_begins_small(prose, hump.start()) for hump in _HUMP.finditer(prose))


def _begins_small(prose: str, hump: int) -> bool:
    """Whether nothing but small letters stands between the beginning of the word and its ``hump``."""
    start = hump - 1
    while start > 0 and prose[start - 1] in _SMALL:
        start -= 1
    return start == 0 or not (prose[start - 1].isalnum() or prose[start - 1] == "_")
