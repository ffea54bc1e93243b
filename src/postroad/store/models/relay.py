"""The submission servers we hand mail to."""

from django.db import models
from django.db.models.functions import Now


class Relay(models.Model):
    """`password` is a token encrypted with the key outside the database."""

    name = models.TextField(unique=True)
    is_sandbox = models.BooleanField(default=False, db_default=False)
    host = models.TextField()
    port = models.IntegerField()
    tls = models.TextField(
        choices=[("none", "None"), ("starttls", "STARTTLS"), ("implicit", "TLS")]
    )
    user = models.TextField(default="", db_default="")
    password = models.BinaryField(null=True)
    ca_file = models.TextField(default="", db_default="")
    per_minute = models.IntegerField(null=True)
    per_day = models.IntegerField(null=True)
    at_once = models.IntegerField(null=True)
    ramp_first = models.IntegerField(null=True)
    ramp_percent = models.IntegerField(null=True)
    connections = models.IntegerField(default=4, db_default=4)
    chunking = models.BooleanField(default=True, db_default=True)
    lookup = models.TextField(default="", db_default="")
    is_default = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "relay"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="relay_one_default",
            ),
        ]
