"""The envelope of WeChat's message push: signatures, encryption, JSON and XML.

Safe mode of the mini-program's message push: a signature is the SHA-1 of the token and what it
signs, sorted and joined. The message is AES-256-CBC; its key is the EncodingAESKey with one ``=``,
in base 64; the first 16 bytes of the key are the initial vector; PKCS#7 with blocks of 32. Inside
are 16 random bytes, the length as 4 bytes (big-endian), the message, and the AppID.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

BLOCK = 32
DEEPEST = 16
"""Elements within elements; an event has four."""
_RANDOM = 16
_LENGTH = struct.Struct(">I")


class Unreadable(ValueError):
    """The envelope or what is in it is not what WeChat sends."""


def signature(token: str, *signed: str) -> str:
    """What WeChat's signature of these words is: 40 hexadecimal digits."""
    # SHA-1 is WeChat's choice; the token in it is a secret.
    return hashlib.sha1("".join(sorted((token, *signed))).encode()).hexdigest()  # noqa: S324


def is_signed(told: str, token: str, *signed: str) -> bool:
    """Whether the signature is right; takes as long either way."""
    return hmac.compare_digest(told.encode(), signature(token, *signed).encode())


def decrypt(aes_key: str, encrypted: str, app_id: str) -> bytes:
    """The message.

    Raises:
        Unreadable: it was not encrypted with this key, or for this mini-program.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = base64.b64decode(f"{aes_key}=")
    try:
        content = base64.b64decode(encrypted, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = decryptor.update(content) + decryptor.finalize()
    except (ValueError, binascii.Error) as error:
        raise Unreadable("not encrypted") from error
    plain = _unpadded(padded)
    start = _RANDOM + _LENGTH.size
    if len(plain) < start:
        raise Unreadable("too short")
    end = start + _LENGTH.unpack_from(plain, _RANDOM)[0]
    if end > len(plain) or not hmac.compare_digest(plain[end:], app_id.encode()):
        raise Unreadable("for another mini-program")
    return plain[start:end]


def encrypt(aes_key: str, message: bytes, app_id: str) -> str:
    """What ``decrypt`` makes the message of; as WeChat does it."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = base64.b64decode(f"{aes_key}=")
    plain = secrets.token_bytes(_RANDOM) + _LENGTH.pack(len(message)) + message + app_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    content = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(content).decode()


def _unpadded(padded: bytes) -> bytes:
    padding = padded[-1] if padded else 0
    if not 1 <= padding <= BLOCK or not padded.endswith(bytes([padding]) * padding):
        raise Unreadable("padded otherwise")
    return padded[:-padding]


def opened(content: bytes) -> dict[str, Any]:
    """The fields of a body or a message, JSON or XML, whichever the push was set to.

    Elements that hold others become dictionaries, those that come several times lists.

    Raises:
        Unreadable: it is neither, or hostile.
    """
    if content.lstrip()[:1] == b"<":
        told = _xml(content)
    else:
        try:
            told = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise Unreadable("not json") from error
    if not isinstance(told, dict):
        raise Unreadable("no fields")
    return told


def _xml(content: bytes) -> Any:
    # Loaded when first needed, as all here that few pushes ask for.
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return _fields(fromstring(content, forbid_dtd=True))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        # LookupError: of an encoding that there is not.
        raise Unreadable("not xml") from error


def _fields(element: "Element", depth: int = DEEPEST) -> Any:
    if len(element) == 0:
        return element.text or ""
    if depth == 0:
        raise Unreadable("too deep")
    found: dict[str, Any] = {}
    for child in element:
        value = _fields(child, depth - 1)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found
