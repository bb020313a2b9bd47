"""A log-on by Gatehouse for programs in Python: docs/gate-protocol.md, as a process or over the socket of `gatehouse serve`.

Invariant: what is returned is a grant only where the gate said so in `done` of this very log-on, with the nonce that was made for it.
Whatever ends in between, an exception of the caller included, is none.
"""

import json
import os
import secrets
import socket
import subprocess


class Denied(Exception):
    """No grant. `args[0]` is the reason of docs/gate-protocol.md, `retry_after` seconds or None."""

    def __init__(self, reason, retry_after=None):
        super().__init__(reason)
        self.retry_after = retry_after


def log_on_by_process(command, config, ask, show, **begin):
    """`command` is the absolute path of gatehouse, `config` that of config.ini; the rest as in `converse`."""
    call = [command, "--config", config, "login", "--front-end", "json"]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as gate:
        try:
            done = converse(gate.stdout, gate.stdin, ask, show, begin)
        except BaseException:
            # Nobody is left to answer. Waiting for the gate would be waiting for its time-out.
            gate.kill()
            raise
    # The verdict comes twice, and both have to say it.
    if gate.returncode != 0:
        raise Denied(f"status {gate.returncode}")
    return done


def log_on_by_socket(path, ask, show, **begin):
    """`path` of [Server] Socket. Its folder must be one that only root or the server's account can write."""
    with socket.socket(socket.AF_UNIX) as connection:
        # For a server that has stopped. The person's own time is not counted here, but by the server.
        connection.settimeout(60)
        connection.connect(path)
        with connection.makefile("r", encoding="utf-8") as lines, connection.makefile("w", encoding="utf-8") as out:
            return converse(lines, out, ask, show, begin, fake="fake" in os.path.basename(path))


def converse(lines, out, ask, show, begin, fake=False):
    """Returns `done` of a grant, `{"user": ..., "method": ..., "paired": ...}`; raises Denied.

    ask(message)   an answer to `message["label"]`, not shown while typed where `message["secret"]`; None cancels.
    show(message)  a notice (`text`, and `codes` if any) or a pairing (`label`, `user`, `key`, `uri`).
    begin          user, terminal: what is known.
    fake           True takes a gate of `serve --fake`, which grants to whoever has read the manual: for tests.
    """
    nonce = secrets.token_hex(16)
    say(out, {"type": "begin", "nonce": nonce, **begin})
    for line in lines:
        message = json.loads(line)
        kind = message["type"]
        if message.get("fake") and not fake:
            raise Denied("a fake gate")
        if kind == "hello" and message["protocol"] != 1:
            raise Denied("not protocol 1")
        if kind == "ask":
            value = ask(message)
            say(out, {"type": "cancel"} if value is None else {"type": "answer", "id": message["id"], "value": value})
        elif kind in ("notice", "pair"):
            show(message)
        elif kind == "done":
            if message["outcome"] == "granted" and message.get("nonce") == nonce:
                return message
            raise Denied(message.get("reason", "denied"), message.get("retryAfterSeconds"))
    raise Denied("the gate ended without a word")


def say(out, message):
    print(json.dumps(message), file=out, flush=True)
