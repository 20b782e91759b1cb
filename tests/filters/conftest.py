"""Texts of known kinds that several tests judge."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from filters.fasttext_model import fasttext_module

PROSE = (
    "The miller rose before dawn, because the wind had turned in the night and there was grain waiting by the door. "
    "He climbed the narrow stairs, set the brake, and spread the canvas over two of the four sails. When the stones "
    "began to turn, a low rumble filled the tower and fine dust drifted through the beams of early light. Farmers "
    "came with their carts from three villages. Some stayed to talk about prices, about rain, and about the new road "
    "that the council had promised for ten years. By noon the bins were half full, the wind dropped, and everyone "
    "sat down in the shade to share bread, cheese and a jug of thin beer. A boy asked how flour could come out of "
    "such heavy stones without being crushed to nothing. The old man laughed and showed him the grooves that he had "
    "cut with a chisel during the winter, explaining why their depth mattered more than the weight of the wheel."
)


@pytest.fixture
def prose() -> str:
    """140 words of ordinary English."""
    return PROSE


@pytest.fixture
def log_dump() -> str:
    """A generated log: long lines, all of them unique, hardly a word of English."""
    source = random.Random(7)
    return "\n".join(
        f"2024-03-{source.randint(1, 28):02d}T{source.randint(0, 23):02d}:07:11.{source.randint(0, 999):03d}Z "
        f"node{source.randint(1, 90)} kernel[{source.randint(100, 9999)}]: ERR 0x{source.getrandbits(32):08x} "
        f"sess={source.getrandbits(64):016x} port {source.randint(1024, 65000)}"
        for _ in range(80)
    )


@pytest.fixture(scope="session")
def two_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fastText model with the labels ``hq`` (mills and winds) and ``cc`` (shops), as another project might publish."""
    folder = tmp_path_factory.mktemp("model")
    good, bad = "the mill and the wind turned the stones", "click here to buy now cart basket price"
    (folder / "lines.txt").write_text(f"__label__hq {good}\n__label__cc {bad}\n" * 50)
    model = fasttext_module().train_supervised(
        str(folder / "lines.txt"), lr=1.0, dim=4, epoch=10, bucket=1000, minCount=1, thread=1, seed=1, verbose=0
    )
    model.save_model(str(folder / "two.bin"))
    return folder / "two.bin"
