"""How a batch reference reaches a worker. A bell may be lost, doubled or late."""
