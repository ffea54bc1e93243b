"""Sources on PostgreSQL."""
