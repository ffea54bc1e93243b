"""Benchmarks. Each prints ratios to a peer measured in the same run, never bare times."""
