"""What recipients reach: no session, no cookie, signed tokens only."""
