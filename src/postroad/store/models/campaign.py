"""The intent: who, what, from whom, through which relay."""

from django.db import models
from django.db.models.functions import Now

from .audience import Audience
from .content import Content
from .relay import Relay


class Campaign(models.Model):
    """`is_urgent` None: personal ones are, bulk ones are not.

    `is_open`: outsiders may submit single recipients for it (runs of one).
    """

    name = models.TextField()
    state = models.TextField(default="draft", db_default="draft")
    is_personal = models.BooleanField(default=True, db_default=True)
    is_urgent = models.BooleanField(null=True)
    is_open = models.BooleanField(default=False, db_default=False)
    audience = models.ForeignKey(Audience, null=True, on_delete=models.PROTECT)
    content = models.ForeignKey(Content, null=True, on_delete=models.PROTECT)
    relay = models.ForeignKey(Relay, null=True, on_delete=models.PROTECT)
    sender_name = models.TextField(default="", db_default="")
    sender_address = models.TextField(default="", db_default="")
    reply_to = models.TextField(default="", db_default="")
    postal_address = models.TextField(default="", db_default="")
    unknown_policy = models.TextField(default="hold", db_default="hold")
    resend_limit = models.SmallIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "campaign"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "active", "archived"]),
                name="campaign_state_known",
            ),
        ]


class CampaignRelay(models.Model):
    """One of several relays of a campaign; `weight` 0 is a reserve. None: `Campaign.relay`."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    relay = models.ForeignKey(Relay, on_delete=models.PROTECT)
    weight = models.SmallIntegerField()

    class Meta:
        db_table = "campaign_relay"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "relay"], name="campaign_relay_once"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0), name="campaign_relay_weight_known"
            ),
        ]
