"""What the ranks of a test run: ``torchrun ranks.py JOBS.json``, a list of {"task", "config", "base", "data", "output"}."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from trainer.config.loader import parse
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig

torch.set_num_threads(1)
TASKS = {"sft": (sft, SftConfig), "reward": (reward, RewardConfig), "dpo": (dpo, DpoConfig)}

for job in json.loads(Path(sys.argv[1]).read_text()):
    module, config = TASKS[job["task"]]
    module.train(parse(config, job["config"]), job["base"], [job["data"]], job["output"])
dist.destroy_process_group()
