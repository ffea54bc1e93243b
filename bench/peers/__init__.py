"""What people build who have no campaign manager."""
