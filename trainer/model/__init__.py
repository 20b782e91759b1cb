"""Llama 3: blocks, attention, the loss of its head, its initial weights, and generation.

It knows neither ranks nor batches: keys and values of other tokens come in through the protocols of ``kv_cache``. What
others may use:

``llama``           ``Llama``, ``Block``
``kv_cache``        ``DividedRows``, ``KeyValues``, ``KVCache``
``attention``       ``Mask``, ``prepare``, ``block_mask``
``cross_entropy``   ``CHUNK_TOKENS``, ``add_product``
``init``            ``Part``
``vocab_parallel``  ``own_part``, ``Vocabulary``
``compile``         ``compile_block``, ``compiled``
``rope``            ``frequencies``
``generate``        ``generate_ids``
``float8``          ``use_float8``, ``MULTIPLE``
"""
