"""The public test kit: a relay with scripted faults, databases, conformance suites."""
