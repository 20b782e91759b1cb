"""The only package that imports apache_beam: sources, phases, sinks, the ledger, and what drives them."""
