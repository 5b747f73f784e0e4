import boto3
from aws_cdk import aws_s3

s3 = boto3.client("s3")


def publish(body):
    # ruleid: py-s3-public-access
    s3.put_object(Bucket="reports", Key="latest.csv", Body=body, ACL="public-read")


def upload(path):
    # ruleid: py-s3-public-access
    s3.upload_file(path, "reports", "latest.csv", ExtraArgs={"ContentType": "text/csv", "ACL": "public-read"})


def open_bucket(name):
    # ruleid: py-s3-public-access
    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")


def unblock(name):
    # ruleid: py-s3-public-access
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={"BlockPublicAcls": False, "IgnorePublicAcls": True},
    )


def website(stack):
    # ruleid: py-s3-public-access
    return aws_s3.Bucket(stack, "site", public_read_access=True)


# ok: py-s3-public-access
AWS_DEFAULT_ACL = "private"


def store(body):
    # ok: py-s3-public-access
    s3.put_object(Bucket="reports", Key="latest.csv", Body=body, ACL="private")


def share():
    # ok: py-s3-public-access
    return s3.generate_presigned_url("get_object", Params={"Bucket": "reports", "Key": "latest.csv"}, ExpiresIn=300)


def block(name):
    # ok: py-s3-public-access
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True},
    )


def closed(stack):
    # ok: py-s3-public-access
    return aws_s3.Bucket(stack, "site", public_read_access=False)
