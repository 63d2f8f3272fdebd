"""Benchmarks, apart from the tests: ``make bench`` prints a table; see docs/performance.md."""
