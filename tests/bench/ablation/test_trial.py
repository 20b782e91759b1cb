"""A trial that went through a file is the same trial."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.ablation.corpora import ARMS, Corpus, Text
from bench.ablation.judged_texts import JudgedTexts
from bench.ablation.trial import encoded, pack, unpack
from tokens.tokenizer import load
from tokens.train import train_tokenizer

TEXTS = [Text(f"{number:x}", f"http://site{number}.example/", f"The mill has {number} wheels. " * number) for number in range(6)]  # fmt: skip
JUDGED = JudgedTexts({"code": ["while wheel:", "turn()"], "prose": ["é"]}, frozenset({"site3.example"}))


def test_a_trial_comes_back_as_it_was(tmp_path: Path) -> None:
    file = train_tokenizer([text.text for text in TEXTS], 280)
    (tmp_path / "tokenizer.json").write_bytes(file)
    corpora = [
        Corpus(ARMS[0], tuple(TEXTS), 1.5),
        Corpus(ARMS[1], (TEXTS[3],), 0.0),
        Corpus(ARMS[2], tuple(TEXTS[4:]), 7.0),
    ]
    trial = encoded(corpora, JUDGED, load(str(tmp_path / "tokenizer.json")), 17)
    assert [len(corpus.documents) for corpus in trial.corpora] == [5, 0, 2]  # without the judged site's
    pack(tmp_path / "trial.npz", trial, file)
    again = unpack(tmp_path / "trial.npz", tmp_path)
    assert again.tokenizer.info.sha256 == trial.tokenizer.info.sha256
    assert again.pages == 17
    assert again.texts.names == ("code", "prose") and again.texts.sets.tolist() == [0, 0, 1]
    assert again.texts.bytes.tolist() == [12, 6, 2]
    for found, expected in zip(again.corpora, trial.corpora, strict=True):
        assert (found.name, found.what, found.seconds) == (expected.name, expected.what, expected.seconds)
        assert [document.id for document in found.documents] == [document.id for document in expected.documents]
        for one, other in zip(found.documents, expected.documents, strict=True):
            assert one.tokens.dtype == np.int32 and one.tokens.tolist() == other.tokens.tolist()
    assert [tokens.tolist() for tokens in again.judged] == [tokens.tolist() for tokens in trial.judged]
