"""HTML bytes in, plain text out.

    from parsers import extract
    page = extract(html, url="https://…", content_type="text/html; charset=utf-8")
    page.text, page.title, page.spans

Several parsers stand behind the one interface, so that they can be compared on one crawl; :func:`load` finds one by
the name that recipes use. :mod:`parsers.isolation` runs any of them in a process that may hang or die.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from parsers.extracted import Extracted

Parser = Callable[[bytes, str, str], Extracted]

PARSERS = {
    "gristmill": "parsers.gristmill_parser",
    "trafilatura": "parsers.trafilatura_parser",
    "resiliparse": "parsers.resiliparse_parser",
}
DEFAULT = "gristmill"


def load(name: str) -> Parser:
    """The ``extract`` function of the parser called ``name``: one of :data:`PARSERS`, or a module of one's own by its
    full dotted name (``package.module``). Raises ``ValueError`` where there is none.
    """
    if name not in PARSERS and "." not in name:
        raise ValueError(
            f"there is no parser called {name!r}; choose one of {', '.join(PARSERS)}, or name a package.module"
        )
    try:
        return importlib.import_module(PARSERS.get(name, name)).extract
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the parser {name!r} can't be loaded: {error}") from error


def extract(html: bytes, url: str = "", content_type: str = "") -> Extracted:
    """The main content of one page, by the default parser.

    ``html`` is the page as crawled (transfer and content encodings undone), ``content_type`` the HTTP header's value.
    """
    return load(DEFAULT)(html, url, content_type)
