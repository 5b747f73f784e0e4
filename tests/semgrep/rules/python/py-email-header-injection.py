import smtplib
from email.message import EmailMessage

from flask import request

server = smtplib.SMTP("localhost")


def contact():
    text = f"Subject: {request.form['subject']}\n\nHello"
    # ruleid: py-email-header-injection
    server.sendmail("a@example.com", ["b@example.com"], text)


def invite(request):
    # ruleid: py-email-header-injection
    server.sendmail("a@example.com", ["b@example.com"], "From: %s\n\nHello" % request.POST["from"])


def handler(event, context):
    message = "Subject: order\nReply-To: " + event["queryStringParameters"]["mail"] + "\n\nHello"
    # ruleid: py-email-header-injection
    server.sendmail("a@example.com", ["b@example.com"], message)


def contact_message():
    message = EmailMessage()
    message["Subject"] = request.form["subject"]
    # ok: py-email-header-injection
    server.sendmail("a@example.com", ["b@example.com"], message.as_string())


def constant():
    # ok: py-email-header-injection
    server.sendmail("a@example.com", [request.form["mail"]], "Subject: welcome\n\nHello")


def cleaned():
    subject = request.form["subject"].replace("\n", " ")
    # ok: py-email-header-injection
    server.sendmail("a@example.com", ["b@example.com"], f"Subject: {subject}\n\nHello")
