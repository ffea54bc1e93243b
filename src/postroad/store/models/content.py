"""What is written: a content with numbered revisions and their files."""

from django.db import models
from django.db.models.functions import Now


class Content(models.Model):
    name = models.TextField(unique=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "content"


class Attachment(models.Model):
    """A file by its bytes; several revisions may refer to one."""

    sha256 = models.BinaryField(unique=True)
    size = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "attachment"


class Revision(models.Model):
    """Never changed once made.

    `policies` is {variable: {"policy": "fail"|"skip"|"default", "default": text}};
    `files` is [{"attachment_id", "name", "media_type", "size"}] in order.
    """

    content = models.ForeignKey(Content, on_delete=models.CASCADE)
    number = models.IntegerField()
    subject = models.TextField()
    format = models.TextField(choices=[("html", "HTML"), ("md", "Markdown"), ("txt", "Plain text")])
    source = models.TextField()
    text_source = models.TextField(default="", db_default="")
    policies = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    files = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "revision"
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="revision_once"),
        ]
