from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainer.stages import STAGES, stage
from tokens.shards import ShardError
from tokens.tokenizer import TokenizerInfo
from trainer.data.sources import check_mixtures, open_data
from trainer.errors import TrainerError


def test_what_cannot_be_mixed_is_refused(three, tmp_path, write_shard):
    sources = open_data(three)
    check_mixtures(STAGES, sources)
    with pytest.raises(TrainerError, match="The stage s mixes d, but the data is called a, b, c"):
        check_mixtures([stage(mixture={"a": 0.5, "d": 0.5})], sources)
    write_shard(tmp_path / "tiny" / "x.parquet", [[1]])
    with pytest.raises(TrainerError, match="3 training tokens, which do not fill one row of 16"):
        check_mixtures([stage(mixture={"a": 0.5, "t": 0.5})], open_data([*three, f"t={tmp_path / 'tiny'}"]))
    with pytest.raises(TrainerError, match="Two directories are called a"):
        open_data([three[0], three[0]])
    write_shard(tmp_path / "other" / "x.parquet", [[1]], TokenizerInfo("other", "cd" * 32, 64, 62, 63))
    with pytest.raises(ShardError, match="Their ids mean different things"):
        open_data([*three, str(tmp_path / "other")])


def test_directories_without_a_name_are_called_as_they_are_written(shards):
    assert [source.name for source in open_data([shards])] == [shards]
    assert Path(shards).is_dir()


def test_a_directory_under_two_names_is_refused(three, tmp_path):
    path = Path(three[0].removeprefix("a="))
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "y.parquet").symlink_to(path / "x.parquet")
    for again in (f"{path}/", tmp_path / "link", tmp_path / "b" / ".." / "a", tmp_path / "mixed"):
        with pytest.raises(TrainerError, match="holds the file .*x.parquet, as does .*would count twice"):
            open_data([three[0], f"again={again}"])
