"""The engine's tables, for reading only.

They are made by engine/sql and written by its functions. A save() or delete()
here is a programming error and raises.
"""

from typing import Any, NoReturn

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ReadOnlyModel(models.Model):
    class Meta:
        abstract = True

    def save(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is written by the engine's SQL functions only")

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is written by the engine's SQL functions only")


class Run(ReadOnlyModel):
    campaign_id = models.BigIntegerField()
    state = models.TextField()
    reason = models.TextField()
    epoch = models.IntegerField()
    routine = models.TextField()
    audience_version_id = models.BigIntegerField()
    revision_id = models.BigIntegerField()
    relay_id = models.BigIntegerField()
    submission_id = models.BigIntegerField(null=True)
    is_personal = models.BooleanField()
    sender_address = models.TextField()
    recipients = models.IntegerField()
    launch_zone = models.TextField()
    release_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    selected_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "run"


class Delivery(ReadOnlyModel):
    pk = models.CompositePrimaryKey("run_id", "n")
    run_id = models.BigIntegerField()
    n = models.IntegerField()
    address = models.TextField()
    name = models.TextField()
    message_id = models.TextField()

    class Meta:
        managed = False
        db_table = "delivery"


class DeliveryState(ReadOnlyModel):
    pk = models.CompositePrimaryKey("run_id", "n")
    run_id = models.BigIntegerField()
    n = models.IntegerField()
    attempt = models.SmallIntegerField()
    state = models.TextField()
    fact = models.TextField()

    class Meta:
        managed = False
        db_table = "delivery_state"


class Batch(ReadOnlyModel):
    run_id = models.BigIntegerField()
    stage = models.TextField()
    item_n = ArrayField(models.IntegerField())

    class Meta:
        managed = False
        db_table = "batch"


class Journal(ReadOnlyModel):
    at = models.DateTimeField()
    run_id = models.BigIntegerField(null=True)
    n = models.IntegerField(null=True)
    kind = models.TextField()
    actor = models.TextField()
    text = models.TextField()

    class Meta:
        managed = False
        db_table = "journal"


class Worker(ReadOnlyModel):
    id = models.UUIDField(primary_key=True)
    host = models.TextField()
    pid = models.IntegerField()

    class Meta:
        managed = False
        db_table = "worker"


class Suppression(ReadOnlyModel):
    hash = models.BinaryField(primary_key=True)
    address = models.TextField(null=True)
    reason = models.TextField()

    class Meta:
        managed = False
        db_table = "suppression"
