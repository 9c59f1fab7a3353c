"""Sets the scene of the tests with moto, through Amazon's own client.

moto.py URL set-up                      users, a role and two secrets; their keys as JSON
moto.py URL put KEY-ID KEY NAME VALUE   a new value of a secret
"""

import json
import sys

import boto3

URL = sys.argv[1]
PASSWORD = "correct horse"
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
            "Resource": "*",
        }
    ],
}
ANYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def client(service, key_id="x", key="x"):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="eu-west-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=key,
    )


def keys_of(iam, name):
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "key": key["SecretAccessKey"]}


def set_up():
    """Ten calls, none of which moto asks who makes them."""
    secrets, iam = client("secretsmanager"), client("iam")
    secrets.create_secret(Name="kms", SecretString=json.dumps({"password": PASSWORD}))
    secrets.create_secret(Name="plain", SecretString=PASSWORD)
    iam.create_user(UserName="kms")
    iam.put_user_policy(UserName="kms", PolicyName="p", PolicyDocument=json.dumps(READ))
    iam.create_user(UserName="stranger")
    role = iam.create_role(RoleName="kms", AssumeRolePolicyDocument=json.dumps(ANYONE))
    iam.put_role_policy(RoleName="kms", PolicyName="p", PolicyDocument=json.dumps(READ))
    user, stranger = keys_of(iam, "kms"), keys_of(iam, "stranger")
    session = client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="session")
    session = session["Credentials"]
    return {
        "user": user,
        "stranger": stranger,
        "session": {
            "id": session["AccessKeyId"],
            "key": session["SecretAccessKey"],
            "token": session["SessionToken"],
        },
    }


if sys.argv[2] == "set-up":
    print(json.dumps(set_up()))
else:
    KEY_ID, KEY, NAME, VALUE = sys.argv[3:]
    client("secretsmanager", KEY_ID, KEY).put_secret_value(SecretId=NAME, SecretString=VALUE)
