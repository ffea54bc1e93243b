"""The command line: up, down, demo, send, run, doctor."""
