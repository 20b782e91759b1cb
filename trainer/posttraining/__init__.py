"""Post-training: a pre-trained model becomes one that answers (the paper, §4).

Supervised fine-tuning, a reward model and DPO are tasks of the same training loop as pre-training. What others may use:

``chat``            ``ChatFormat``, ``Message``, ``Kind``
"""
