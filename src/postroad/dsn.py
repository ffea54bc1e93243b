"""What every connection of ours says beside the DSN that it was given."""

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_OPTIONS = "-c search_path=public"
"""A role that is named like our schema of audiences would find and make things there first."""

_NETWORK = {
    # A host that was cut off learns within this time that its connections are dead:
    # its own system would try for a quarter of an hour.
    "tcp_user_timeout": "30000",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}


def pinned(dsn: str, *options: str) -> str:
    """The DSN with our settings, and `options` like 'jit=off' for this connection.

    Pinned again it stays as it is. What the DSN says of the network itself is kept.
    """
    parts = {**_NETWORK, **conninfo_to_dict(dsn)}
    words = [str(parts.get("options", "")), _OPTIONS, *(f"-c {option}" for option in options)]
    kept: list[str] = []
    for word in words:
        if word and word not in " ".join(kept):
            kept.append(word)
    return make_conninfo("", **{**parts, "options": " ".join(kept)})
