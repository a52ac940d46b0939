"""Benchmarks: our work beside a peer's, in one run, outputs compared before times. Never a test that fails on time."""
