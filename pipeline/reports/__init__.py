"""What people look at after a run, written from its committed tables.

``page`` says what became of a page (``explain``, behind ``gristmill why``); ``duplicates`` shows clusters side by side
(``show``, behind ``gristmill duplicates``). A report is a module with a generator of lines; it reads and never writes.
"""
