"""People we may write to: the built-in source."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.functions import Now

WORDS = SearchVector(
    "sort_key",
    "company",
    models.Func(
        "address_key",
        models.Value("@.-_+"),
        models.Value("     "),
        function="translate",
        output_field=models.TextField(),
    ),
    config="simple",
)
"""The words by which a contact is found: names without accents, company, parts of the address."""


class Contact(models.Model):
    """`address_key` is the normalised address and unique: one person, one row."""

    address = models.TextField()
    address_key = models.TextField(unique=True)
    name = models.TextField(blank=True, default="", db_default="")
    first_name = models.TextField(blank=True, default="", db_default="")
    last_name = models.TextField(blank=True, default="", db_default="")
    company = models.TextField(blank=True, default="", db_default="")
    zone = models.TextField(blank=True, default="", db_default="")
    attributes = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    sort_key = models.TextField(default="", db_default="", db_collation="C")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "contact"
        indexes = [
            models.Index(fields=["sort_key", "id"], name="contact_sorted"),
            GinIndex(WORDS, name="contact_words"),
        ]


class Tag(models.Model):
    name = models.TextField(unique=True)

    class Meta:
        db_table = "tag"


class ContactTag(models.Model):
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)

    class Meta:
        db_table = "contact_tag"
        constraints = [
            models.UniqueConstraint(fields=["tag", "contact"], name="contact_tag_once"),
        ]
