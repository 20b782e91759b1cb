"""Text in, verdict out. Plain functions of a document, usable without any engine; see :mod:`filters.verdict`."""
