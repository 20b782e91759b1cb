"""All that judging needs, in one file: what goes to a machine with a GPU that has neither crawl nor mill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.ablation.corpora import Corpus
from bench.ablation.judged_texts import JudgedTexts, site
from bench.ablation.samples import Encoded
from bench.ablation.table import Texts
from tokens.tokenizer import Tokenizer, load


@dataclass(frozen=True)
class EncodedCorpus:
    """An arm's documents, those of judged sites left out; ``what`` it is, and the wall-clock seconds that it took."""

    name: str
    what: str
    seconds: float
    documents: list[Encoded]


@dataclass(frozen=True)
class Trial:
    """What is compared, and the judged texts' tokens, in the order of ``texts``. ``tokenizer`` made both; the crawl that the corpora
    are made of has ``pages`` responses."""

    corpora: list[EncodedCorpus]
    texts: Texts
    judged: list[np.ndarray]
    tokenizer: Tokenizer
    pages: int


def encoded(corpora: Sequence[Corpus], judged: JudgedTexts, tokenizer: Tokenizer, pages: int) -> Trial:
    """Everything as tokens."""
    names = tuple(judged.texts)
    flat = [(number, text) for number, name in enumerate(names) for text in judged.texts[name]]
    sizes = np.array([len(text.encode()) for _, text in flat])
    return Trial(
        [
            EncodedCorpus(
                corpus.arm.name,
                corpus.arm.what,
                corpus.seconds,
                [Encoded(text.id, _tokens(text.text, tokenizer)) for text in corpus.texts if site(text.url) not in judged.sites],
            )
            for corpus in corpora
        ],
        Texts(sizes, np.array([number for number, _ in flat]), names),
        [_tokens(text, tokenizer) for _, text in flat],
        tokenizer,
        pages,
    )  # fmt: skip


def _tokens(text: str, tokenizer: Tokenizer) -> np.ndarray:
    return np.asarray(tokenizer.encode(text), np.int32)


def pack(path: Path, trial: Trial, tokenizer: bytes) -> None:
    """Writes ``trial``, ``tokenizer`` being its file: some 2 bytes a token."""
    columns: dict[str, Any] = {
        "names": [corpus.name for corpus in trial.corpora],
        "what": [corpus.what for corpus in trial.corpora],
        "seconds": [corpus.seconds for corpus in trial.corpora],
        "sizes": trial.texts.bytes,
        "sets": trial.texts.sets,
        "set_names": trial.texts.names,
        "pages": trial.pages,
        "tokenizer": np.frombuffer(tokenizer, np.uint8),
        **_joined("judged", trial.judged),
    }
    for number, corpus in enumerate(trial.corpora):
        columns[f"ids {number}"] = [document.id for document in corpus.documents]
        columns |= _joined(str(number), [document.tokens for document in corpus.documents])
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, **{name: np.asarray(column) for name, column in columns.items()})
    part.replace(path)


def unpack(path: Path, work: Path) -> Trial:
    """What :func:`pack` wrote; the tokenizer's file is put into ``work``."""
    with np.load(path, allow_pickle=False) as found:
        columns = {name: found[name] for name in found.files}
    tokenizer = work / f"tokenizer-of-{path.stem}.json"
    tokenizer.write_bytes(columns["tokenizer"].tobytes())
    about = zip(*(columns[name].tolist() for name in ("names", "what", "seconds")), strict=True)
    corpora = [
        EncodedCorpus(*each, [
            Encoded(*document) for document in zip(columns[f"ids {number}"].tolist(), _parted(str(number), columns), strict=True)
        ])
        for number, each in enumerate(about)
    ]  # fmt: skip
    texts = Texts(columns["sizes"], columns["sets"], tuple(columns["set_names"].tolist()))
    return Trial(corpora, texts, _parted("judged", columns), load(str(tokenizer)), int(columns["pages"]))


def _joined(name: str, parts: list[np.ndarray]) -> dict[str, np.ndarray]:
    together = np.concatenate([np.empty(0, np.int32), *parts])
    smallest = np.uint16 if together.max(initial=0) < 1 << 16 else np.int32
    return {
        f"tokens {name}": together.astype(smallest),
        f"lengths {name}": np.array([len(part) for part in parts], np.int64),
    }


def _parted(name: str, columns: dict[str, np.ndarray]) -> list[np.ndarray]:
    ends = np.cumsum(columns[f"lengths {name}"])
    return [part.astype(np.int32) for part in np.split(columns[f"tokens {name}"], ends)[: len(ends)]]
