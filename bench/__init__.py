"""Benchmarks. Each ends with one line: a ratio to a peer of the same run where there is one."""
