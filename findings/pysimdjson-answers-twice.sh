#!/usr/bin/env bash
# Version: pysimdjson 7.0.2 with ujson 6.1.0 and python-rapidjson 1.25 (PyPI), json of Python 3.11.
# Guess: Where an object names a member twice, which the grammar of JSON allows, the last one counts, in every parser for
#   Python and however the value is asked for.
# Behaviour: pysimdjson has two answers for one parsed text: asked by name or pointer it gives the first, as a dict (and
#   by loads, which is offered in place of json's) the last. It also refuses amounts of 2^64 and more that the others read
#   exactly, so a wei amount above 18.4 ETH as a number is no JSON to it.
# Seen:
#   json 2, ujson 2, rapidjson 2, simdjson.loads 2, as_dict 2, by name 1, by pointer 1
#   2^64: json exact, ujson exact, rapidjson exact, simdjson ValueError
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pysimdjson==7.0.2 ujson==6.1.0 python-rapidjson==1.25
cat >see.py <<'PY'
import json
import sys

import rapidjson
import simdjson
import ujson

text = '{"to":"A","amount":"1","amount":"2"}'
parsed = simdjson.Parser().parse(text)
first = ", ".join(
    f"{name} {value}"
    for name, value in (
        ("json", json.loads(text)["amount"]),
        ("ujson", ujson.loads(text)["amount"]),
        ("rapidjson", rapidjson.loads(text)["amount"]),
        ("simdjson.loads", simdjson.loads(text)["amount"]),
        ("as_dict", parsed.as_dict()["amount"]),
        ("by name", parsed["amount"]),
        ("by pointer", parsed.at_pointer("/amount")),
    )
)
print(first)


def large(loads):
    try:
        return "exact" if loads(str(2**64)) == 2**64 else "another number"
    except Exception as error:
        return type(error).__name__


parsers = (("json", json), ("ujson", ujson), ("rapidjson", rapidjson), ("simdjson", simdjson))
second = "2^64: " + ", ".join(f"{name} {large(module.loads)}" for name, module in parsers)
print(second)
if (first, second) != (
    "json 2, ujson 2, rapidjson 2, simdjson.loads 2, as_dict 2, by name 1, by pointer 1",
    "2^64: json exact, ujson exact, rapidjson exact, simdjson ValueError",
):
    sys.exit("The behaviour has changed.")
PY
venv/bin/python see.py
