"""The command line of gristmill, and the sample crawl that its demo and tests grind."""
