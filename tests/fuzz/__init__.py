"""Good files of every kind, broken in every way: shared by the tests that CI runs and by `make fuzz`."""
