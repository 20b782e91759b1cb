"""Token shards in, packed rows out: which documents, in which order, mixed by which shares, made ahead by a thread.

No model is needed, and no place is random: a few integers say where a run stands, on any number of ranks. What others
may use:

``batch``           ``Batch``, ``mean_length``
``sources``         ``Source``, ``open_data``, ``check_mixtures``, ``fingerprint``
``prefetch``        ``Feed``
``mixture``         ``planned_passes``, ``Mixture``
``stream``          ``TrainingStream``, ``DocumentPart``, ``read_group``
``held_out``        ``held_out_batches``
``tokenizer``       ``choose_tokenizer``, ``decode_as_they_come``
``foreign_parquet`` ``UNNAMED``
"""
