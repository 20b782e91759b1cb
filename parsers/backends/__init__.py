"""Parsers that stand behind the one interface: each module has ``extract(html, url, content_type) -> Extracted``.

:data:`parsers.PARSERS` lists them by the names that recipes use. One more is a module here and a line there.

``gristmill_backend``    our own: ``extract``, and ``parse`` for those who want the page's blocks
``trafilatura_backend``  trafilatura (Barbaresi 2021)
``resiliparse_backend``  resiliparse (Bevendorff et al. 2018)
"""
