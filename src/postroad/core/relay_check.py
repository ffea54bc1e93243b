"""What trying a relay came to: greeting, TLS and sign-in, and not one mail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelayAnswers:
    """Mail could be sent now. `tls` is version and cipher, '' for a session in clear."""

    tls: str
    extensions: tuple[str, ...]
    is_signed_in: bool


@dataclass(frozen=True, slots=True)
class RelayFault:
    """No mail could be sent now; `text` ends with what to do. `step`: where the dialogue ended."""

    step: str
    text: str
    is_temporary: bool
