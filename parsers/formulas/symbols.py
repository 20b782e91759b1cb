r"""The characters of mathematics and their names in TeX.

The tables are pairs of a character and what TeX calls it, grouped by the part they play in a formula. Names are those
of LaTeX with amsmath and amssymb (S. Pakin, The Comprehensive LaTeX Symbol List, 2024); the parts they play follow the
operator dictionary of MathML 3 (appendix C).
"""

from __future__ import annotations

import re
import unicodedata


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_LETTERS = _pairs(r"""
    α \alpha β \beta γ \gamma δ \delta ε \varepsilon ϵ \epsilon ζ \zeta η \eta θ \theta ϑ \vartheta ι \iota κ \kappa
    ϰ \varkappa λ \lambda μ \mu µ \mu ν \nu ξ \xi ο o π \pi ϖ \varpi ρ \rho ϱ \varrho σ \sigma ς \varsigma τ \tau
    υ \upsilon φ \varphi ϕ \phi χ \chi ψ \psi ω \omega ϝ \digamma
    Α A Β B Γ \Gamma Δ \Delta Ε E Ζ Z Η H Θ \Theta ϴ \Theta Ι I Κ K Λ \Lambda Μ M Ν N Ξ \Xi Ο O Π \Pi Ρ P Σ \Sigma
    Τ T Υ \Upsilon ϒ \Upsilon Φ \Phi Χ X Ψ \Psi Ω \Omega
    ℓ \ell ℏ \hbar ħ \hbar ℘ \wp ℵ \aleph ℶ \beth ℷ \gimel ℸ \daleth ı \imath ȷ \jmath 𝚤 \imath 𝚥 \jmath
    ∂ \partial ∇ \nabla ∞ \infty ∅ \emptyset ⌀ \varnothing ∀ \forall ∃ \exists ∄ \nexists ⊤ \top ⊥ \bot ∠ \angle
    ∡ \measuredangle ∢ \sphericalangle △ \triangle ▵ \triangle ▽ \triangledown □ \square ◻ \square ■ \blacksquare
    ◼ \blacksquare ◊ \lozenge ⧫ \blacklozenge ★ \bigstar ♠ \spadesuit ♡ \heartsuit ♢ \diamondsuit ♣ \clubsuit
    ♭ \flat ♮ \natural ♯ \sharp ℧ \mho ð \eth ∁ \complement ° ^{\circ} ′ \prime ″ \prime\prime ‴ \prime\prime\prime
    ‵ \backprime … \ldots ⋯ \cdots ⋮ \vdots ⋱ \ddots √ \surd £ \pounds § \S ¶ \P © \copyright ® \circledR
    $ \$ % \% # \# & \& _ \_ \ \backslash ¬ \neg ⌣ \smile ⌢ \frown ✓ \checkmark ✠ \maltese
""")

RELATIONS = _pairs(r"""
    = = < < > > ≠ \neq ≤ \leq ≥ \geq ⩽ \leqslant ⩾ \geqslant ≦ \leqq ≧ \geqq ≪ \ll ≫ \gg ⋘ \lll ⋙ \ggg ≮ \nless
    ≯ \ngtr ≰ \nleq ≱ \ngeq ≲ \lesssim ≳ \gtrsim ≶ \lessgtr ≷ \gtrless ≺ \prec ≻ \succ ≼ \preccurlyeq ≽ \succcurlyeq
    ⪯ \preceq ⪰ \succeq ∼ \sim ~ \sim ≁ \nsim ≃ \simeq ≅ \cong ≇ \ncong ≈ \approx ≉ \not\approx ≊ \approxeq
    ≍ \asymp ≐ \doteq ≑ \doteqdot ≔ := ≕ =: ≜ \triangleq ≝ \overset{\mathrm{def}}{=} ≟ \overset{?}{=} ≡ \equiv
    ≢ \not\equiv ∝ \propto ∈ \in ∉ \notin ∋ \ni ∌ \not\ni ⊂ \subset ⊃ \supset ⊄ \not\subset ⊅ \not\supset ⊆ \subseteq
    ⊇ \supseteq ⊈ \nsubseteq ⊉ \nsupseteq ⊊ \subsetneq ⊋ \supsetneq ⊏ \sqsubset ⊐ \sqsupset ⊑ \sqsubseteq
    ⊒ \sqsupseteq ∣ \mid ∤ \nmid ∥ \parallel ∦ \nparallel ⊢ \vdash ⊣ \dashv ⊨ \models ⊩ \Vdash ⊬ \nvdash ⊭ \nvDash
    ⟂ \perp ⋈ \bowtie ∴ \therefore ∵ \because : : ∶ : ∷ :: ⊲ \vartriangleleft ⊳ \vartriangleright
    ⊴ \trianglelefteq ⊵ \trianglerighteq ≬ \between ⋔ \pitchfork
    ← \leftarrow → \to ↔ \leftrightarrow ⇐ \Leftarrow ⇒ \Rightarrow ⇔ \Leftrightarrow ⟵ \longleftarrow
    ⟶ \longrightarrow ⟷ \longleftrightarrow ⟸ \Longleftarrow ⟹ \implies ⟺ \iff ↦ \mapsto ⟼ \longmapsto ↑ \uparrow
    ↓ \downarrow ↕ \updownarrow ⇑ \Uparrow ⇓ \Downarrow ⇕ \Updownarrow ↗ \nearrow ↘ \searrow ↙ \swarrow ↖ \nwarrow
    ↪ \hookrightarrow ↩ \hookleftarrow ↠ \twoheadrightarrow ↞ \twoheadleftarrow ↣ \rightarrowtail ⇀ \rightharpoonup
    ⇁ \rightharpoondown ↼ \leftharpoonup ↽ \leftharpoondown ⇌ \rightleftharpoons ⇋ \leftrightharpoons
    ⇄ \rightleftarrows ⇆ \leftrightarrows ⇉ \rightrightarrows ⇇ \leftleftarrows ↛ \nrightarrow ↚ \nleftarrow
    ↮ \nleftrightarrow ⇏ \nRightarrow ⇍ \nLeftarrow ⇎ \nLeftrightarrow ⇝ \rightsquigarrow ↝ \leadsto ⊸ \multimap
    ↾ \upharpoonright ⇢ \dashrightarrow ⇠ \dashleftarrow
""")

BINARY = _pairs(r"""
    + + - - − - ‐ - – - ± \pm ∓ \mp × \times ÷ \div ⋅ \cdot · \cdot * * ∗ * ⋆ \star ∘ \circ ∙ \bullet • \bullet
    ⊕ \oplus ⊖ \ominus ⊗ \otimes ⊘ \oslash ⊙ \odot ⊚ \circledcirc ⊛ \circledast ⊞ \boxplus ⊟ \boxminus ⊠ \boxtimes
    ⊡ \boxdot ∧ \land ∨ \lor ⊻ \veebar ⊼ \barwedge ∩ \cap ∪ \cup ⋒ \Cap ⋓ \Cup ⊎ \uplus ⊓ \sqcap ⊔ \sqcup
    ∖ \setminus ⧵ \setminus ≀ \wr † \dagger ‡ \ddagger ⨿ \amalg ⋄ \diamond ⋉ \ltimes ⋊ \rtimes ∔ \dotplus
    ⋇ \divideontimes     ⊺ \intercal ◃ \triangleleft ▹ \triangleright
""")

# Their scripts are written as limits, under and above the sign in display style.
LARGE_OPERATORS = _pairs(r"""
    ∑ \sum ∏ \prod ∐ \coprod ∫ \int ∬ \iint ∭ \iiint ⨌ \iiiint ∮ \oint ∯ \oiint ∰ \oiiint ⋃ \bigcup ⋂ \bigcap
    ⋁ \bigvee ⋀ \bigwedge ⨁ \bigoplus ⨂ \bigotimes ⨀ \bigodot ⨄ \biguplus ⨆ \bigsqcup ⨅ \bigsqcap
""")

OPENING = _pairs(r"( ( [ [ { \{ ⟨ \langle 〈 \langle 〈 \langle ⌈ \lceil ⌊ \lfloor ⟦ \llbracket ⟮ \lgroup ⌜ \ulcorner")
CLOSING = _pairs(r") ) ] ] } \} ⟩ \rangle 〉 \rangle 〉 \rangle ⌉ \rceil ⌋ \rfloor ⟧ \rrbracket ⟯ \rgroup ⌝ \urcorner")
BARS = _pairs(r"| | ‖ \| ∥ \| ‖ \| ❘ |")

SYMBOLS = {
    **_LETTERS, **LARGE_OPERATORS, **OPENING, **CLOSING, **RELATIONS, **BINARY, "|": "|", "‖": r"\|", "❘": "|", "^": r"\wedge",
}  # fmt: skip
# Characters that guide layout and speech and show nothing: spaces, joiners, invisible operators (U+2061 to U+2064).
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\ufe0e\ufe0f"))

FUNCTIONS = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max "
    "min Pr sec sin sinh sup tan tanh".split()
)
# Those of them that carry their subscript underneath.
LIMIT_FUNCTIONS = frozenset("det gcd inf lim liminf limsup max min Pr sup argmax argmin".split())

# Over- and underscripts that are accents: (over one letter, over a longer expression).
ACCENTS_OVER = {
    **dict.fromkeys("^ˆ\u0302", (r"\hat", r"\widehat")), **dict.fromkeys("~˜∼\u0303", (r"\tilde", r"\widetilde")),
    **dict.fromkeys("¯‾ˉ_―─\u0304\u0305−", (r"\bar", r"\overline")), **dict.fromkeys("˙.⋅·\u0307", (r"\dot", r"\dot")),
    **dict.fromkeys("¨\u0308", (r"\ddot", r"\ddot")), **dict.fromkeys("→⃗⟶⇀", (r"\vec", r"\overrightarrow")),
    **dict.fromkeys("←⃖⟵", (r"\overleftarrow", r"\overleftarrow")), **dict.fromkeys("ˇ\u030c", (r"\check", r"\check")),
    **dict.fromkeys("˘\u0306", (r"\breve", r"\breve")), **dict.fromkeys("´\u0301", (r"\acute", r"\acute")),
    **dict.fromkeys("`\u0300", (r"\grave", r"\grave")), **dict.fromkeys("˚∘\u030a", (r"\mathring", r"\mathring")),
    "⃛": (r"\dddot", r"\dddot"), "...": (r"\dddot", r"\dddot"), "..": (r"\ddot", r"\ddot"), "⏞": (r"\overbrace",) * 2,
    "↔": (r"\overleftrightarrow", r"\overleftrightarrow"), "⏠": (r"\overparen", r"\overparen"),
}  # fmt: skip
ACCENTS_UNDER = {
    **dict.fromkeys("_¯‾ˉ―─\u0332\u0331−", (r"\underline", r"\underline")), "⏟": (r"\underbrace", r"\underbrace"),
    "→": (r"\underrightarrow", r"\underrightarrow"), "←": (r"\underleftarrow", r"\underleftarrow"),
}  # fmt: skip

# MathML 3, section 3.2.2: values of mathvariant, and what MathJax writes there for its own fonts.
VARIANTS = {
    "normal": r"\mathrm", "bold": r"\mathbf", "bold-italic": r"\boldsymbol", "double-struck": r"\mathbb",
    "script": r"\mathcal", "bold-script": r"\mathbf", "fraktur": r"\mathfrak", "bold-fraktur": r"\mathfrak",
    "sans-serif": r"\mathsf", "bold-sans-serif": r"\mathsf", "sans-serif-italic": r"\mathsf",
    "sans-serif-bold-italic": r"\mathsf", "monospace": r"\mathtt", "-tex-calligraphic": r"\mathcal",
    "-tex-bold-calligraphic": r"\mathcal", "-tex-mathit": r"\mathit", "-tex-oldstyle": "", "italic": "",
}  # fmt: skip
# The same styles as the names of Unicode's mathematical alphabets give them; the first that fits is taken.
_STYLES = (
    ("DOUBLE-STRUCK", r"\mathbb"), ("FRAKTUR", r"\mathfrak"), ("BLACK-LETTER", r"\mathfrak"), ("SCRIPT", r"\mathcal"),
    ("MONOSPACE", r"\mathtt"), ("SANS-SERIF", r"\mathsf"), ("BOLD ITALIC", r"\boldsymbol"), ("BOLD", r"\mathbf"),
)  # fmt: skip
_WORD_AT_END = re.compile(r"\\[A-Za-z]+\Z")
_TEXT_SPECIALS = re.compile(r"[\\{}$&#%_^~]")
_TEXT_NAMES = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


def ends_in_command(tex: str) -> bool:
    """Whether a letter written right after ``tex`` would be read as part of a command's name."""
    return tex[-1:].isalpha() and _WORD_AT_END.search(tex[-24:]) is not None


def joined(left: str, right: str) -> str:
    """The two one after the other, with a blank where TeX needs one."""
    return f"{left} {right}" if right[:1].isalpha() and ends_in_command(left) else left + right


def escaped_text(text: str) -> str:
    """``text`` for the inside of ``\\text{…}``."""
    return _TEXT_SPECIALS.sub(lambda match: _TEXT_NAMES.get(match[0], "\\" + match[0]), text)


def _styled(character: str) -> tuple[str, str]:
    """A letter of Unicode's mathematical alphabets as (plain letter, command of its style or "")."""
    plain = unicodedata.normalize("NFKD", character)
    raised = unicodedata.decomposition(character).startswith(
        ("<super>", "<sub>")
    )  # without that they mean another thing
    if len(plain) != 1 or plain == character or not plain.isalnum() or raised:
        return character, ""
    name = unicodedata.name(character, "")
    return plain, next((command for word, command in _STYLES if word in name), "")


def character(symbol: str) -> str:
    """TeX of one character. Without a name in TeX it stands for itself, in ``\\text`` if it is a letter of a script
    that mathematics doesn't use."""
    known = SYMBOLS.get(symbol)
    if known is not None:
        return known
    if symbol < "\x80":
        return max(" ", symbol)
    plain, style = _styled(symbol)
    if plain != symbol:
        return in_style(style, SYMBOLS.get(plain, plain))
    return rf"\text{{{symbol}}}" if symbol.isalpha() and symbol > "\u036f" else symbol


def in_style(command: str, tex: str) -> str:
    """``tex`` inside a font command such as ``\\mathbf``; Greek and signs have a bold of their own."""
    if not command:
        return tex
    if command == r"\mathbf" and tex.startswith("\\"):
        command = r"\boldsymbol"
    return f"{command}{{{tex}}}"


def characters(text: str) -> str:
    """TeX of a run of characters."""
    if text.isascii() and text.isalnum():
        return text
    out: list[str] = []
    for symbol in text:
        tex = character(symbol)
        if out and tex[:1].isalpha() and ends_in_command(out[-1]):
            out.append(" ")
        out.append(tex)
    return "".join(out)
