"""The ledger (P12): what a worker did, in a file that outlives it.

`writing` keeps it while the worker sends, `reading` understands what a dead one
left, `handing_in` tells the database what follows from that.
"""
