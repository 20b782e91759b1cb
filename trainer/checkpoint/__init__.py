"""States on disk: a run's checkpoints, and models in Hugging Face's and Meta's form.

A checkpoint is whole or absent, is read by any number of ranks, and cannot run code. What others may use:

``store``           ``save``, ``load``, ``latest``, ``read``, ``steps``, ``size_of``, ``Checkpoint``
``background``      ``BackgroundSaver``
``run_tokenizer``   ``kept_info``, ``load_kept``
``gguf_file``       ``export_gguf``
``convert``         ``load_model``, ``find_tokenizer``, ``import_model``, ``export_model``, ``Trained``, ``CONTINUED``
"""
