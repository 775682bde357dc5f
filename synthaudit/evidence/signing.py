"""Ed25519 signatures in a DSSE envelope, with the package ``cryptography`` (extra ``sign``).

The envelope and what is signed (PAE, pre-authentication encoding) are DSSE v1.0.2
(github.com/secure-systems-lab/dsse). Keys are PEM files, as ``openssl genpkey -algorithm ed25519``
writes them.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthaudit.errors import InputError, UsageError
from synthaudit.evidence.canonical import canonical, readable
from synthaudit.evidence.manifest import sha256

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def pae(payload_type: str, payload: bytes) -> bytes:
    """``DSSEv1 LEN(type) type LEN(payload) payload``: what the signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _keys() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise UsageError(
            "Signing needs the package cryptography, which is not installed; install "
            "'synthaudit-privacy[sign]'."
        ) from error
    return serialization


@dataclass(frozen=True)
class Signer:
    """Holds a private key and signs statements with it."""

    key: Any
    """``Ed25519PrivateKey``"""

    @classmethod
    def load(cls, path: Path) -> Signer:
        """A private key from a PEM file without a passphrase.

        Raises
        ------
        InputError
            When there is no Ed25519 private key in it.
        """
        from_pem = _keys().load_pem_private_key
        key = _loaded(path, lambda content: from_pem(content, None), "private")
        return cls(key)

    @property
    def public_pem(self) -> bytes:
        """The public half, as a PEM file."""
        kinds = _keys()
        pem: bytes = self.key.public_key().public_bytes(
            kinds.Encoding.PEM, kinds.PublicFormat.SubjectPublicKeyInfo
        )
        return pem

    def envelope(self, statement: dict[str, Any]) -> dict[str, Any]:
        """The signed statement."""
        payload = canonical(statement)
        signature = self.key.sign(pae(PAYLOAD_TYPE, payload))
        return {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [
                {
                    "keyid": key_id(self.key.public_key()),
                    "sig": base64.b64encode(signature).decode(),
                }
            ],
        }


def load_public(path: Path) -> Any:
    """A public key from a PEM file; raises InputError when there is none."""
    return _loaded(path, _keys().load_pem_public_key, "public")


def _loaded(path: Path, read: Any, half: str) -> Any:
    try:
        key = read(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"The {half} key {path.name} cannot be read ({error.strerror}); check the path."
        ) from error
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{path.name} holds no {half} key in PEM form without a passphrase; make one with "
            "openssl genpkey -algorithm ed25519."
        ) from error
    if not type(key).__name__.startswith(("Ed25519", "_Ed25519")):
        raise InputError(f"{path.name} holds a key of another kind; give an Ed25519 key.")
    return key


def key_id(public: Any) -> str:
    """SHA-256 of the raw public key, to tell keys apart."""
    return sha256(public.public_bytes_raw())


def opened(content: bytes, public: Any) -> dict[str, Any]:
    """The statement in an envelope, after its one signature was checked.

    Raises
    ------
    InputError
        When a byte of the envelope differs from what was written or the signature does not fit.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        envelope = json.loads(content)
        payload, signature = _parts(envelope)
        intact = readable(envelope).encode() == content
        if not intact or envelope["payloadType"] != PAYLOAD_TYPE:
            raise ValueError("not as written")
        if envelope["signatures"][0]["keyid"] != key_id(public):
            raise InputError("It was signed with another key.")
        public.verify(signature, pae(PAYLOAD_TYPE, payload))
        statement: dict[str, Any] = json.loads(payload)
    except InvalidSignature as error:
        raise InputError("The signature does not fit: the statement was changed.") from error
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise InputError("It is damaged: not an envelope as it was written.") from error
    return statement


def _parts(envelope: dict[str, Any]) -> tuple[bytes, bytes]:
    """Payload and signature; base64 has several spellings of the same bytes, only one is taken."""
    (signature,) = envelope["signatures"]
    if set(envelope) != {"payloadType", "payload", "signatures"} or set(signature) != {
        "keyid",
        "sig",
    }:
        raise ValueError("unknown keys")
    found = []
    for text in (envelope["payload"], signature["sig"]):
        try:
            content = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error
        if base64.b64encode(content).decode() != text:
            raise ValueError("another spelling")
        found.append(content)
    return found[0], found[1]
