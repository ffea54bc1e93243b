"""The Django app: models, migrations, reads and writes, the embedded server."""
