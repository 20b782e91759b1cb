"""What people look at after a run, written from its committed tables.

``trail`` says what became of a record, step by step (``steps``); ``page`` tells it in lines (``explain``, behind ``gristmill why``); ``records``
finds records by URL, id or domain; ``domains`` ranks and explains domains; ``duplicates`` shows clusters side by side
(``show``, behind ``gristmill duplicates``). A report is a module with a generator of lines; it reads and never writes.
"""
