"""Criteria as SQL: one compiler, two dialects, and whole statements and routines of it.

What comes out has no parameters: a stored routine holds its values, as constants that mean the
same under every setting of the server.
"""
