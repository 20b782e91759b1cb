"""What the pipeline and the trainer share: tokenizers, and the one format of token shards.

tokens.tokenizer   ``load`` finds a tokenizer, :class:`Tokenizer` encodes and decodes
tokens.info        what a tokenizer says of itself, for those who only compare
tokens.shards      the format of a shard, and writing one; tokens.index reads a directory of them
tokens.train       training a tokenizer on documents
"""
