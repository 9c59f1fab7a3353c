# Shares secrets and puts them together with the reference implementation of SLIP-39. Reads one
# JSON object {"split": […], "combine": […]}, writes one with an answer for each question.
import json
import sys

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics


def split(question):
    return generate_mnemonics(
        question["group_threshold"],
        question["groups"],
        bytes.fromhex(question["secret"]),
        question["passphrase"].encode(),
        question["extendable"],
        question["exponent"],
    )


def combine(question):
    try:
        return combine_mnemonics(question["shares"], question["passphrase"].encode()).hex()
    except MnemonicError as error:
        return "refused: " + type(error).__name__


questions = json.load(sys.stdin)
json.dump(
    {
        "split": [split(question) for question in questions["split"]],
        "combine": [combine(question) for question in questions["combine"]],
    },
    sys.stdout,
)
