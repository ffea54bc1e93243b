"""Asking the manager's own look-up what became of a mail that nobody has a reply for."""
