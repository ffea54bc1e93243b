"""Databases of the customer's in which people live. The built-in contacts have no row."""

from django.db import models
from django.db.models.functions import Now


class Source(models.Model):
    """Passwords are tokens encrypted with the key outside the database.

    `seen` and `mapping`: JSON of core/source/snapshot, NULL before the first look and choice.
    """

    name = models.TextField(unique=True)
    dialect = models.TextField(choices=[("postgresql", "PostgreSQL"), ("mariadb", "MariaDB")])
    host = models.TextField()
    port = models.IntegerField()
    database = models.TextField()
    tls = models.TextField(
        choices=[("none", "None"), ("encrypted", "Encrypted"), ("verified", "Verified")]
    )
    ca_file = models.TextField(default="", db_default="")
    deploy_user = models.TextField()
    deploy_password = models.BinaryField(null=True)
    run_user = models.TextField()
    run_password = models.BinaryField(null=True)
    schema = models.TextField(default="postroad", db_default="postroad")
    timeout_seconds = models.IntegerField(default=30, db_default=30)
    seen = models.JSONField(null=True)
    seen_at = models.DateTimeField(null=True)
    mapping = models.JSONField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "source"
