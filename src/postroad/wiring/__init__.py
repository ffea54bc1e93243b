"""The composition root's rooms: actions, store, content and engine put together for `app`."""
