"""A made-up city: the generator that the demo, the tests and the benchmarks use. No real person is in it."""
