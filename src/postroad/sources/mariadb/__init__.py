"""Sources on MariaDB, and on MySQL, which speaks the same."""
