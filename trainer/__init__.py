"""Token shards in, a Llama 3 model out. Imports torch and, of our own packages, ``tokens`` alone."""
