"""What `asking` asks of a dialect, as MariaDB answers it."""

from .accounts import accounts_sql
from .check import deploy_rights, run_rights
from .introspect import sample, schema

__all__ = ["accounts_sql", "deploy_rights", "run_rights", "sample", "schema"]
