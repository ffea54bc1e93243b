"""Named choices of people, versioned; each version is a routine of its own."""

from django.db import models
from django.db.models.functions import Now

from .source import Source


class Audience(models.Model):
    """`source` NULL: among the built-in contacts."""

    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    name = models.TextField(unique=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audience"


class AudienceVersion(models.Model):
    """Never changed once deployed. `definition` is the JSON that was compiled."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE)
    version = models.IntegerField()
    definition = models.JSONField()
    words = models.TextField()
    sql = models.TextField()
    routine = models.TextField(unique=True)
    deployed_at = models.DateTimeField(db_default=Now())
    deployed_by = models.TextField(default="manager")

    class Meta:
        db_table = "audience_version"
        constraints = [
            models.UniqueConstraint(fields=["audience", "version"], name="audience_version_once"),
        ]
