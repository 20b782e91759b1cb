"""Random bytes for everything that reads what the web wrote."""
