"""How a program with plain prompts asks and shows: `ask` and `show` of gatehouse_client."""

import getpass


def ask(message):
    """None at Ctrl-C and at the end of the input."""
    label = message["label"]
    if "options" in message:
        label += f" ({', '.join(message['options'])})"
    try:
        return getpass.getpass(f"{label}: ") if message["secret"] else input(f"{label}: ")
    except (EOFError, KeyboardInterrupt):
        print()
        return None


def show(message):
    if message["type"] == "notice":
        print(message["text"], *message.get("codes", []), sep="\n")
        return
    # A program that can draw makes a QR code of message["uri"]; the key does as well. Neither belongs into a log.
    print(f"Add an account to your authenticator app: {message['label']}, {message['user']}")
    print(f"Key: {message['key']}")
