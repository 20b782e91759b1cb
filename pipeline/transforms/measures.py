"""What later phases compare documents by, measured where their text is in memory: keys of URLs, signatures.

Extraction measures it; where a run goes on from a finished one, :func:`unmeasured` says what must be measured again.
"""

from __future__ import annotations

from typing import Any

from dedup.minhash import signature
from dedup.shingles import Shingling, shingle_hashes, shortest_beside_longer
from dedup.url import canonical_url
from recipes import Recipe
from recipes.schema import Documents
from text.document import Document
from text.hashing import hash128_hex


def unmeasured(before: Recipe, now: Recipe) -> list[str]:
    """Keys by which the phases behind this one would want other measures of documents than ``before`` has taken."""
    listed = before.domains.listed if before.domains else []
    wanted = {
        "urls.rules": now.urls.rules != before.urls.rules,
        "documents": now.documents is not None and _signed_by(now) != _signed_by(before),
        "domains.listed": now.domains is not None and now.domains.listed != listed,
    }
    return [key for key, is_new in wanted.items() if is_new]


def url_key(url: str, recipe: Recipe) -> str:
    """What captures of one page have in common."""
    return hash128_hex(canonical_url(url, recipe.urls.rules))


def signatures(document: Document, recipe: Recipe) -> dict[str, bytes]:
    """The MinHash signatures by which documents are compared, by their columns; none where the recipe compares none."""
    if not recipe.documents:
        return {}
    places = recipe.documents.bands * recipe.documents.rows
    hashes_of = shingle_hashes(document.view, document.language, shingling(recipe.documents))
    return {f"signature_of_{kind}": signature(hashes, places).tobytes() for kind, hashes in hashes_of.items()}


def _signed_by(recipe: Recipe) -> Any:
    """What a document's signatures follow from."""
    settings = recipe.documents
    return settings and (settings.bands * settings.rows, shingling(settings))


def shingling(settings: Documents) -> Shingling:
    """How the recipe wants documents cut into shingles."""
    both_from = shortest_beside_longer(settings.short_words, settings.shingle_words, settings.min_similarity)
    return Shingling(
        settings.shingle_words, settings.short_words, settings.shingle_characters, settings.fold_numbers, both_from
    )
