"""HTML bytes in, plain text out.

    from parsers import extract
    page = extract(html, url="https://…", content_type="text/html; charset=utf-8")
    page.text, page.title, page.spans

A page that would cost too much is refused before it is parsed (:mod:`parsers.limits`): :class:`PageTooCostly` says why.
Several parsers stand behind the one interface, so that they can be compared on one crawl; :func:`load` finds one by
the name that recipes use. :func:`explain` says of each block of a page why our own keeps it or not. :mod:`parsers.sandbox` runs any of them in a process that may hang or die.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from parsers.extracted import ALT_TEXTS, Extracted
from parsers.limits import PageLimits, PageTooCostly, check

if TYPE_CHECKING:
    from parsers.explanation import ExplainedBlock

__all__ = [
    "ALT_TEXTS",
    "DEFAULT",
    "LIMITS",
    "PARSERS",
    "Extracted",
    "PageLimits",
    "PageTooCostly",
    "Parser",
    "explain",
    "extract",
    "load",
    "require",
]

Parser = Callable[[bytes, str, str], Extracted]

PARSERS = {
    "gristmill": "parsers.backends.gristmill_backend",
    "trafilatura": "parsers.backends.trafilatura_backend",
    "resiliparse": "parsers.backends.resiliparse_backend",
}
DEFAULT = "gristmill"
LIMITS = PageLimits()


def load(name: str, alt_text: str = "formulas", limits: PageLimits | None = LIMITS) -> Parser:
    """The ``extract`` function of the parser called ``name``: one of :data:`PARSERS`, or a module of one's own by its
    full dotted name (``package.module``). ``alt_text`` is handed to it if it is not the default: "all" makes text of
    all alternative texts of images that say something. Raises ``ValueError`` where there is no such parser, or none
    that knows what to do with ``alt_text``.

    What is returned raises :class:`PageTooCostly` for a page over ``limits``, before the parser sees it; ``None`` is for
    those who have checked it themselves.
    """
    if name not in PARSERS and "." not in name:
        raise ValueError(
            f"there is no parser called {name!r}; choose one of {', '.join(PARSERS)}, or name a package.module"
        )
    try:
        function = importlib.import_module(PARSERS.get(name, name)).extract
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the parser {name!r} can't be loaded: {error}") from error
    _check_alt_text(alt_text)
    if alt_text != ALT_TEXTS[0]:
        function = _with_alt_text(name, function, alt_text)
    return function if limits is None else partial(_within, limits, function)


def require(name: str, alt_text: str = "formulas") -> None:
    """Raises ``ValueError`` where :func:`load` would. Our own parser is there, and not loaded for that, which takes a quarter
    of a second."""
    if name == DEFAULT:
        _check_alt_text(alt_text)
    else:
        load(name, alt_text)


def _check_alt_text(alt_text: str) -> None:
    if alt_text not in ALT_TEXTS:
        raise ValueError(f"alt_text is one of {', '.join(ALT_TEXTS)}, and not {alt_text!r}")


def _with_alt_text(name: str, function: Parser, alt_text: str) -> Parser:
    if "alt_text" not in inspect.signature(function).parameters:
        raise ValueError(f"the parser {name!r} can't give alternative texts: with it, alt_text is {ALT_TEXTS[0]}")
    takes_it: Callable[..., Extracted] = function
    return partial(takes_it, alt_text=alt_text)


def _within(limits: PageLimits, function: Parser, html: bytes, url: str = "", content_type: str = "") -> Extracted:
    check(html, limits)
    return function(html, url, content_type)


def extract(
    html: bytes,
    url: str = "",
    content_type: str = "",
    *,
    alt_text: str = "formulas",
    limits: PageLimits | None = LIMITS,
) -> Extracted:
    """The main content of one page, by the default parser.

    ``html`` is the page as crawled (transfer and content encodings undone), ``content_type`` the HTTP header's value,
    ``alt_text`` and ``limits`` as in :func:`load`. Raises :class:`PageTooCostly` for a page over the limits.
    """
    from parsers.backends.gristmill_backend import extract as extracted  # loads numba

    _check_alt_text(alt_text)
    if limits is not None:
        check(html, limits)
    return extracted(html, url, content_type, alt_text=alt_text)


def explain(
    html: bytes,
    url: str = "",
    content_type: str = "",
    *,
    alt_text: str = "formulas",
    limits: PageLimits | None = LIMITS,
) -> list[ExplainedBlock]:
    """The blocks of one page in its order, and what decided about each: those that are kept make up the text that
    :func:`extract` gives, whose arguments and errors these are. See :mod:`parsers.explanation`."""
    from parsers.explanation import explain as explained  # loads numba, as parsers are loaded when asked for

    if limits is not None:
        check(html, limits)
    _check_alt_text(alt_text)
    return explained(html, url, content_type, alt_text=alt_text)
