"""Domains in, membership out: lists of sites in any published form, looked up in one mapped file, and fetched anew.

:func:`load` opens lists by name or path as one :class:`BlockList`; :mod:`blocklists.installed` and :mod:`blocklists.update`
keep those that were fetched. :func:`registrable_domain` says what the word "domain" means everywhere.
"""

from blocklists.domain import normalise_host, registrable_domain
from blocklists.lists import BlockList, load, shipped

__all__ = ["BlockList", "load", "normalise_host", "registrable_domain", "shipped"]
