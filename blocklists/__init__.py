"""Domains in, membership out: the lists, their loader, and the public suffix list behind the word "domain"."""

from blocklists.domain import normalise_host, registrable_domain
from blocklists.lists import DomainList, load, shipped

__all__ = ["DomainList", "load", "normalise_host", "registrable_domain", "shipped"]
