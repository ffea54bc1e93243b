"""The SMTP engine: sessions, the pool that keeps them busy, the sandbox inbox."""
