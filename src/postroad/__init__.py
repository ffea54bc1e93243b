"""Postroad: an e-mail campaign manager whose totals always add up."""

__version__ = "0.1.0"
