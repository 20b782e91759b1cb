"""What a recipe may say: one dataclass per stage of the way of a page.

Field names are the YAML's keys. ``Bound`` gives the range in which a number makes sense; recipes/llama3.yaml says for
every number where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from recipes.reader import Bound

Count = Annotated[int, Bound(1, 2**62)]
Share = Annotated[float, Bound(0.0, 1.0)]
Positive = Annotated[float, Bound(1e-9, 1e18)]


@dataclass(frozen=True)
class Read:
    """``max_record_bytes``: a larger HTTP body is rejected. ``keep_truncated``: keep pages that the crawler cut.
    ``common_crawl``: a URL or folder below which the files lie that inputs such as ``cc:CC-MAIN-2026-30/warc`` name."""

    max_record_bytes: Count
    keep_truncated: bool
    common_crawl: str = "https://data.commoncrawl.org"


@dataclass(frozen=True)
class Block:
    """``lists``: names of shipped or installed lists, or paths. ``allow``: lists of sites that stay whatever a list or a word
    says; ``trusted`` ships. ``hard_words`` and ``soft_words``: words that condemn an address, one hard one or
    ``soft_count`` different soft ones: ``shipped``, the path of a file with a word a line, or null."""

    lists: list[str]
    allow: list[str] = field(default_factory=list)
    hard_words: str | None = None
    soft_words: str | None = None
    soft_count: Count = 2

    def __post_init__(self) -> None:
        if not (self.lists or self.hard_words or self.soft_words):
            raise ValueError("lists is empty, so nothing could ever be blocked; name a list or set block to null")


@dataclass(frozen=True)
class Extract:
    """``alt_text``: which alternative texts of images are text, ``formulas`` or ``all``; that asks for our own parser.
    ``seconds`` and ``memory_mb`` are backstops per page; ``max_tags`` and ``max_depth`` decide before it is parsed."""

    parser: str
    alt_text: str
    max_tags: Count
    max_depth: Count
    memory_mb: Annotated[int, Bound(64, 1 << 20)]
    seconds: Positive
    max_undecodable: Share
    min_words: Annotated[int, Bound(0, 2**31)]


@dataclass(frozen=True)
class Identify:
    """``languages``: ISO 639 codes to keep, or null for all."""

    min_score: Share
    languages: list[str] | None

    def __post_init__(self) -> None:
        if self.languages == []:
            raise ValueError("languages is empty, so every page would go; name languages, or null for all")


@dataclass(frozen=True)
class DomainPage:
    """From where on a single page counts as bad: hits, different entries hit, and hits per 1000 words, all reached."""

    pii_values: Count
    pii_per_1000_words: Positive
    adult_hits: Count
    adult_distinct: Count
    adult_per_1000_words: Positive
    harm_hits: Count
    harm_distinct: Count
    harm_per_1000_words: Positive


@dataclass(frozen=True)
class Domains:
    """A domain of ``min_pages`` or more goes when the share of its bad pages of a kind is above that kind's number."""

    min_pages: Count
    pii: Share
    adult: Share
    harm: Share
    page: DomainPage


@dataclass(frozen=True)
class Urls:
    """``rules``: what canonical URLs fold, of the rules in dedup/url.py; the newest capture of each stays."""

    rules: list[str]


@dataclass(frozen=True)
class Documents:
    """``bands * rows`` is the length of a signature; ``min_similarity`` is a Jaccard similarity of shingles.

    A shingle is so many words, in documents of fewer than ``short_words`` so many characters. ``survivor``: who stays,
    by these criteria in turn (newest, oldest, longest, shortest). ``edges_per_worker``: with more candidate pairs,
    components are found by all workers.
    """

    bands: Annotated[int, Bound(1, 1024)]
    rows: Annotated[int, Bound(1, 64)]
    min_similarity: Share
    shingle_words: Annotated[int, Bound(1, 100)]
    short_words: Annotated[int, Bound(0, 2**31)]
    shingle_characters: Annotated[int, Bound(1, 1000)]
    fold_numbers: bool
    within_language: bool
    survivor: list[str]
    edges_per_worker: Annotated[int, Bound(0, 2**31)]


@dataclass(frozen=True)
class Lines:
    """A line goes when more than ``max_count`` documents of a bucket have it."""

    bucket_documents: Count
    max_count: Count
    max_removed_share: Share
    min_words: Annotated[int, Bound(0, 2**31)]


@dataclass(frozen=True)
class Tokenise:
    """``tokenizer``: a shipped one's name, or the path of a tokenizer.json or a Llama 3 tokenizer.model."""

    tokenizer: str
    held_out_per_10000: Annotated[int, Bound(0, 10_000)]


@dataclass(frozen=True)
class Mix:
    """``targets``: wanted shares of tokens by class, and ``languages`` of some languages among them; ``max_weight`` and
    ``min_weight``: epochs of a document at the most and at the least; ``max_domain_share``: of all tokens, by domain."""

    targets: dict[str, Share]
    max_weight: Positive
    min_weight: Positive = 0.05
    languages: dict[str, Share] | None = None
    max_domain_share: Annotated[float, Bound(1e-9, 1.0)] | None = None

    def __post_init__(self) -> None:
        if self.min_weight > self.max_weight:
            raise ValueError(f"min_weight is {self.min_weight:g}, above max_weight, which is {self.max_weight:g}")
        if (named := sum((self.languages or {}).values())) > 1 + 1e-6:
            raise ValueError(f"languages add up to {named:g}, and their shares can't be more than 1")
        total = sum(self.targets.values())
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"targets must add up to 1, and add up to {total:g}")


@dataclass(frozen=True)
class Shards:
    """``shard_bytes``: text bytes per output shard."""

    shard_bytes: Count


@dataclass(frozen=True)
class Output:
    """``keep_work``: keep extracted text and token runs when the run is finished."""

    keep_work: bool = False


@dataclass(frozen=True)
class Recipe:
    """A whole run. A stage that is ``None`` is left out; those that may not be ``None`` can't be."""

    name: str
    source: str
    read: Read
    extract: Extract
    tokenise: Tokenise
    shards: Shards
    urls: Urls
    block: Block | None = None
    identify: Identify | None = None
    domains: Domains | None = None
    documents: Documents | None = None
    lines: Lines | None = None
    heuristics: dict[str, dict[str, Any]] | None = field(default_factory=dict)
    quality: dict[str, Any] | None = None
    mix: Mix | None = None
    output: Output = field(default_factory=Output)
