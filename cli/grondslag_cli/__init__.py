"""The command line of Grondslag: a thin face of the library."""
