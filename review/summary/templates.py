"""Figures in the order in which the law asks for them.

EU: the European Commission's "Template for the Public Summary of Training Content" of July 2025, under Article 53(1)(d)
of Regulation (EU) 2024/1689; its numbers of sections, ranges of sizes and shares of domains are kept. California:
Assembly Bill 2013, Civil Code § 3111 (a)(1) to (12). What a run can't know is marked as such, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from pipeline.json_pieces import Entries
from review.summary.measure import Measured, Size

UNKNOWN = "[not known from the run: to be stated by the provider]"
SHOWN_DOMAINS = 1000
"""Domains in the Markdown; the JSON has all of the share that is asked for."""
_RANGES = ((10**9, "less than 1 billion tokens"), (10**13, "1 billion to 10 trillion tokens"))
_SCREENS = ("domains", "block", "decisions")


def size_range(tokens: int) -> str:
    """The template's range for text (section 1.3)."""
    return next((name for limit, name in _RANGES if tokens < limit), "more than 10 trillion tokens")


def domain_share(small_provider: bool) -> tuple[float, int | None]:
    """The share of domains to be listed, and how many at most (section 2.3): a tenth; of small and medium-sized
    providers a twentieth or 1,000, whichever is less."""
    return (0.05, 1000) if small_provider else (0.1, None)


def as_json(found: Measured, small_provider: bool = False) -> dict[str, Any]:
    """All figures; sections of the two templates refer to them. Domains are listed as they are asked for
    (:func:`pipeline.json_pieces.texts`)."""
    share, most = domain_share(small_provider)
    domains = {
        "kept": len(found.domains), "listed_share": share, "listed_at_most": most,
        "listed": Entries(lambda: ({"domain": name, "bytes": size} for name, size in found.top_domains(share, most))),
    }  # fmt: skip
    months = sorted(found.months)
    return {
        "size": asdict(found.total),
        "size_range": size_range(found.total.tokens),
        "tokenizers": sorted(found.tokenizers),
        "by_language": {name: asdict(size) for name, size in _ordered(found.by_language)},
        "by_class": {name: asdict(size) for name, size in _ordered(found.by_class)},
        "collected": {"first": months[0] if months else None, "last": months[-1] if months else None,
                      "documents_by_month": {month: found.months[month] for month in months},
                      "undated": found.undated},
        "domains": domains,
        "records": dict(sorted(found.records.items())),
        "rejected": dict(sorted(found.rejected.items())),
        "words_removed": dict(sorted(found.words_removed.items())),
        "inputs": found.inputs,
        "sources": sorted({recipe.get("source", "web") for recipe in found.recipes}),
        "block_lists": sorted({name for recipe in found.recipes for name in (recipe.get("block") or {}).get("lists", ())}),
        "personal_data": {"replaced": [bool(recipe.get("redact")) for recipe in found.recipes],
                          "rejected": _sum(found, ("domains/pii",))},
        "unknown": ["provider", "model", "crawlers and their behaviour", "opt-out protocols observed while crawling",
                    "licences of pages", "other data sets, user data and synthetic data of the same model"],
    }  # fmt: skip


def as_markdown(found: Measured, small_provider: bool = False) -> str:
    """A draft of both summaries, in which :data:`UNKNOWN` marks what is left to say."""
    return "\n".join([*_eu(found, small_provider), "", *_ab2013(found)]) + "\n"


def _eu(found: Measured, small_provider: bool) -> Iterator[str]:
    figures = as_json(found, small_provider)
    total, collected = found.total, figures["collected"]
    yield "# Public summary of training content (Regulation (EU) 2024/1689, Article 53(1)(d)): draft"
    yield ""
    yield "Figures are of the documents that finished runs of gristmill kept; a page that two runs kept counts twice."
    yield from ("", "## 1. General information", "", f"1.1 Provider: {UNKNOWN}", "", f"1.2 Model: {UNKNOWN}", "")
    yield "1.3 Modalities, size, characteristics"
    yield ""
    yield f"- Modality: text. Size: {figures['size_range']} ({total.tokens:,} tokens of {_names(found.tokenizers)})."
    yield f"- {total.documents:,} documents, {total.words:,} words, {total.bytes:,} bytes of UTF-8."
    yield "- Types of content: text of web pages, with source code, formulas and tables in it."
    yield f"- Latest date of collection: {collected['last'] or UNKNOWN}."
    yield ""
    yield from _table("Language", figures["by_language"])
    yield ""
    yield from _table("Class", figures["by_class"])
    yield from ("", "## 2. List of data sources", "", f"2.1 Publicly available data sets: {UNKNOWN}", "")
    yield f"2.2 Private data sets of third parties: {UNKNOWN}"
    yield from ("", "2.3 Data crawled and scraped from online sources", "")
    yield f"- Crawlers, their purpose and behaviour (robots.txt, captchas, paywalls): {UNKNOWN}"
    yield f"- Period of collection: {collected['first'] or UNKNOWN} to {collected['last'] or UNKNOWN}, by the dates of the captures."
    yield f"- {found.records['read']:,} records of {found.inputs:,} files were read, {found.records['kept']:,} kept."
    yield f"- Pages of {len(found.domains):,} domains were kept. {_share_words(figures['domains'])}"
    yield ""
    yield from ("| Domain | bytes of text |", "|---|---:|")
    for name, size in islice(found.top_domains(*domain_share(small_provider)), SHOWN_DOMAINS):
        yield f"| {name} | {size:,} |"
    more = found.top_count(*domain_share(small_provider)) - SHOWN_DOMAINS
    if more > 0:
        yield ""
        yield f"and {more:,} more: see `domains.listed` of `gristmill summary --json`."
    yield from ("", f"2.4 User data: {UNKNOWN}", "", f"2.5 Synthetic data: {UNKNOWN}", "")
    yield from (f"2.6 Other sources of data: {UNKNOWN}", "")
    yield from ("## 3. Data processing", "", "3.1 Rights reserved against text and data mining", "")
    yield f"- Protocols that the crawler observed: {UNKNOWN}"
    yield f"- Pages that lists or people excluded: {_sum(found, ('block/', 'decisions/')):,}. Lists: {_names(figures['block_lists'])}."
    yield from ("", "3.2 Removal of illegal content, and of personal data", "")
    screened = {k: v for k, v in figures["rejected"].items() if k.partition("/")[0] in _SCREENS}
    for outcome, count in screened.items():
        yield f"- {outcome}: {count:,} records."
    if not screened:
        yield "- No record went for its domain, a block list or a person's decision."
    yield f"- Personal data in kept texts were replaced by placeholders: {_yes(figures['personal_data']['replaced'])}."
    yield from ("", "3.3 Other processing", "", "| stage/reason | records | words |", "|---|---:|---:|")
    for outcome in sorted({*figures["rejected"], *figures["words_removed"]} - set(screened)):
        yield f"| {outcome} | {found.rejected[outcome]:,} | {found.words_removed[outcome]:,} |"


def _ab2013(found: Measured) -> Iterator[str]:
    months = sorted(found.months)
    yield "# Training data documentation (California Civil Code § 3111, AB 2013): draft"
    yield ""
    answers = (
        f"Sources or owners: web pages of {len(found.domains):,} domains; owners {UNKNOWN}",
        f"How the data further the intended purpose: {UNKNOWN}",
        f"Number of data points: {found.total.documents:,} documents",
        "Types of data points: plain text of web pages with language, class, URL and date of capture; not labelled",
        f"Protected by copyright, trademark or patent: {UNKNOWN} (pages of the web are, as a rule)",
        f"Purchased or licensed: {UNKNOWN}",
        (
            "Personal information: pages of the web may hold it. "
            f"{_sum(found, ('domains/pii',)):,} records went with domains that publish much of it; placeholders in kept texts: "
            f"{_yes([bool(recipe.get('redact')) for recipe in found.recipes])}"
        ),
        f"Aggregate consumer information: {UNKNOWN}",
        (
            f"Cleaning and processing: {found.records['rejected']:,} of {found.records['read']:,} records rejected, "
            f"{sum(found.words_removed.values()):,} words removed, duplicates among them; by reason in the table above"
        ),
        f"Collected: {months[0] if months else UNKNOWN} to {months[-1] if months else UNKNOWN}; ongoing: {UNKNOWN}",
        f"First used: {UNKNOWN}",
        f"Synthetic data: {UNKNOWN}; none is made by a run of the pipeline",
    )
    for number, answer in enumerate(answers, 1):
        yield f"{number}. {answer}."


def _table(title: str, sizes: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield f"| {title} | documents | words | bytes | tokens |"
    yield "|---|---:|---:|---:|---:|"
    for name, size in sizes.items():
        yield (
            f"| {name or 'unknown'} | "
            + " | ".join(f"{size[key]:,}" for key in ("documents", "words", "bytes", "tokens"))
            + " |"
        )


def _ordered(sizes: Mapping[str, Size]) -> list[tuple[str, Size]]:
    return sorted(sizes.items(), key=lambda entry: (-entry[1].documents, entry[0]))


def _share_words(domains: Mapping[str, Any]) -> str:
    most = f", at most {domains['listed_at_most']:,}" if domains["listed_at_most"] else ""
    return f"The {domains['listed_share']:.0%} with most text{most}:"


def _sum(found: Measured, beginnings: tuple[str, ...]) -> int:
    return sum(count for outcome, count in found.rejected.items() if outcome.startswith(beginnings))


def _names(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


def _yes(each: list[bool]) -> str:
    return "yes" if each and all(each) else "in some runs" if any(each) else "no"
