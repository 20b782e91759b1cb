"""Synthetic data for fine-tuning: what a model wrote and something else has checked.

The paper (arXiv 2407.21783, §4.3.1) found that training on a model's unchecked output gains nothing; so a row is kept
where its code passed tests, or was rebuilt from its description alone. What others may use:

``back_translation``   code -> description -> code -> score
``execution_feedback`` problem -> solution -> tests -> repair
``paraphrasing``       the user's turns in other words, or in another language and back
``synonyms``           the same out of a lexicon
``rewriting``          what both read, compare and write; ``facts`` says what must stay
``sandbox``            code against its tests in a process of its own
``snippets``           what both begin with
"""
