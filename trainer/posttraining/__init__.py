"""Post-training: a pre-trained model becomes one that answers (the paper, §4).

Supervised fine-tuning, a reward model and DPO are tasks of the same training loop as pre-training. What others may use:

``commands``        ``add_commands``
``round_commands``  ``add_round_commands``
``synthesize_commands`` ``add_synthesize``; ``synthesize`` is a room of its own
``conversation``    ``Speaker``, ``talk``
``chat``            ``ChatFormat``, ``Message``, ``Kind``
``engine``          ``Engine``, ``EngineOptions``: batched sampling of ids
``generators``      ``Generator``, ``OwnModel``; ``http_generator`` is a server
``responses``       ``sample_responses``, ``read_jsonl``
``continuations``   ``write_file``
``verify``          ``verifier_for``
``best_of``         ``select_best``: the best of a prompt's responses
``choose``          ``choose_model``: the best model of a round
``records``         ``read_dialogs``, ``read_preferences``, ``read_prompts``
``sft``             ``train``; so have ``reward`` and ``dpo``
``averaging``       ``average``
``scoring``         ``Scorer``
"""
