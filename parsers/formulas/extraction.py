r"""Finds the formula that an element holds, in any of the forms that pages use, and gives it as TeX.

An element that may be a formula's root (:data:`FORMULA_ROOT_TAGS`, :data:`FORMULA_ROOT_CLASSES`,
:data:`FORMULA_ROOT_ATTRIBUTES`, a script of a ``math/…`` type, an image) is handed to :func:`extract_formula` as a
stretch of normal form (:mod:`parsers.markup.tokens`). The author's TeX is preferred wherever it is: annotation,
attribute, script, alternative text, URL. MathML without a TeX source and the boxes of MathJax 3 are written as TeX by
:mod:`parsers.formulas.mathml`. An element that holds prose besides its formula is no root: the answer is None, and its
children are to be looked at one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from parsers.formulas import images
from parsers.formulas.asciimath import from_asciimath
from parsers.formulas.formula import Formula
from parsers.formulas.html_scripts import from_html
from parsers.formulas.images import PLAIN_WORDS, TEX_SIGN
from parsers.formulas.mathml import mathml_to_tex
from parsers.formulas.tex import on_one_line, own_display, unwrapped, without_blank_lines
from parsers.markup.lenient_json import read_json
from parsers.markup.tokens import REST_OF_TAG, attributes, tokenize, unescape

# Elements whose text is TeX: of JATS, CKEditor, Distill, GitHub.
TEX_TAGS = frozenset("tex-math math-tex d-math math-renderer".split())
FORMULA_ROOT_TAGS = TEX_TAGS | frozenset(
    "math mml:math m:math mjx-container inline-formula latex-formula latex-js".split()
)
FORMULA_ROOT_CLASSES = frozenset(
    # KaTeX and what blogs wrap it in
    "katex katex-display katex-block katex-inline katex--inline katex--display wp-katex-eq katex-eq "
    # MathJax 2 and 3
    "mathjax mathjax_display mathjax_svg mathjax_svg_display mathjax_chtml mathjax_mathml mathjax-element mjx-chtml "
    "mjpage mjpage__block "
    # MediaWiki, LaTeXML, Sphinx, Pandoc, CKEditor, pymdown, WordPress, Codeforces, Zhihu, Hurmet, Temml, Substack
    "mwe-math-element mwe-math-fallback-image-inline mwe-math-fallback-image-display mwe-math-fallback-png-inline "
    "mwe-math-fallback-png-display mwe-math-fallback-source-inline mwe-math-fallback-source-display texhtml ltx_math "
    "math math-tex arithmatex latex tex tex-span ztext-math hurmet-tex temml equation_image latex-image "
    # what authors call it themselves
    "math-inline math-block math-display inline-math display-math block-math mathinline mathdisplay texmath mathtex "
    "latex-inline latex-block asciimath mathml mathjax-latex mathjax-inline mathjax-block latex-rendered".split()
)
FORMULA_ROOT_ATTRIBUTES = frozenset(
    "data-tex data-latex data-math data-mathml data-formula data-expr data-katex data-equation data-equation-content "
    "data-tex-source data-latex-source data-original-tex data-asciimath data-eeimg".split()
)
# Doubles of a formula that stands beside them: previews, drawn glyphs, text for screen readers, fallback images.
FORMULA_PREVIEW_CLASSES = frozenset(
    "mathjax_preview mathjax_processing mathjax mathjax_display mathjax_svg mathjax_svg_display mathjax_chtml "
    "mjx-chtml mjx_assistive_mathml mathjax_hidden mathjax_error katex-html katex-mathml "
    "mwe-math-fallback-image-inline mwe-math-fallback-image-display mwe-math-fallback-png-inline "
    "mwe-math-fallback-png-display mwe-math-fallback-source-inline mwe-math-fallback-source-display".split()
)

_HEAD = re.compile(r'<([^\s/>"]+)' + REST_OF_TAG)
_ANNOTATION = re.compile(
    r'annotation(?=[^>]*encoding="(?i:application/x-(?:la)?tex|(?:la)?tex|text/x-(?:la)?tex)")[^>]*>([^<]*)<'
)
_INNER_MATH = re.compile(r"<(?:mml:|m:)?math[\s>]")
_INNER_SCRIPT = re.compile(r'<script[^>]*type="math/tex[^>]*>')
_INNER_SOURCE = re.compile(r'\sdata-(mathml|tex|latex|math|eeimg)="([^"]+)"')
# MathJax 4 notes the source of every part; the part that is called "math" is the whole.
_DRAWN_SOURCE = re.compile(r'<(?:mjx-math|g data-mml-node="math")[^>]*\sdata-latex="([^"]+)"')
# MathJax 2 on a server (mathjax-node; LessWrong) says to screen readers what it was given.
_SPOKEN_SOURCE = re.compile(r'class="mjx-math"[^>]{0,200}\saria-label="([^"]+)"|<title id="MathJax-[^"]*">([^<]+)<')
_IMAGE = re.compile("<img" + REST_OF_TAG)
_DRAWINGS = ("katex-html", "MathJax", "<mjx-", "mwe-math-")
_TAG = re.compile(r"<[^>]*>")
# Elements that a formula never consists of: paragraphs, headings, lists, controls, running text's links.
_PROSE = re.compile(
    r"<(?:p|h[1-6]|ul|ol|li|dl|article|section|blockquote|pre|figure|form|input|textarea|button|nav|a)[\s>]"
)
_DISPLAY = re.compile(r'\bdisplay="(?:block|true)"|mode="display"')
_DISPLAY_WORDS = frozenset(
    "katex-display katex-block katex--display mathjax_display mathjax_svg_display display block math-display "
    "math-block display-math block-math mwe-math-fallback-image-display mwe-math-fallback-png-display mathdisplay "
    "latex-block mjpage__block mathjax-block mwe-math-mathml-display aligncenter".split()
)
# Attributes that hold TeX, the surest first.
_TEX_ATTRIBUTES = (
    "data-tex", "data-latex", "data-math", "data-katex", "data-equation-content", "data-tex-source",
    "data-latex-source", "data-original-tex", "data-formula", "data-equation", "data-expr", "data-entry",
)  # fmt: skip
_SWITCHES = frozenset({"true", "false", "inline", "block", "display", "none", "yes", "no", "null", "undefined"})
_SPEECH = re.compile(r"\A[^\\^_{}]*(?<![A-Za-z])[A-Za-z]{3,}[^\\^_{}]*\Z")
_SHORT = 2_000  # characters of MathML
LONGEST = 20_000  # characters of TeX in one formula: more than any table of a real page


def extract_formula(markup: str) -> Formula | None:
    """The formula that the element ``markup`` (from its start tag to its end tag) consists of; None if it carries none
    or holds more than one formula. Never raises; time is linear in the length."""
    head = _HEAD.match(markup)
    if head is None:
        return None
    name, source = head[1], head[2]
    if name == "img":
        return _image(attributes(source)) if images.may_be_formula(source) else None
    if name == "script":
        return _script(attributes(source), markup[head.end() : markup.rfind("</script")])
    if name.rpartition(":")[2] == "math":
        return _math(markup, attributes(source))
    given = attributes(source) if "=" in source else {}
    return _element(name, given, markup, head.end())


def _made(source: str, display: bool | None = False) -> Formula | None:
    """A formula out of TeX as the page has it."""
    if not source or len(source) > LONGEST:
        return None
    tex, said = unwrapped(source)
    if not tex or tex.isspace():
        return None
    return Formula(tex, bool(display) or bool(said) or own_display(tex) or "\\tag" in tex)


# MathML


def _math(markup: str, given: dict[str, str]) -> Formula | None:
    display = given.get("display") == "block" or given.get("mode") == "display"
    annotation = _ANNOTATION.search(markup) if "annotation" in markup else None
    # An alternative text may also be what a screen reader says: "x plus y".
    source = unescape(annotation[1]) if annotation else given.get("alttext") or given.get("data-latex") or ""
    if source and (annotation or not _SPEECH.search(source)):
        found = _made(source, display)
        if found:
            return found
    return _of_short(markup, display) if len(markup) <= _SHORT else _made(mathml_to_tex(markup), display)


@lru_cache(maxsize=512)
def _of_short(markup: str, display: bool) -> Formula | None:
    """A page of mathematics has two thirds of its short formulas more than once."""
    return _made(mathml_to_tex(markup), display)


def _quoted_math(source: str, display: bool) -> Formula | None:
    """MathML that stands in an attribute or a script."""
    start = _INNER_MATH.search(source)
    head = _HEAD.match(source, start.start()) if start else None
    if head is None:
        return _made(mathml_to_tex(source), display)
    found = _math(source, attributes(head[2]))
    return found._replace(display=found.display or display) if found else None


def _script(given: dict[str, str], content: str) -> Formula | None:
    kind = given.get("type", "").lower()
    if not kind.startswith("math/"):
        return None
    display = "mode=display" in kind.replace(" ", "")
    if "mml" in kind or "mathml" in kind:
        return _quoted_math(content, display)
    if "asciimath" in kind:
        return _made(from_asciimath(content), display)
    return _made(content, display)


# Other elements


def _element(name: str, given: dict[str, str], markup: str, inside: int) -> Formula | None:
    words = set(given.get("class", "").lower().split())
    display = bool(words & _DISPLAY_WORDS) or given.get("display") in ("true", "block") or name == "div"
    display |= name == "d-math" and "block" in given
    for attribute in _TEX_ATTRIBUTES:
        value = given.get(attribute)
        if value and _is_source(value, attribute) and not _holds_prose(markup, inside, value):
            return _made(value, display or _DISPLAY.search(markup, 0, inside + 400) is not None)
    if "latex-rendered" in words:
        return _of_substack(given.get("data-attrs", ""))
    if "data-mathml" in given:
        return _quoted_math(given["data-mathml"], display)
    if "data-asciimath" in given:
        return _made(from_asciimath(given["data-asciimath"]), display)
    if "annotation" in markup:
        sources = {match[1] for match in _ANNOTATION.finditer(markup, inside)}
        start = _INNER_MATH.search(markup, inside)
        alone = start is None or _alone(markup, inside, start.start(), markup.rfind("math>"))
        if len(sources) == 1 and alone and not _PROSE.search(markup, inside):
            found = _made(unescape(sources.pop()), display or _DISPLAY.search(markup) is not None)
            return _as_typed(found, markup, inside) if found and "mwe-math-element" in words else found
        if sources:
            return None
    return _inside(name, words, markup, inside, display)


def _of_substack(state: str) -> Formula | None:
    values = read_json(state)
    tex = values.get("persistentExpression") if isinstance(values, dict) else None
    return _made(tex, True) if isinstance(tex, str) else None


def _as_typed(found: Formula, markup: str, inside: int) -> Formula:
    """MediaWiki's annotation is normalised; the image beside it often has the formula as the author typed it."""
    image = _IMAGE.search(markup, inside)
    typed = _made(attributes(image[1]).get("alt", "")) if image else None
    return found._replace(tex=typed.tex) if typed and same_formula(found, typed) else found


# Sphinx sets an equation's number before it, with a link to the equation; an image stands in a paragraph then.
_NUMBER = re.compile(r'(?:<p>\s*)?<span class="eqno">\(?([^<>()]{1,20})\)?(?:<a [^>]*>[^<]*</a>)?</span>')


def _inside(name: str, words: set[str], markup: str, inside: int, display: bool) -> Formula | None:
    """A formula that some descendant carries, or that is the element's text; an equation's number becomes its tag."""
    number = _NUMBER.search(markup, inside) if "eqno" in markup else None
    if number is None:
        return _held(name, words, markup, inside, display)
    rest = markup[: number.start()] + markup[number.end() :]
    found = _held(name, words, rest.replace("</p>", ""), inside, display)
    if found is None or "\\begin" in found.tex or "\\tag" in found.tex:
        return found
    return Formula(rf"{found.tex} \tag{{{number[1]}}}", True)


def _held(name: str, words: set[str], markup: str, inside: int, display: bool) -> Formula | None:
    """A formula that some descendant carries, or that is the element's text."""
    if _PROSE.search(markup, inside):
        return None
    found = list(_INNER_SCRIPT.finditer(markup, inside)) if "math/tex" in markup else []
    if found:
        end = markup.find("</script", found[0].end())
        if len(found) > 1 or not _alone(markup, inside, found[0].start(), end):
            return None
        return _made(markup[found[0].end() : end], display or "display" in found[0][0])
    found = list(_INNER_MATH.finditer(markup, inside))
    if found:
        start = found[0].start()
        head = _HEAD.match(markup, start)
        if len(found) > 1 or head is None or not _alone(markup, inside, start, markup.rfind("math>")):
            return None
        inner = _math(markup[start:], attributes(head[2]))
        return inner._replace(display=inner.display or display) if inner else None
    sources = {(match[1], match[2]) for match in _INNER_SOURCE.finditer(markup, inside)}
    if name == "mjx-container" or "<mjx-" in markup:
        whole = _DRAWN_SOURCE.search(markup, inside)
        return _made(unescape(whole[1]) if whole else mathml_to_tex(markup), display)
    if "mjpage" in words or "mjx-chtml" in words:
        spoken = _SPOKEN_SOURCE.search(markup, inside)
        if spoken and not _SPEECH.search(tex := unescape(spoken[1] or spoken[2])):
            return _made(tex, display)
    if len(sources) == 1:
        kind, value = sources.pop()
        if kind == "mathml":
            return _quoted_math(unescape(value), display)
        return _made(unescape(value), display) if kind != "eeimg" and _is_source(unescape(value), "") else None
    if "<img" in markup:
        image = _IMAGE.search(markup, inside)
        others = _TAG.sub("", markup[inside:]).strip()
        inner = _image({**attributes(image[1]), "class": "tex"}) if image and not others else None
        return inner._replace(display=inner.display or display) if inner else None
    if len(markup) > LONGEST or "katex" in words:
        return None
    if words & {"tex-span", "texhtml"}:
        return _made(from_html(markup), display)
    return _text(name, words, markup, inside, display)


def _alone(markup: str, inside: int, start: int, end: int) -> bool:
    """Whether no text stands beside the source of a formula, its drawing by KaTeX or MathJax aside."""
    if any(sign in markup for sign in _DRAWINGS):
        return True
    around = _TAG.sub("", f"{markup[inside:start]} <{markup[end:]}")
    return not any(map(str.isalnum, around))


def _text(name: str, words: set[str], markup: str, inside: int, display: bool) -> Formula | None:
    """An element whose text is TeX: between delimiters or, where its name promises TeX, with a command in it."""
    text = "".join(token.text for token in tokenize(markup) if token.kind == "text").strip()
    tex, said = unwrapped(text)
    if not tex:
        return None
    if said is None:
        promised = name in FORMULA_ROOT_TAGS or words & _SOURCE_WORDS
        elements = markup.count("</", inside) > 1  # drawn with elements: no source
        if not promised or elements or not (TEX_SIGN.search(tex) or len(tex) == 1) or PLAIN_WORDS.search(tex):
            return None
    return Formula(tex, display or bool(said) or own_display(tex))


_SOURCE_WORDS = frozenset(
    "math tex latex math-tex katex-block katex-inline math-inline math-block math-display inline-math display-math "
    "block-math texmath mathtex latex-inline latex-block mwe-math-fallback-source-inline wp-katex-eq katex-eq "
    "mwe-math-fallback-source-display mathjax-latex mathjax-inline mathjax-block katex--inline katex--display".split()
)


def _is_source(value: str, attribute: str) -> bool:
    """Whether an attribute's value is TeX and no switch, number, address or JSON."""
    value = value.strip()
    if not value or len(value) > LONGEST or value.lower() in _SWITCHES or value.startswith(('{"', "[{", "http")):
        return False
    if attribute in ("data-formula", "data-equation", "data-expr", "data-entry", ""):
        return TEX_SIGN.search(value) is not None or (len(value) == 1 and value.isalpha())
    return not (value.isdigit() and attribute != "data-tex") and not PLAIN_WORDS.search(value)


def _holds_prose(markup: str, inside: int, source: str) -> bool:
    """Whether the element is a container of other content whose attribute names a formula. Drawn by KaTeX or MathJax,
    a formula takes some hundred characters of markup for one of TeX."""
    return len(markup) - inside > 20_000 + 1_000 * len(source) or _PROSE.search(markup, inside) is not None


# Images


def _image(given: dict[str, str]) -> Formula | None:
    words = set(given.get("class", "").lower().split())
    if "data-mathml" in given:
        return _quoted_math(given["data-mathml"].translate(_WIRIS), False)
    tex, display = images.source(given, promised=not FORMULA_ROOT_CLASSES.isdisjoint(words))
    return _made(tex, display or bool(words & _DISPLAY_WORDS))


# The editor WIRIS (Moodle) writes MathML in attributes without the signs of markup.
_WIRIS = str.maketrans("«»¨§", '<>"&')


# Among the formulas around it


def is_double(markup: str) -> bool:
    """Whether an element is one of those that repeat the formula beside them, by its class."""
    head = _HEAD.match(markup)
    words = attributes(head[2]).get("class", "").lower().split() if head else ()
    return not FORMULA_PREVIEW_CLASSES.isdisjoint(words)


def same_formula(previous: Formula, following: Formula) -> bool:
    """Whether two formulas that stand side by side, with no text between them, are one formula written twice: MathJax
    2 leaves preview, drawing and source in a row. The later one is to be kept; the source comes last.

    TeX made from MathML differs from its source in braces and in the names of a few commands. So what is compared are
    letters, digits and signs: four fifths of the longer have to agree."""
    if previous.tex == following.tex:
        return True
    one, other = _signs(previous.tex), _signs(following.tex)
    longer = max(one.total(), other.total())
    return longer > 0 and (one & other).total() * 5 >= longer * 4


_LAYOUT = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?|mathrm|mathbf|boldsymbol|text|operatorname\*?|displaystyle|limits|nolimits|"
    r"d?t?frac|begin\{\w+\*?\}|end\{\w+\*?\}|q?quad|hspace\{[^}]*\}|[,;:!> ])|[\s{}&]|\\\\"
)
_SIGN = re.compile(r"\\[A-Za-z]+|\\?.", re.DOTALL)
_SYNONYMS = {r"\le": r"\leq", r"\ge": r"\geq", r"\ne": r"\neq", r"\rightarrow": r"\to", r"\lbrace": r"\{",
             r"\rbrace": r"\}", r"\phi": r"\varphi", r"\epsilon": r"\varepsilon", r"\dots": r"\ldots"}  # fmt: skip


def _signs(tex: str) -> Counter[str]:
    signs: list[str] = _SIGN.findall(_LAYOUT.sub(" ", tex))
    return Counter(_SYNONYMS.get(sign, sign) for sign in signs if sign != " ")


def render_formula(formula: Formula) -> str:
    r"""The formula as it stands in plain text: ``$…$`` within a sentence, ``$$…$$`` for a display. An environment that
    is a display by itself (``\begin{align}``) stands without dollars."""
    if own_display(formula.tex):
        return without_blank_lines(formula.tex)
    if formula.display:
        return f"$${without_blank_lines(formula.tex)}$$"
    return f"${on_one_line(formula.tex)}$"
