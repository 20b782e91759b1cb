"""Do the tests notice a changed decision? Small changes to the source, one at a time, each against its own tests."""
