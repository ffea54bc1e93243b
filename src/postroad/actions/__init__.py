"""What the manager does, a verb a module: sync, no framework, a closed union out."""
