"""Exports read back: by readers after each form's description, and by the real libraries where they are installed."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import itertools
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tokens.export.flat_files
import tokens.export.litdata
import tokens.export.nanochat
import tokens.shards
from gristmill.cli import main
from gristmill.export_commands import FORMS
from tokens.export.formats import FORMATS
from tokens.export.run import Exported, export_shards
from tokens.index import read_index
from tokens.info import TokenizerInfo
from tokens.shards import SCHEMA, ShardError, encode_shard
from tokens.tokenizer import load

SMALL = load()  # 8,192 ids: two bytes each where a form has two
LARGE = TokenizerInfo("large", "11" * 32, vocab_size=128_256, bos_id=128_000, eos_id=128_001)
TEXTS = [f"Page {n}: " + "what a crawl holds, é and 漢字. " * (n % 7) for n in range(60)]
SPLITS = ("train", "held_out")


def write_shards(folder: Path, tokenizer: TokenizerInfo, held_out: bool = True) -> Path:
    """Two shards of several row groups."""
    folder.mkdir()
    for shard in range(2):
        rows = []
        for number in range(shard * 30, shard * 30 + 30):
            ids = SMALL.encode(TEXTS[number]).astype(int)
            ids = ids if tokenizer is SMALL.info else ids + 100_000
            split = "held_out" if held_out and number % 10 == 0 else "train"
            rows.append(
                {"id": f"{number:04x}", "tokens": [tokenizer.bos_id, *ids, tokenizer.eos_id], "class": "general"}
                | {"split": split, "weight": 0.5 if number % 15 == 1 else 1.0}
            )
        (folder / f"{shard}.parquet").write_bytes(encode_shard(pa.Table.from_pylist(rows, schema=SCHEMA), tokenizer))
    return folder


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens.shards, "ROW_GROUP_TOKENS", 200)
    monkeypatch.setattr(tokens.export.flat_files, "FILE_TOKENS", 700)
    monkeypatch.setattr(tokens.export.litdata, "CHUNK_BYTES", 2_500)
    monkeypatch.setattr(tokens.export.nanochat, "FILE_CHARACTERS", 2_000)


@pytest.fixture(params=[SMALL.info, LARGE], ids=["two bytes", "four bytes"])
def shards(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_shards(tmp_path / "shards", request.param)


def documents_of(shards: Path, split: str) -> list[list[int]]:
    """The documents of a split in the order of the shards."""
    found = []
    for group in read_index(str(shards)).split(split):
        documents = group.read()
        found += [documents.values[a:b].tolist() for a, b in itertools.pairwise(documents.offsets)]
    return found


def digest(ids: list[np.ndarray]) -> str:
    return hashlib.sha256(np.concatenate(ids).astype("<i4").tobytes()).hexdigest()


def library(name: str) -> ModuleType:
    """An optional library: what it needs itself may be missing, too."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"{name} cannot be imported: {error}")


def export(shards: Path, form: str) -> tuple[Path, Exported]:
    out = shards.parent / form
    return out, export_shards(str(shards), form, str(out))


def read_megatron(prefix: Path) -> Iterator[list[int]]:
    data = prefix.with_suffix(".idx").read_bytes()
    assert data[:17] == b"MMIDIDX\0\0" + struct.pack("<Q", 1)
    code, count, ends = struct.unpack_from("<BQQ", data, 17)
    lengths = np.frombuffer(data, "<i4", count, 34)
    places = np.frombuffer(data, "<i8", count, 34 + 4 * count)
    first = np.frombuffer(data, "<i8", ends, 34 + 12 * count)
    assert first.tolist() == list(range(count + 1)) and len(data) == 34 + 12 * count + 8 * ends
    ids = prefix.with_suffix(".bin").read_bytes()
    for place, length in zip(places.tolist(), lengths.tolist(), strict=True):
        yield np.frombuffer(ids, {8: "<u2", 4: "<i4"}[code], length, place).tolist()


def test_megatron(shards: Path) -> None:
    out, done = export(shards, "megatron")
    for split in SPLITS:
        assert list(read_megatron(out / split)) == documents_of(shards, split)
    assert sorted(path.name for path in out.iterdir()) == [
        "export.json", "held_out.bin", "held_out.idx", "train.bin", "train.idx",
    ]  # fmt: skip
    assert done.documents == {"train": 54, "held_out": 6} and done.weighted == 4


def test_megatron_core_reads_it(shards: Path) -> None:
    indexed_dataset = library("megatron.core.datasets.indexed_dataset")
    out, done = export(shards, "megatron")
    sets = [indexed_dataset.IndexedDataset(str(out / split)) for split in SPLITS]
    assert [len(found.document_indices) - 1 for found in sets] == [54, 6]
    assert digest([found[i] for found in sets for i in range(len(found))]) == done.tokens_sha256


def read_flat(folder: Path, pattern: str, shards: Path) -> Iterator[tuple[Path, np.ndarray]]:
    small = read_index(str(shards)).tokenizer.vocab_size <= 1 << 16
    for path in sorted(folder.glob(pattern)):
        yield path, np.fromfile(path, "<u2" if small else "<u4")


def test_datatrove(shards: Path) -> None:
    out, _ = export(shards, "datatrove")
    for split in SPLITS:
        found = []
        for path, ids in read_flat(out / split, "*.ds", shards):
            ends = np.fromfile(f"{path}.index", "<u8").astype(int)
            assert ends[-1] == len(ids) == int(Path(f"{path}.metadata").read_text("utf-8").splitlines()[1])
            found += [part.tolist() for part in np.split(ids, ends[:-1])]
        assert found == documents_of(shards, split)
    assert len(list((out / "train").glob("*.ds"))) > 1


def test_datatrove_reads_it(shards: Path) -> None:
    dataset = library("datatrove.utils.dataset")
    out, _ = export(shards, "datatrove")
    files = list(read_flat(out / "train", "*.ds", shards))
    size, wanted = files[0][1].itemsize, [ids[: len(ids) // 8 * 8] for _, ids in files]
    found = dataset.DatatroveFolderDataset(str(out / "train"), 7, token_size=size, shuffle=False)
    assert digest([found[i]["input_ids"].numpy() for i in range(len(found))]) == digest(wanted)
    one = dataset.DatatroveFileDataset(str(files[0][0]), 7, token_size=size, return_positions=True)
    ends = np.fromfile(f"{files[0][0]}.index", "<u8")
    begins = np.concatenate(([0], ends[:-1])).astype(int)
    places = np.arange(len(files[0][1])) - np.repeat(begins, np.diff(np.append(begins, len(files[0][1]))))
    # A row's own beginning counts as one of a document there.
    rows = [one[i]["positions"].numpy() for i in range(len(one))]  # it never ends by itself
    for number, row in enumerate(rows):
        own = places[number * 8 : number * 8 + 8]
        assert (row == np.minimum(own, np.arange(8))).all()


def test_olmo_core(shards: Path) -> None:
    out, _ = export(shards, "olmo")
    for split in SPLITS:
        found, names = [], []
        for path, ids in read_flat(out / split, "*.npy", shards):
            for line in gzip.decompress(path.with_suffix(".csv.gz").read_bytes()).decode().splitlines():
                begin, end, name = line.split(",")
                found.append(ids[int(begin) : int(end)].tolist())
                names.append(name)
        assert found == documents_of(shards, split)
        assert names == [id for group in read_index(str(shards)).split(split) for id in group.read().ids]


def test_olmo_core_reads_it(shards: Path) -> None:
    data, utils = library("olmo_core.data"), library("olmo_core.data.utils")
    out, done = export(shards, "olmo")
    eos, found = read_index(str(shards)).tokenizer.eos_id, []
    for split in SPLITS:
        for path, ids in read_flat(out / split, "*.npy", shards):
            places = utils.get_document_indices(str(path))
            assert places == list(utils.iter_document_indices(str(path), eos_token_id=eos, dtype=ids.dtype.type))
            found += [utils.load_array_slice(str(path), *place, ids.dtype.type) for place in places]
    assert digest(found) == done.tokens_sha256
    path, ids = next(read_flat(out / "train", "*.npy", shards))
    rows = data.NumpyFSLDataset(str(path), sequence_length=8, pad_token_id=0, eos_token_id=eos, vocab_size=1 << 17, dtype=ids.dtype.type)  # fmt: skip
    assert (
        np.concatenate([rows[i]["input_ids"].numpy() for i in range(len(rows))]).tolist()
        == ids[: len(ids) // 8 * 8].tolist()
    )


def read_litdata(folder: Path) -> Iterator[list[int]]:
    for chunk in json.loads((folder / "index.json").read_text("utf-8"))["chunks"]:
        data = (folder / chunk["filename"]).read_bytes()
        count = struct.unpack_from("<I", data)[0]
        places = np.frombuffer(data, "<u4", count + 1, 4).tolist()
        assert (len(data), count) == (chunk["chunk_bytes"], chunk["chunk_size"]) and places[-1] == len(data)
        for begin, end in itertools.pairwise(places):
            yield np.frombuffer(data[begin:end], "<i4").tolist()


def test_litdata(shards: Path) -> None:
    out, _ = export(shards, "litgpt")
    for split in SPLITS:
        assert list(read_litdata(out / split)) == documents_of(shards, split)
    assert len(list((out / "train").glob("*.bin"))) > 1


def test_litdata_reads_it(shards: Path) -> None:
    streaming = library("litdata.streaming")
    out, _ = export(shards, "litgpt")
    for split in SPLITS:
        loader = streaming.TokensLoader(block_size=8)
        found = streaming.StreamingDataset(str(out / split), item_loader=loader, shuffle=False)
        wanted, chunks = [], json.loads((out / split / "index.json").read_text("utf-8"))["chunks"]
        ids = np.concatenate([np.array(d) for d in documents_of(shards, split)])
        for end, chunk in zip(np.cumsum([chunk["dim"] for chunk in chunks]), chunks, strict=True):
            first = end - chunk["dim"]
            wanted.append(ids[first : first + chunk["dim"] // 8 * 8])
        assert digest([np.asarray(row) for row in found]) == digest(wanted)


def test_nanochat(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards", SMALL.info)
    out, done = export(shards, "nanochat")
    files = sorted(out.glob("*.parquet"))
    assert [path.name for path in files] == [f"shard_{number:05d}.parquet" for number in range(len(files))]
    assert len(files) > 2
    texts = [
        [text for path in part for text in pq.read_table(path)["text"].to_pylist()]
        for part in (files[:-1], files[-1:])
    ]
    for split, found in zip(SPLITS, texts, strict=True):
        assert [SMALL.encode_document(text).tolist() for text in found] == documents_of(shards, split)
    ids = [SMALL.encode_document(text) for text in texts[0] + texts[1]]
    assert digest(ids) == done.tokens_sha256


def test_nanochat_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nanochat's repository on the path; it is no package of a registry."""
    dataset = library("nanochat.dataset")
    shards = write_shards(tmp_path / "shards", SMALL.info)
    out, done = export(shards, "nanochat")
    monkeypatch.setattr(dataset, "DATA_DIR", str(out))
    found = {
        split: [text for batch in dataset.parquets_iter_batched(split) for text in batch] for split in ("train", "val")
    }
    assert {split: len(texts) for split, texts in found.items()} == {"train": 54, "val": 6}
    assert digest([SMALL.encode_document(text) for text in found["train"] + found["val"]]) == done.tokens_sha256
    # Two GPUs share the row groups of each file.
    halves = [text for start in (0, 1) for batch in dataset.parquets_iter_batched("train", start, 2) for text in batch]
    assert sorted(halves) == sorted(found["train"])


def test_nanochat_needs_the_shards_own_tokenizer(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards", LARGE)
    with pytest.raises(ShardError, match="--tokenizer FILE"):
        export(shards, "nanochat")
    with pytest.raises(ShardError, match="is another"):
        export_shards(str(shards), "nanochat", str(tmp_path / "out"), "gristmill-8k")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shards"]


def test_the_command_says_what_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    run.mkdir()
    write_shards(run / "tokens", LARGE, held_out=False)
    out = tmp_path / "out"
    assert main(["export-shards", str(run), "--to", "litgpt", "--output", str(out)]) == 0
    said = capsys.readouterr().out
    assert "weights: 4 of 60 training documents" in said and "URLs" in said
    assert json.loads((out / "export.json").read_text("utf-8"))["tokens_sha256"] in said
    assert not (out / "held_out").exists()
    assert main(["export-shards", str(run), "--to", "litgpt", "--output", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err


def test_an_export_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards = write_shards(tmp_path / "shards", LARGE)
    monkeypatch.setattr(tokens.export.flat_files.DatatroveWriter, "_close_places", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(shards, "datatrove")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shards"]


def test_a_disk_that_is_too_small_is_named_before_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards = write_shards(tmp_path / "shards", LARGE)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10}))
    with pytest.raises(ShardError, match="larger disk"):
        export(shards, "megatron")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shards"]


def test_equal_shards_give_equal_exports(shards: Path) -> None:
    for form in ("olmo", "megatron"):
        out, _ = export(shards, form)
        first = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        again = shards.parent / f"{form} again"
        export_shards(str(shards), form, str(again))
        assert first == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


def test_the_command_offers_every_form() -> None:
    assert set(FORMS) == set(FORMATS)
