"""One module a noun. Engine tables are unmanaged and refuse to be written."""

from .audience import Audience, AudienceVersion
from .campaign import Campaign, CampaignRelay
from .contact import Contact, ContactTag, Tag
from .content import Attachment, Content, Revision
from .engine import Batch, Delivery, DeliveryState, Journal, Run, Suppression, Worker
from .relay import Relay
from .setting import Setting, SetupLink
from .source import Source

__all__ = [
    "Attachment",
    "Audience",
    "AudienceVersion",
    "Batch",
    "Campaign",
    "CampaignRelay",
    "Contact",
    "ContactTag",
    "Content",
    "Delivery",
    "DeliveryState",
    "Journal",
    "Relay",
    "Revision",
    "Run",
    "Setting",
    "SetupLink",
    "Source",
    "Suppression",
    "Tag",
    "Worker",
]
