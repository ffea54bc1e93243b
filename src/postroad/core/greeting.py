"""The first line of a mail, which a person reads in the skim list."""

LONGEST = 120


def greeting_of(text: str) -> str:
    """The first line of `text` that is not blank, at most 120 characters; '' if there is none."""
    for line in text.splitlines():
        words = " ".join(line.split())
        if words:
            return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return ""
