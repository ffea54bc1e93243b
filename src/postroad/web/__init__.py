"""What a browser sees: the console and the public pages."""
