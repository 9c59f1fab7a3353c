#!/usr/bin/env python3
"""A sample approver for the signed four-eye mode of tatum-kms (docs/four-eye.md).

It approves payments to receivers on an allow-list, up to an amount, and nothing it does not
understand. Needs Python 3.9; with keys of Ed25519 also the package `cryptography`.

    approver.py --listen 127.0.0.1:8443 --question-key kms.pub --answer-key approver.key \
        --allow receivers.txt --most 1000000000000000000 \
        [--tls-cert cert.pem --tls-key key.pem [--client-ca ca.pem]]
"""
import argparse
import base64
import hashlib
import hmac
import json
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

QUESTION = b"tatum-kms four-eye question 1\n"
ANSWER = b"tatum-kms four-eye answer 1\n"
CLOCKS_DIFFER_MAX = 300
BODY_MAX = 1 << 20


class Key:
    """A line `kind:id:base64`."""

    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            self.kind, self.id, text = file.read().strip().split(":")
        self.bytes = base64.b64decode(text, validate=True)

    def sign(self, message):
        if self.kind == "hmac-sha256":
            signature = hmac.new(self.bytes, message, hashlib.sha256).digest()
        else:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
            signature = Ed25519PrivateKey.from_private_bytes(self.bytes).sign(message)
        return base64.b64encode(signature).decode()

    def verifies(self, message, signature):
        signature = base64.b64decode(signature)
        if self.kind == "hmac-sha256":
            own = hmac.new(self.bytes, message, hashlib.sha256).digest()
            return hmac.compare_digest(own, signature)
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        try:
            Ed25519PublicKey.from_public_bytes(self.bytes).verify(signature, message)
            return True
        except InvalidSignature:
            return False


def decide(question, allowed, most):
    """The rule: replace it by your own. Returns the decision and its reason."""
    effects = question["effects"]
    if not effects["isComplete"] or effects["calls"] or effects["allowances"]:
        return "reject", "it does something that this approver does not understand"
    payments = [transfer for transfer in effects["transfers"] if not transfer["toSelf"]]
    for payment in payments:
        if payment["to"].lower() not in allowed:
            return "wait", f"{payment['to']} is not on the list; a person has to look at it"
        if int(payment["amount"]) > most:
            return "reject", f"{payment['amount']} is more than {most}"
    return "approve", None


class Approver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), BODY_MAX))
        own = self.server.options
        signature = self.headers.get("tatum-kms-signature", "")
        if not own.question_key.verifies(QUESTION + body, signature):
            return self.send_error(403, "the question is not signed by the daemon")
        question = json.loads(body)
        if question["keyId"] != own.question_key.id or self.path.rsplit("/", 1)[-1] != question["id"]:
            return self.send_error(403, "the question is about something else")
        if abs(time.time() - question["time"]) > CLOCKS_DIFFER_MAX:
            return self.send_error(403, "the question is old")
        decision, reason = decide(question, own.allowed, own.most)
        answer = {
            "version": 1,
            "id": question["id"],
            "signingDigest": question["signingDigest"],
            "nonce": question["nonce"],
            "time": int(time.time()),
            "keyId": own.answer_key.id,
            "decision": decision,
            "reason": reason,
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("tatum-kms-signature", own.answer_key.sign(ANSWER + body))
        self.end_headers()
        self.wfile.write(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:8443")
    parser.add_argument("--question-key", required=True, type=Key)
    parser.add_argument("--answer-key", required=True, type=Key)
    parser.add_argument("--allow", required=True)
    parser.add_argument("--most", required=True, type=int)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    parser.add_argument("--client-ca")
    options = parser.parse_args()
    with open(options.allow, encoding="utf-8") as file:
        options.allowed = {line.strip().lower() for line in file if line.strip()}
    host, port = options.listen.rsplit(":", 1)
    server = ThreadingHTTPServer((host, int(port)), Approver)
    server.options = options
    if options.tls_cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls_cert, options.tls_key)
        if options.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(options.client_ca)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"listening on {host}:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
