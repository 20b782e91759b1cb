"""Domains in, membership out: the lists, their loader, and the public suffix list behind the word "domain"."""
