"""What a recipe may say: one dataclass per stage of the way of a page.

Field names are the YAML's keys. ``Bound`` gives the range in which a number makes sense; recipes/llama3.yaml says for
every number where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from recipes.reader import Bound

Count = Annotated[int, Bound(1, 2**62)]
Share = Annotated[float, Bound(0.0, 1.0)]
Positive = Annotated[float, Bound(1e-9, 1e18)]

# Whose national telephone formats are tried: ISO 3166.
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "BR", "IN")


@dataclass(frozen=True)
class Read:
    """``max_record_bytes``: a larger HTTP body is rejected. ``keep_truncated``: keep pages that the crawler cut.
    ``unit_bytes``: a worker extracts about so much of a crawl at once; a killed one does it again.
    ``common_crawl``: a URL or folder below which the files lie that inputs such as ``cc:CC-MAIN-2026-30/warc`` name."""

    max_record_bytes: Count
    keep_truncated: bool
    unit_bytes: Count = 64 << 20
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


HEADLINES = ("keep", "drop")


@dataclass(frozen=True)
class Extract:
    """``alt_text``: which alternative texts of images are text, ``formulas`` or ``all``; that asks for our own parser.
    ``headline``: whether the page's headline is text, ``keep`` or ``drop``; only our own parser knows which line it is.
    ``seconds`` and ``memory_mb`` are backstops per page; ``max_tags`` and ``max_depth`` decide before it is parsed."""

    parser: str
    alt_text: str
    max_tags: Count
    max_depth: Count
    memory_mb: Annotated[int, Bound(64, 1 << 20)]
    seconds: Positive
    max_undecodable: Share
    min_words: Annotated[int, Bound(0, 2**31)]
    headline: str = "keep"

    def __post_init__(self) -> None:
        if self.headline not in HEADLINES:
            raise ValueError(f"headline is one of {', '.join(HEADLINES)}, and not {self.headline!r}")


@dataclass(frozen=True)
class Identify:
    """``languages``: ISO 639 codes to keep, or null for all. ``model``: a fastText model of languages by its path, or null
    for lid.176 with our own beside it. ``groups``: languages that count as one, by the name that stands for them.
    ``mixed_share``: from so much of its words on, a second language marks a document as mixed; null looks for none.
    ``before_parsing``: where ``languages`` are named, a page of which all that its markup shows is surely in others goes without
    being parsed."""

    min_score: Share
    languages: list[str] | None
    model: str | None = None
    groups: dict[str, list[str]] | None = None
    mixed_share: Share | None = 0.2
    before_parsing: bool = True

    def __post_init__(self) -> None:
        if self.languages == []:
            raise ValueError("languages is empty, so every page would go; name languages, or null for all")


@dataclass(frozen=True)
class Classes:
    """From which score on a document is of the class ``code`` or ``math`` (:mod:`filters.content_class`): half of it takes in
    twice as weak marks; a million takes in nothing."""

    code: Positive = 1.0
    math: Positive = 1.0


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
class Personal:
    """Which personal data count: ``kinds`` of email, phone, card, iban, ssn, ip; ``regions`` whose national telephone formats
    are tried (ISO 3166)."""

    kinds: list[str] = field(default_factory=lambda: ["email", "phone", "card", "iban", "ssn", "ip"])
    regions: list[str] = field(default_factory=lambda: list(_REGIONS))


@dataclass(frozen=True)
class Classifier:
    """A fastText model (a file) or a transformer (a folder) as evidence: a page is of ``kind`` (adult or harm) where it gives
    ``label`` at least ``at_least``. ``max_tokens``: how much of a page a transformer gets."""

    path: str
    label: str
    kind: Literal["adult", "harm"]
    at_least: Share = 0.5
    max_tokens: Annotated[int, Bound(2, 1 << 20)] = 512


@dataclass(frozen=True)
class Domains:
    """A domain of ``min_pages`` or more goes when it is surer than ``confidence`` that more than its kind's share of its pages
    is bad; surer than ``review``, people should look at it. ``worst``: instead of ``confidence``, that share of all judged
    domains goes, the worst by score. ``sample_pages``: so many pages of a domain are looked at, chosen by id. ``listed``:
    block lists to whose sites links count against a domain. ``pages_per_range``: of a larger crawl the table of domains is
    written by ranges of their names, one for each so many pages; what is written is the same."""

    min_pages: Count
    pii: Share
    adult: Share
    harm: Share
    page: DomainPage
    confidence: Share = 0.9
    review: Share = 0.5
    worst: Share | None = None
    sample_pages: Count = 500
    pages_per_range: Count = 1_000_000
    listed: list[str] = field(default_factory=lambda: ["adult"])
    personal: Personal = field(default_factory=Personal)
    classifiers: list[Classifier] = field(default_factory=list)


@dataclass(frozen=True)
class Urls:
    """``rules``: what canonical URLs fold, of the rules in dedup/url.py; the newest capture of each stays."""

    rules: list[str]


@dataclass(frozen=True)
class Documents:
    """``bands * rows`` is the length of a signature; ``min_similarity`` is a Jaccard similarity of shingles. A document
    stays where more than ``max_unique_share`` of its words, and ten or more, stand nowhere in the survivor.

    A shingle is so many words, in documents of fewer than ``short_words`` so many characters. ``survivor``: who stays,
    by these criteria in turn (newest, oldest, longest, shortest). ``edges_per_worker``: with more candidate pairs,
    components are found by all workers.
    """

    bands: Annotated[int, Bound(1, 1024)]
    rows: Annotated[int, Bound(1, 64)]
    min_similarity: Share
    max_unique_share: Share
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
class Redact:
    """Personal data in documents and tokens become placeholders. ``kinds`` of email, phone, card, iban, ssn, ip, national_id;
    ``regions`` whose national telephone formats are tried (ISO 3166)."""

    kinds: list[str] = field(default_factory=lambda: ["email", "phone", "card", "iban", "ssn", "ip", "national_id"])
    regions: list[str] = field(default_factory=lambda: list(_REGIONS))


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
    """``shard_bytes``: text bytes per output shard. ``fan_in``: from so many files a worker merges at once; of more
    parts than that, rows are merged in passes before a shard is written."""

    shard_bytes: Count
    fan_in: Annotated[int, Bound(2, 4096)] = 128


@dataclass(frozen=True)
class KeepRejected:
    """``texts``: of so many records of each stage and reason, those with the smallest ids, the text stays."""

    texts: Annotated[int, Bound(1, 10_000)] = 200


@dataclass(frozen=True)
class Output:
    """``keep_rejected``: texts of what went, as samples in ``rejected_texts/``; null keeps none.
    ``keep_work``: what only a run in progress needs and stays when it is finished: nothing (false), all of it (true), or
    ``text``: extracted text and word counts, from which another run can go on (``gristmill refilter``, ``extend``).
    ``report``: whether the command writes ``report.html`` (``gristmill report``) when the run is finished."""

    keep_rejected: KeepRejected | None = field(default_factory=KeepRejected)
    keep_work: Any = False
    report: bool = True

    def __post_init__(self) -> None:
        if not (isinstance(self.keep_work, bool) or self.keep_work == "text"):
            raise ValueError(f"keep_work must be true or false, not {self.keep_work!r}; the third choice is text")


@dataclass(frozen=True)
class Recipe:
    """A whole run. A stage that is ``None`` is left out; those that may not be ``None`` can't be. ``decisions``: files of what
    people have decided about pages and sites (:mod:`blocklists.decisions`)."""

    name: str
    source: str
    read: Read
    extract: Extract
    tokenise: Tokenise
    shards: Shards
    urls: Urls
    block: Block | None = None
    identify: Identify | None = None
    classes: Classes = field(default_factory=Classes)
    domains: Domains | None = None
    documents: Documents | None = None
    lines: Lines | None = None
    heuristics: dict[str, dict[str, Any]] | None = field(default_factory=dict)
    quality: dict[str, Any] | None = None
    mix: Mix | None = None
    output: Output = field(default_factory=Output)
    decisions: list[str] = field(default_factory=list)
    redact: Redact | None = None
