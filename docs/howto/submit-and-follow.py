"""Submits a mail and follows it: submit-and-follow.py amqp://… campaign address id."""

import json
import sys

import pika

url, campaign, address, key = sys.argv[1:]
message = {"v": 1, "id": key, "campaign": int(campaign), "address": address}
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
channel.confirm_delivery()
mine = channel.queue_declare("", exclusive=True).method.queue
channel.queue_bind(mine, "postroad.events", "#")
channel.basic_publish("postroad.submit", "", json.dumps(message), mandatory=True)
for method, _, body in channel.consume(mine, auto_ack=True):
    event = json.loads(body)
    if event.get("id") == key:
        print(method.routing_key, event["text"], flush=True)
        if event["kind"] in ("finished", "held", "stopped", "message_refused"):
            break
