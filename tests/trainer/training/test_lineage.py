"""Which documents a step saw, against what the model was given; across a resume and other numbers of ranks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from tests.trainer.runs import stopped_in_step
from tests.trainer.stages import STAGES, stage
from tokens.index import read_index
from tokens.info import TokenizerInfo
from tokens.shards import SCHEMA, encode_shard
from trainer.cli import add_commands
from trainer.config.schema import Config
from trainer.data.mixture import Mixture
from trainer.data.sources import Source, open_data
from trainer.errors import TrainerError
from trainer.training.lineage import Lineage
from trainer.training.pretraining import Pretraining, pretrain

TOKENIZER = TokenizerInfo("tiny", "ab" * 32, vocab_size=64, bos_id=62, eos_id=63)


def documents(sources: list[Source]) -> dict[str, list[int]]:
    """The tokens of every document by id."""
    found = {}
    for source in sources:
        for group in source.shards.groups:
            read = group.read()
            for id, begin, end in zip(read.ids, read.offsets[:-1], read.offsets[1:], strict=True):
                found[id] = read.values[begin:end].tolist()
    return found


def test_parts_of_documents_make_up_the_rows(three: list[str]) -> None:
    sources = open_data(three)
    texts = documents(sources)
    fed, told = Mixture(sources, 5), Mixture(sources, 5)
    for settings in [*STAGES, stage("last", rows=30, steps=2)]:
        for _ in range(settings.steps):
            batch, parts = fed.next_batch(settings), told.next_documents(settings)
            made = torch.full_like(batch.tokens, -1)
            for _, part in parts:
                piece = texts[part.id][part.first : part.first + part.tokens]
                assert len(piece) == part.tokens > 0
                made[part.row, part.column : part.column + part.tokens] = torch.tensor(piece)
            assert torch.equal(made, batch.tokens)
            assert fed.state == told.state


def test_weighted_documents_come_as_often_as_they_are_told(tmp_path: Path, write_shard: Callable[..., None]) -> None:
    write_shard(tmp_path / "w" / "a.parquet", [[n] * 5 for n in range(9)], weight=2.5)
    write_shard(tmp_path / "w" / "b.parquet", [[n + 20] * 5 for n in range(9)])
    sources = open_data([str(tmp_path / "w")])
    fed, told = Mixture(sources, 0), Mixture(sources, 0)
    settings, texts = stage(rows=5, steps=9), documents(sources)
    for _ in range(9):
        tokens = fed.next_batch(settings).tokens.flatten().tolist()
        parts = told.next_documents(settings)
        assert tokens == [t for _, part in parts for t in texts[part.id][part.first : part.first + part.tokens]]


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    """The output of a run of the pipeline, as far as lineage reads it: tokens/ and documents/."""
    run = tmp_path / "mill"
    rows = [
        {
            "id": f"{n:04x}",
            "url": f"https://a.example/{n}",
            "tokens": [62, *[n % 60] * (9 + n % 5), 63],
            "class": "general",
        }
        | {"split": "train", "weight": 1.0}
        for n in range(60)
    ]
    (run / "tokens").mkdir(parents=True)
    (run / "documents").mkdir()
    for shard in range(2):
        part = rows[shard * 30 : shard * 30 + 30]
        table = pa.Table.from_pylist(part, schema=SCHEMA)
        (run / "tokens" / f"{shard}.parquet").write_bytes(encode_shard(table, TOKENIZER))
        places = [{"id": r["id"], "warc_file": f"{shard}.warc.gz", "warc_offset": int(r["id"], 16) * 7} for r in part]
        pq.write_table(pa.Table.from_pylist(places), run / "documents" / f"{shard}.parquet", row_group_size=10)
    return run


def recorded(monkeypatch: pytest.MonkeyPatch, steps: list[torch.Tensor]) -> None:
    original = Pretraining.next_step

    def next_step(self: Pretraining, stage):
        step = original(self, stage)
        steps.append(step.batch["tokens"].clone())
        return step

    monkeypatch.setattr(Pretraining, "next_step", next_step)


def test_a_resumed_run_names_what_each_step_was_given(
    mill: Path, make_config: Callable[..., Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[torch.Tensor] = []
    recorded(monkeypatch, steps)
    config = make_config(run={"keep_checkpoints": 1, "evaluate_every": 100})
    monkeypatch.chdir(tmp_path)
    with stopped_in_step(3):
        pretrain(config, ["web=mill/tokens"], "run")
    # The second session is told another length of its schedule; the first steps were done by the former settings.
    longer = make_config(stage={"tokens": 8 * 128}, run={"keep_checkpoints": 1, "evaluate_every": 100})
    pretrain(longer, ["web=mill/tokens"], "run")
    assert len(steps) == 8
    monkeypatch.chdir("/")
    lineage = Lineage(tmp_path / "run")
    texts = documents(open_data([str(mill / "tokens")]))
    by_url: dict[str, set[int]] = {}
    for number, tokens in enumerate(steps, 1):
        seen = lineage.of_step(number)
        given = [t for one in seen for t in texts[one.part.id][one.part.first : one.part.first + one.part.tokens]]
        assert given == tokens.flatten().tolist()
        for one in seen:
            assert one.url == f"https://a.example/{int(one.part.id, 16)}"
            assert (one.warc_file, one.warc_offset) == (
                f"{int(one.part.id, 16) // 30}.warc.gz",
                int(one.part.id, 16) * 7,
            )
            by_url.setdefault(one.url, set()).add(number)
    for url in ("https://a.example/3", "https://a.example/44"):
        assert {one.step for one in lineage.of_url(url)} == by_url[url]
    both = lineage.of_ids(["0003", "002c", "ffff"])
    assert {one.step for one in both} == by_url["https://a.example/3"] | by_url["https://a.example/44"]
    assert lineage.of_ids(["ffff"]) == []
    with pytest.raises(TrainerError, match="No document for training has the URL"):
        lineage.of_url("https://a.example/none")
    with pytest.raises(TrainerError, match="steps 1 to 8"):
        lineage.of_step(9)


def test_ranks_together_see_what_is_told(three: list[str]) -> None:
    sources, settings = open_data(three), stage(rows=4, steps=1, mixture={"a": 0.5, "c": 0.5})
    for number in range(3):
        told = Mixture(sources, 1)
        ranks = [Mixture(sources, 1) for _ in range(2)]
        for _ in range(number + 1):
            parts = told.next_documents(settings)
            halves = [
                mixture.next_batch(settings, slice(rank * 2, rank * 2 + 2)) for rank, mixture in enumerate(ranks)
            ]
        texts, rows = documents(sources), torch.cat([half.tokens for half in halves])
        given = [t for _, part in parts for t in texts[part.id][part.first : part.first + part.tokens]]
        assert given == rows.flatten().tolist()


def test_other_shards_are_refused(
    shards: str, mill: Path, make_config: Callable[..., Config], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = make_config(stage={"tokens": 2 * 128}, run={"evaluate_every": 100})
    pretrain(config, [str(mill / "tokens")], tmp_path / "run")
    with pytest.raises(TrainerError, match="not the shards"):
        Lineage(tmp_path / "run", [shards])
    with pytest.raises(TrainerError, match="holds no run"):
        Lineage(tmp_path / "nothing")
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    for more in ([], ["--json"]):
        arguments = parser.parse_args(["which", str(tmp_path / "run"), "--step", "1", *more])
        assert arguments.run(arguments) == 0
    said = capsys.readouterr().out.splitlines()
    assert "https://a.example/" in said[0] and "of 2 steps." in "".join(said)
    assert json.loads(said[-1])["step"] == 1
    assert len(read_index(str(mill / "tokens")).groups) == 2
