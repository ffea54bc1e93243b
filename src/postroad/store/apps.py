"""Registers the store with Django."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "postroad.store"
    label = "postroad"
    default_auto_field = "django.db.models.BigAutoField"
