import json

import boto3
from aws_cdk import aws_iam

iam = boto3.client("iam")

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        # ruleid: py-iam-wildcard-policy
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ],
}


def grant(role):
    # ruleid: py-iam-wildcard-policy
    document = {"Statement": [{"Sid": "All", "Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=json.dumps(document))


def attach(role):
    # ruleid: py-iam-wildcard-policy
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def statement():
    # ruleid: py-iam-wildcard-policy
    return aws_iam.PolicyStatement(actions=["*"], resources=["*"])


def grant_read(role):
    # ok: py-iam-wildcard-policy
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]}
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=json.dumps(document))


# ok: py-iam-wildcard-policy
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def attach_read(role):
    # ok: py-iam-wildcard-policy
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


# ok: py-iam-wildcard-policy
DESCRIBE = {"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}
