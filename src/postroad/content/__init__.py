"""What a mail says: file import, templates, MIME parts, reading back, checks."""
