"""What outsiders see of the queue over RabbitMQ: postroad.submit, .dead, .aside and .events."""
