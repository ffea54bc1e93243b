"""Criteria: who belongs to an audience, as a tree of rules over a source's tables.

`schema` is what a source has, `tree` the rules, `values` what they compare with. All of it is
pure: a compiler in `sources` makes SQL of a tree, `evaluate` says the same without a database.
"""
