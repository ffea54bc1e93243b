"""A source: a database of the customer's in which people live.

`connection` is what is saved, `diagnosis` what trying it came to, `mapping` which columns say
what of a person, `drift` what broke since it was last seen, `snapshot` the form that is kept.
"""
