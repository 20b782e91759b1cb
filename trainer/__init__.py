"""Token shards in, a Llama 3 model out. Imports torch and, of our own packages, ``tokens`` alone."""

from __future__ import annotations

import os

# On a CPU, torch's threads spin while they wait for one another, and so take the cores from whatever else runs: beside
# busy processes two spinning threads were four times slower than two that sleep. Read when torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
