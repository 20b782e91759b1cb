"""Post-training: a pre-trained model becomes one that answers (the paper, §4).

Supervised fine-tuning, a reward model and DPO are tasks of the same training loop as pre-training. What others may use:

``commands``        ``add_commands``
``chat``            ``ChatFormat``, ``Message``, ``Kind``
``records``         ``read_dialogs``, ``read_preferences``, ``read_prompts``
``sft``             ``train``; so have ``reward`` and ``dpo``
``averaging``       ``average``
``scoring``         ``Scorer``
"""
