import boto3
from flask import request

athena = boto3.client("athena")
rds = boto3.client("rds-data")
dynamo = boto3.client("dynamodb")


def report():
    query = f"SELECT * FROM visits WHERE country = '{request.args['country']}'"
    # ruleid: py-sql-injection-aws
    return athena.start_query_execution(QueryString=query, WorkGroup="main")


def handler(event, context):
    name = event["pathParameters"]["name"]
    # ruleid: py-sql-injection-aws
    return rds.execute_statement(resourceArn="arn", secretArn="s", sql="SELECT * FROM users WHERE name = '" + name + "'")


def partiql():
    key = request.json["key"]
    # ruleid: py-sql-injection-aws
    return dynamo.execute_statement(Statement="SELECT * FROM items WHERE pk = '%s'" % key)


def report_bound():
    country = request.args["country"]
    # ok: py-sql-injection-aws
    return athena.start_query_execution(QueryString="SELECT * FROM visits WHERE country = ?", ExecutionParameters=[country])


def by_id(event, context):
    number = int(event["pathParameters"]["id"])
    # ok: py-sql-injection-aws
    return rds.execute_statement(resourceArn="arn", secretArn="s", sql=f"SELECT * FROM users WHERE id = {number}")


def partiql_bound():
    # ok: py-sql-injection-aws
    return dynamo.execute_statement(Statement="SELECT * FROM items WHERE pk = ?", Parameters=[{"S": request.json["key"]}])
