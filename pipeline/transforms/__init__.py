"""What phases share: pieces of Beam jobs, and the tables that they read and write.

``work_units`` is the frame of all work, ``subjobs`` jobs within a phase, ``verdict_tables`` turns verdicts out of a
shuffle into tables, ``packed_combine`` merges packed arrays. ``id_ranges`` reads rows by id over all parts,
``clean_documents`` documents without their removed lines. Extraction: ``extracted_part`` (records become tables) and
``measures`` (what documents are compared by). Domains: ``domain_pages``, ``domain_sums`` and ``domain_table``.
Deduplication: ``best_per_key`` (one of each key stays), ``lsh_candidates`` and ``connected_components`` (near-duplicates).
Quality: ``inferring`` (transformers by Beam's RunInference).
"""
