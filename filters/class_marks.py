"""What in a text speaks for code, and what for mathematics: spans, and marks that stand in running prose.

Each mark is a density, so that long and short pages compare. Which words and signs count is ours: those that programmers
and mathematicians write and other people hardly do, in the languages in which most such pages are written.
"""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import NamedTuple

from text.document import Document, without_spans

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
    r"^\s*(?:\$ [a-z.]|>>> |In \[\d+\]:|PS [A-Z]:|[\w.-]+@[\w.-]+:\S*[$#] |[A-Z]:\\>|mysql> |irb\(main)",
    re.MULTILINE,
)
_PROMPTS_NEED = ("$ ", "# ", ">>> ", "In [", "PS ", ":\\>", "mysql> ", "irb(main")
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
_SIGN = re.compile("[\u2200-\u22ff\u2a00-\u2aff\u2102\u210d\u2115\u2119-\u211d\u2124\U0001d400-\U0001d7ff]")
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
_EVERY = _CODE_WORDS | _MATH_WORDS | _INFERENCES | _CONDITIONS


class Marks(NamedTuple):
    """Densities of what speaks for a class. ``code_share``: characters in code spans, of all; ``code_tokens`` and
    ``code_words``: in 100 words of prose; ``prompts``: lines that begin as a shell's do, of all. ``formulas``: math spans, TeX commands
    and equations in running text, in 1,000 characters, and ``formula_count`` of them; ``signs``: mathematical signs outside of
    spans, in 1,000; ``math_words``: in 100 words. ``inferences`` and ``conditions``: words of argument, in 100, of the former
    so many ``different_inferences``; 0 outside of English."""

    code_share: float
    code_tokens: float
    code_words: float
    prompts: float
    formulas: float
    signs: float
    math_words: float
    formula_count: int
    inferences: float
    conditions: float
    different_inferences: int


def marks(document: Document) -> Marks:
    """The marks of a document."""
    text = document.text
    prose = without_spans(text, document.spans, ("code", "math"))
    words = document.prose.folded
    hundreds, thousands = max(1, len(words)) / 100, max(1, len(text)) / 1000
    code = sum(span.end - span.start for span in document.spans if span.kind == "code")
    formulas = sum(span.kind == "math" for span in document.spans) + len(_TEX.findall(text))
    formulas += len(_EQUATION.findall(prose)) if "=" in prose else 0
    prompts = len(_PROMPT.findall(text)) if any(map(text.__contains__, _PROMPTS_NEED)) else 0
    found = [word for word in words if word in _EVERY]  # one in twenty
    inferences = [word for word in found if word in _INFERENCES] if document.language == "en" else []
    return Marks(
        code / max(1, len(text)),
        _code_tokens(prose) / hundreds,
        sum(word in _CODE_WORDS for word in found) / hundreds,
        prompts / max(1, text.count("\n") + 1),
        formulas / thousands,
        len(_SIGN.findall(prose)) / thousands,
        sum(word in _MATH_WORDS for word in found) / hundreds,
        formulas,
        len(inferences) / hundreds,
        sum(word in _CONDITIONS for word in found) / hundreds if inferences else 0.0,
        len(set(inferences)),
    )


def _code_tokens(prose: str) -> int:
    found = sum(len(token.findall(prose)) for needs, token in _CODE_TOKENS if any(map(prose.__contains__, needs)))
    return found + sum(_begins_small(prose, hump.start()) for hump in _HUMP.finditer(prose))


def _begins_small(prose: str, hump: int) -> bool:
    """Whether nothing but small letters stands between the beginning of the word and its ``hump``."""
    start = hump - 1
    while start > 0 and prose[start - 1] in _SMALL:
        start -= 1
    return start == 0 or not (prose[start - 1].isalnum() or prose[start - 1] == "_")
