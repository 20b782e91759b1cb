"""What the pipeline and the trainer share: tokenizers, and the one format of token shards."""
