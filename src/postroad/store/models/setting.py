"""What the manager sets for the whole product, and the link that signs in."""

from django.db import models
from django.db.models.functions import Now


class Setting(models.Model):
    name = models.TextField(primary_key=True)
    value = models.JSONField()

    class Meta:
        db_table = "setting"


class SetupLink(models.Model):
    """A one-time link; only the sha256 of its secret is kept."""

    secret_sha256 = models.BinaryField(unique=True)
    made_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "setup_link"
