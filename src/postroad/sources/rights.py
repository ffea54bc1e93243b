"""What an account turned out to have."""

from dataclasses import dataclass

from postroad.core.source.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class Rights:
    """`missing` has to be mended, `warnings` should be. The rest is told by the deploy account."""

    missing: tuple[Diagnosis, ...]
    warnings: tuple[Diagnosis, ...]
    server: str = ""
    tls: str = ""
    tables: int = 0
