"""Test questions in training text: sets as their authors publish them, an index of them, and the filter.

The filter's module is for others; what lies beside it is its own.
"""
