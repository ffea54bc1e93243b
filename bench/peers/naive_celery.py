"""One Celery task a mail: Jinja2, EmailMessage, smtplib. Nothing is recorded.

Kinder to itself than most: no result backend, no database, no limits. The
letter, the broker and the relay come from the environment.
"""

import os
import smtplib  # noqa: TID251 - the peer is what most people write.
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from celery import Celery
from jinja2 import Template

from bench.scene import LETTER, LINES

TEXT = "Dear {{ name }},\n\n" + (
    "A line of text that is as long as most are in a letter like this.\n\n" * LINES
)

app = Celery("naive", broker=os.environ.get("NAIVE_BROKER", ""))
app.conf.task_ignore_result = True


@app.task(name="send")
def send(person: str, address: str) -> None:
    mail = EmailMessage()
    mail["From"] = "me@example.com"
    mail["To"] = address
    mail["Subject"] = "Hello"
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="example.com")
    mail.set_content(Template(TEXT).render(name=person))
    mail.add_alternative(Template(LETTER).render(name=person), subtype="html")
    with smtplib.SMTP("127.0.0.1", int(os.environ["NAIVE_PORT"])) as relay:
        relay.send_message(mail)
