"""Where people live: compiling a choice of them to a stored routine, and deploying it."""
