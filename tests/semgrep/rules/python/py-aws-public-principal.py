import json

import boto3

QUEUE = {
    "Version": "2012-10-17",
    "Statement": [
        # ruleid: py-aws-public-principal
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:1:jobs"},
    ],
}


def key_policy():
    # ruleid: py-aws-public-principal
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    return json.dumps({"Statement": [statement]})


def open_function(name):
    # ruleid: py-aws-public-principal
    boto3.client("lambda").add_permission(FunctionName=name, StatementId="all", Action="lambda:InvokeFunction", Principal="*")


# ok: py-aws-public-principal
OWN = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}

# ok: py-aws-public-principal
FROM_TOPIC = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:eu-west-1:1:jobs",
    "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:1:orders"}},
}

# ok: py-aws-public-principal
DENY_PLAIN = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*"}


def allow_bucket(name):
    # ok: py-aws-public-principal
    boto3.client("lambda").add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
