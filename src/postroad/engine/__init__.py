"""Select, prepare, dispatch and record: the sending protocol at work."""
