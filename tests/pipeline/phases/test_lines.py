"""Lines are counted apart by language, and within a language by bucket."""

from __future__ import annotations

import dataclasses

from pipeline.commit import Manifest, Receipt
from pipeline.phases.lines import Buckets
from pipeline.run_state import RunState
from recipes import load


def buckets(bucket_documents: int, *languages: dict[str, int]) -> Buckets:
    """The buckets of a run whose input files held so many documents of each language."""
    recipe = load("llama3")
    recipe = dataclasses.replace(recipe, lines=dataclasses.replace(recipe.lines, bucket_documents=bucket_documents))
    receipts = tuple(
        Receipt(f"file-{number:06d}", [], {"languages": counts}) for number, counts in enumerate(languages)
    )
    return Buckets(RunState("/nowhere", recipe, (), {"extract": Manifest("extract", receipts)}))


def identity(number: int) -> str:
    return f"{number:032x}"


def test_languages_are_counted_apart() -> None:
    deal = buckets(1000, {"en": 5, "de": 5})
    assert deal.salt("en", identity(1)) != deal.salt("de", identity(1))


def test_a_bucket_is_one_salt_for_all_its_documents() -> None:
    deal = buckets(1000, {"en": 1000})
    assert len({deal.salt("en", identity(number)) for number in range(50)}) == 1


def test_a_language_has_as_many_buckets_as_its_documents_need() -> None:
    for documents, expected in ((10, 1), (11, 2), (20, 2), (21, 3)):
        deal = buckets(10, {"en": documents - 5}, {"en": 5, "de": 100})
        assert len({deal.salt("en", identity(number)) for number in range(100)}) == expected
    assert len({deal.salt("de", identity(number)) for number in range(100)}) == 10


def test_buckets_are_dealt_by_the_end_of_an_id() -> None:
    deal = buckets(1, {"en": 7})
    salts = [deal.salt("en", identity(number)) for number in range(14)]
    assert salts[:7] == salts[7:] and len(set(salts)) == 7
    assert deal.salt("en", identity(3 + (1 << 32))) == salts[3]
