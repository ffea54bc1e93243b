"""`postroad demo`: a job seeker writes to two hundred people, with every name invented."""
