"""A backup is one file of pg_dump, and comes back whole or not at all."""

from postroad.store.backup.dumping import Dumped, dump
from postroad.store.backup.programs import BackupFault, Tell
from postroad.store.backup.restoring import Restored, restore

__all__ = ["BackupFault", "Dumped", "Restored", "Tell", "dump", "restore"]
