"""What the sample approver decides: each question is good but for what its name says."""
import unittest
from argparse import Namespace

import approver

TO, TOKEN, ITEMS = "0x" + "11" * 20, "0x" + "aa" * 20, "0x" + "bb" * 20
BANK = "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh"


def decide(chain="ETH", allowed=(TO,), options=(), **changes):
    limits = dict(approver.limit(text) for text in ("100", f"ETH:token 0x{'AA' * 20}=50", *options))
    own = Namespace(allowed=set(allowed), most=limits, most_fee={"BSC": 7})
    question = {"chain": chain, "effects": effects(**changes)}
    return approver.decide(question, own)[0]


def effects(transfers=((TO, 100),), **changes):
    fee = {"asset": "native", "amount": changes.pop("fee", "5")}
    fee["asset"] = changes.pop("fee_asset", "native")
    known = {"from": [], "allowances": [], "unexplained": [], "maxFee": fee}
    known["transfers"] = [transfer(*one) for one in transfers]
    known.update(changes)
    known["isComplete"] = not known["unexplained"]
    known["calls"] = [one["what"] for one in known["unexplained"]]
    return known


def transfer(to, amount, asset="native", tag=None, to_self=False):
    return {"to": to, "amount": str(amount), "asset": asset, "tag": tag, "toSelf": to_self}


def unexplained(what, contract=None, receiver=None):
    return [{"what": what, "contract": contract, "receiver": receiver}]


class Decisions(unittest.TestCase):
    def test_a_payment_to_a_receiver_on_the_list_is_approved(self):
        self.assertEqual(decide(), "approve")
        self.assertEqual(decide(transfers=[(TO, 99), ("0x" + "99" * 20, 10**30, "native", None, True)]), "approve")

    def test_who_is_not_on_the_list_waits_for_a_person(self):
        self.assertEqual(decide(allowed=()), "wait")
        self.assertEqual(decide(transfers=[(TO, 1), (ITEMS, 1)]), "wait")
        self.assertEqual(decide(chain="SOL", allowed=["AbcD"], transfers=[("abcd", 1)]), "wait")

    def test_what_pays_nobody_is_rejected(self):
        for transfers in ([], [(TO, 0)], [(TO, 5, "native", None, True)]):
            self.assertEqual(decide(transfers=transfers), "reject", transfers)

    def test_the_sum_of_an_asset_is_bounded_and_not_each_part(self):
        self.assertEqual(decide(transfers=[(TO, 60), (TO, 41)]), "reject")
        token = f"token {TOKEN}"
        self.assertEqual(decide(transfers=[(TO, 50, token)]), "approve")
        self.assertEqual(decide(transfers=[(TO, 30, token), (TO, 21, token)]), "reject")
        self.assertEqual(decide(transfers=[(TO, 100), (TO, 50, token)]), "approve")

    def test_an_asset_without_a_limit_is_rejected(self):
        for asset in (f"token {ITEMS}", f"item 5 of {TOKEN}", f"all items of {TOKEN}"):
            self.assertEqual(decide(transfers=[(TO, 1, asset)]), "reject", asset)
        self.assertEqual(decide(chain="BSC", transfers=[(TO, 1, f"token {TOKEN}")]), "reject")

    def test_a_limit_of_a_chain_counts_before_that_of_all(self):
        self.assertEqual(decide(options=["ETH=10"]), "reject")
        self.assertEqual(decide(options=["BSC=10"]), "approve")

    def test_the_fee_is_bounded(self):
        self.assertEqual(decide(fee=str(10**16)), "approve")
        self.assertEqual(decide(fee=str(10**16 + 1)), "reject")
        self.assertEqual(decide(chain="BSC", fee="8"), "reject")
        self.assertEqual(decide(chain="CELO", fee_asset=f"token {TOKEN}"), "reject")
        vtho = "token 0x0000000000000000000000000000456e65726779"
        self.assertEqual(decide(chain="VET", fee=str(10**20), fee_asset=vtho), "approve")
        self.assertEqual(decide(chain="VET", fee=str(10**20 + 1), fee_asset=vtho), "reject")
        self.assertEqual(decide(chain="NEW"), "reject")

    def test_a_tag_is_part_of_the_receiver(self):
        for line, tag, decision in (
            (BANK, None, "approve"), (BANK, "7", "wait"), (f"{BANK}#7", "7", "approve"),
            (f"{BANK}#7", "8", "wait"), (f"{BANK}#7", None, "wait"), (f"{BANK}#*", "8", "approve"),
            (f"{BANK}#*", None, "approve"), (f"{BANK}#text:A", "text:a", "wait"),
        ):
            told = decide(chain="XRP", allowed=[line], transfers=[(BANK, 1, "native", tag)])
            self.assertEqual(told, decision, (line, tag))

    def test_what_is_not_explained_is_rejected(self):
        self.assertEqual(decide(unexplained=unexplained("EscrowCreate", receiver=TO)), "reject")
        self.assertEqual(decide(unexplained=unexplained(TOKEN, contract=TOKEN)), "reject")
        self.assertEqual(decide(allowances=[{"asset": "native", "spender": TO, "amount": "1"}]), "reject")

    def test_the_doubt_of_a_token_with_a_limit_is_accepted(self):
        doubt = unexplained(approver.DOUBT, contract=TOKEN)
        paid = [(TO, 50, f"token {TOKEN}")]
        self.assertEqual(decide(transfers=paid, unexplained=doubt), "approve")
        for other in (unexplained(approver.DOUBT, contract=ITEMS), unexplained(approver.DOUBT),
                      unexplained(approver.DOUBT, contract=TOKEN, receiver=TO)):
            self.assertEqual(decide(transfers=paid, unexplained=other), "reject", other)
        self.assertEqual(decide(transfers=paid, unexplained=doubt + unexplained("x")), "reject")


if __name__ == "__main__":
    unittest.main()
