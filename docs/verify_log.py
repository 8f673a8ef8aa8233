"""Verifies the chain of an exported Keysweep log: python3 verify_log.py EXPORT [SEQ:HASH]

Checks hashes, links, order, the account and the tip that the signed head names; not the signature
itself, which needs Ed25519 (see audit-log.md). SEQ:HASH is an anchor that was handed out earlier.
"""
import hashlib, json, sys

def fail(seq, why):
    print(f"record {seq}: {why}")
    sys.exit(1)


def main(path, anchor=None):
    with open(path, encoding="utf-8", newline="\n") as file:
        header = json.loads(file.readline())
        head = header["head"]
        seq, prev, seen = 0, "0" * 64, {}
        for line in file:
            seq += 1
            at = line.rfind(',"hash":"')
            if at < 0 or not line.endswith("}\n"):
                fail(seq, "not a record")
            record = json.loads(line)
            without = line[:at] + line[at + 9 + 64 + 1 : -1]
            if hashlib.sha256(without.encode()).hexdigest() != record["hash"]:
                fail(seq, "its hash is not the one it states")
            if record["seq"] != seq or record["prev"] != prev:
                fail(seq, "it does not follow on the record before")
            if record["account"] != header["account"]:
                fail(seq, "it is of another account")
            prev = record["hash"]
            seen[seq] = prev
    if head and (head["seq"], head["hash"]) != (seq, prev):
        fail(min(head["seq"], seq) + (head["seq"] != seq), f"the head is of record {head['seq']}")
    if anchor and seen.get(int(anchor.split(":")[0])) != anchor.split(":")[1]:
        fail(anchor.split(":")[0], "it is not the one of the anchor")
    print(f"ok: {seq} records, {seq}:{prev}, signed by {head['key'] if head else 'nobody'}")


main(*sys.argv[1:])
