"""Recall and precision of decontamination, beside the public rules."""
