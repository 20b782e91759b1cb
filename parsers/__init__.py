"""HTML bytes in, plain text out.

    from parsers import extract
    page = extract(html, url="https://…", content_type="text/html; charset=utf-8")
    page.text, page.title, page.spans

Several parsers stand behind the one interface, so that they can be compared on one crawl; :func:`load` finds one by
the name that recipes use. :mod:`parsers.sandbox` runs any of them in a process that may hang or die.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from functools import partial

from parsers.extracted import ALT_TEXTS, Extracted

Parser = Callable[[bytes, str, str], Extracted]

PARSERS = {
    "gristmill": "parsers.backends.gristmill_backend",
    "trafilatura": "parsers.backends.trafilatura_backend",
    "resiliparse": "parsers.backends.resiliparse_backend",
}
DEFAULT = "gristmill"


def load(name: str, alt_text: str = "formulas") -> Parser:
    """The ``extract`` function of the parser called ``name``: one of :data:`PARSERS`, or a module of one's own by its
    full dotted name (``package.module``). ``alt_text`` is handed to it if it is not the default: "all" makes text of
    all alternative texts of images that say something. Raises ``ValueError`` where there is no such parser, or none
    that knows what to do with ``alt_text``.
    """
    if name not in PARSERS and "." not in name:
        raise ValueError(
            f"there is no parser called {name!r}; choose one of {', '.join(PARSERS)}, or name a package.module"
        )
    try:
        function = importlib.import_module(PARSERS.get(name, name)).extract
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the parser {name!r} can't be loaded: {error}") from error
    if alt_text not in ALT_TEXTS:
        raise ValueError(f"alt_text is one of {', '.join(ALT_TEXTS)}, and not {alt_text!r}")
    if alt_text == ALT_TEXTS[0]:
        return function
    if "alt_text" not in inspect.signature(function).parameters:
        raise ValueError(f"the parser {name!r} can't give alternative texts: with it, alt_text is {ALT_TEXTS[0]}")
    return partial(function, alt_text=alt_text)


def extract(html: bytes, url: str = "", content_type: str = "", *, alt_text: str = "formulas") -> Extracted:
    """The main content of one page, by the default parser.

    ``html`` is the page as crawled (transfer and content encodings undone), ``content_type`` the HTTP header's value,
    ``alt_text`` as in :func:`load`.
    """
    return load(DEFAULT, alt_text)(html, url, content_type)
