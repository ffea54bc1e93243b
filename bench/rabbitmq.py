"""The dispatch benchmark over RabbitMQ, as a fraction of the same over PostgreSQL alone.

The node is a private one on the same cores.
"""

from bench import dispatch, line
from postroad.testing.rabbitmq import rabbitmq_node

BAR = 0.8


def main() -> None:
    alone = dispatch.measured()
    with rabbitmq_node() as node:
        over = dispatch.measured(node.url)
    of = f"dispatch ({over:.2f}× smtp-source)"
    line.ratio("rabbitmq", over / alone, of, BAR, dispatch.MAILS, line.ROUNDS)
