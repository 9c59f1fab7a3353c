#!/usr/bin/env python3
"""A sample approver for the signed four-eye mode of tatum-kms (docs/four-eye.md).

It approves payments to receivers on an allow-list, up to an amount, and nothing that it does not
understand. Requires Python 3.9, and the package `cryptography` for Ed25519 keys.

    approver.py --listen 127.0.0.1:8443 --question-key kms.pub --answer-key approver.key \
        --allow receivers.txt --most ETH=1000000000000000000 \
        --most-asset "ETH:token 0xdac17f958d2ee523a2206206994597c13d831ec7=5000000000" \
        [--most-fee ETH=5000000000000000] \
        [--tls-cert cert.pem --tls-key key.pem [--client-ca ca.pem]]

The allow-list has one receiver per line: `address` (only without a tag or memo), `address#tag` (only
with that tag), or `address#*` (with any tag, or none). Amounts are in base units and limit the sum of
a transaction. An asset with a limit is assumed to be fungible: do not name an NFT contract.
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
OUTCOME = b"tatum-kms four-eye outcome 1\n"
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


DOUBT = "an amount, or the number of an item"  # calls that ERC-20 and ERC-721 share
# Maximum fees where `--most-fee` does not set one, in base units; for VET in VTHO.
FEES = {
    "ADA": 10**6, "ALGO": 10**4, "BCH": 10**5, "BNB": 10**6, "BSC": 10**16, "BTC": 10**5,
    "CELO": 10**17, "DOGE": 5 * 10**8, "EGLD": 10**16, "ETH": 10**16, "FLOW": 0, "KCS": 10**17,
    "KLAY": 10**18, "LTC": 10**6, "MATIC": 10**18, "ONE": 10**18, "SOL": 10**7, "TRON": 10**8,
    "VET": 10**20, "XDC": 10**18, "XLM": 10**6, "XRP": 10**5,
}
VTHO = "token 0x0000000000000000000000000000456e65726779"


def spelled(address):
    """Hexadecimal addresses ignore case; in other addresses upper and lower case differ."""
    return address.lower() if address.startswith("0x") else address


def limit(text):
    """`CHAIN=AMOUNT`, `ASSET=AMOUNT` or `CHAIN:ASSET=AMOUNT`; an amount alone applies to every chain."""
    name, _, amount = text.rpartition("=")
    name, digits, contract = name.partition("0x")
    return name + digits + contract.lower(), int(amount)


def of(limits, chain, asset):
    """The limit of an asset; a limit that names the chain takes precedence."""
    names = [f"{chain}:{asset}", *([chain, ""] if asset == "native" else [asset])]
    return next((limits[name] for name in names if name in limits), None)


def is_listed(payment, allowed):
    to, tag = spelled(payment["to"]), payment["tag"]
    return (to if tag is None else f"{to}#{tag}") in allowed or f"{to}#*" in allowed


def decide(question, own):
    """The rule; replace it with yours. Returns the decision and its reason."""
    effects, chain = question["effects"], question["chain"]
    for one in effects["unexplained"]:
        is_token = of(own.most, chain, f"token {one['contract']}") is not None
        if not (one["what"] == DOUBT and one["receiver"] is None and is_token):
            return "reject", f"it does something that this approver does not understand: {one['what']}"
    if effects["allowances"] or not (effects["isComplete"] or effects["unexplained"]):
        return "reject", "it allows somebody to move assets later, or is not fully described"
    payments = [transfer for transfer in effects["transfers"] if transfer["toSelf"] is not True]
    if not any(int(payment["amount"]) > 0 for payment in payments):
        return "reject", "it pays nobody"
    asset, fee = effects["maxFee"]["asset"], int(effects["maxFee"]["amount"])
    usual = FEES.get(chain, 0) if asset == (VTHO if chain == "VET" else "native") else 0
    most = of(own.most_fee, chain, "native" if chain == "VET" and asset == VTHO else asset)
    if fee > (usual if most is None else most):
        return "reject", f"its fee may be {fee} {asset}"
    sums = {}
    for payment in payments:
        if not is_listed(payment, own.allowed):
            whom = payment["to"] if payment["tag"] is None else f"{payment['to']}#{payment['tag']}"
            return "wait", f"{whom} is not on the list; a person has to look at it"
        sums[payment["asset"]] = sums.get(payment["asset"], 0) + int(payment["amount"])
    for asset, total in sums.items():
        most = of(own.most, chain, asset)
        if most is None or total > most:
            return "reject", f"{total} {asset} is more than {most or 0}"
    return "approve", None


class Approver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), BODY_MAX))
        own = self.server.options
        signature = self.headers.get("tatum-kms-signature", "")
        if self.path.endswith("/outcome"):
            # The outcome of an approval; an approver with limits deducts what was not signed here.
            known = own.question_key.verifies(OUTCOME + body, signature)
            if known:
                print(f"outcome: {body.decode()}", flush=True)
            return self.send_error(204 if known else 403)
        if not own.question_key.verifies(QUESTION + body, signature):
            return self.send_error(403, "the question is not signed by the daemon")
        question = json.loads(body)
        if question["keyId"] != own.question_key.id or self.path.rsplit("/", 1)[-1] != question["id"]:
            return self.send_error(403, "the question is about something else")
        if abs(time.time() - question["time"]) > CLOCKS_DIFFER_MAX:
            return self.send_error(403, "the question is old")
        decision, reason = decide(question, own)
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
    parser.add_argument("--most", required=True, type=limit, action="append")
    parser.add_argument("--most-asset", type=limit, action="append", default=[])
    parser.add_argument("--most-fee", type=limit, action="append", default=[])
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    parser.add_argument("--client-ca")
    options = parser.parse_args()
    with open(options.allow, encoding="utf-8") as file:
        lines = [line.strip().partition("#") for line in file if line.strip()]
    options.allowed = {spelled(address) + mark + tag for address, mark, tag in lines}
    options.most = dict(options.most + options.most_asset)
    options.most_fee = dict(options.most_fee)
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
