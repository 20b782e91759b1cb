"""What the ranks of a test run: ``torchrun ranks.py JOBS.json``, a list of {"config", "data", "output"}."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
import torch.distributed as dist

from trainer.config import parse_config
from trainer.pretrain import pretrain

torch.set_num_threads(1)
for job in json.loads(Path(sys.argv[1]).read_text()):
    pretrain(parse_config(job["config"]), job["data"], job["output"])
dist.destroy_process_group()
