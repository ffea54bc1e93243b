"""Identifiers, each its own type so that one cannot stand in for another."""

from typing import NewType
from uuid import UUID

CampaignId = NewType("CampaignId", int)
RunId = NewType("RunId", int)
BatchId = NewType("BatchId", int)
ContactId = NewType("ContactId", int)
AudienceId = NewType("AudienceId", int)
AudienceVersionId = NewType("AudienceVersionId", int)
ContentId = NewType("ContentId", int)
RevisionId = NewType("RevisionId", int)
RelayId = NewType("RelayId", int)
SourceId = NewType("SourceId", int)
WorkerId = NewType("WorkerId", UUID)
DeliveryNumber = NewType("DeliveryNumber", int)
"""A delivery's number within its run, from 1; (run, n) names one e-mail."""
