"""How much a setting's name tells about its value: `api_key` says that it is secret, `tokenizer` that it is not."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache


class Telling(IntEnum):
    """What a name says: nothing; that a key may hide here; that there is one unless it reads like a word; a secret."""

    NOTHING = 0
    MAYBE = 1
    LIKELY = 2
    SECRET = 3


# Whatever stands before or behind them
_ALWAYS = set(
    "password passwords passwd passphrase passphrases passcode pwd secret secrets credential credentials creds apikey "
    "apikeys apitoken authtoken accesstoken accesskey secretkey privatekey authorization".split()
)
_NUMBERS = {"password", "passwd", "passphrase", "passcode", "pwd", "secret"}  # these may be numbers
_AT_END = set("auth bearer cookie cookies jwt sas sig signature webhook webhooks".split())
# Before `key` or `token`
_WHOSE = set(
    "access account admin api app auth bearer bot client consumer csrf decryption deploy encryption id license master "
    "oauth personal private refresh root secret security service session shared signing ssh storage subscription "
    "webhook xsrf anthropic aws azure clearml cohere comet databricks docker gcp gemini git github gitlab google groq "
    "hub huggingface kaggle minio mistral mlflow neptune npm openai pypi replicate roboflow s3 sentry slack telegram "
    "together vault hf wandb".split()
)
# Before `token`: words of a vocabulary
_VOCABULARY = set(
    "additional answer assistant audio begin blank boi bos cls decoder dist empty end eoi eos eot eom extra fim first "
    "forced image img last lang mask middle new newline next pad padding placeholder prefix prompt register sep space "
    "special start stop sub suffix system target text think tool unk unknown user video word".split()
)
_PAIRS = {("webhook", "url"), ("auth", "header"), ("proxy", "auth")}
# At the end: the setting is about a secret, and holds none
_ABOUT = set(
    "backend class count detection dim dims dir directory domain enabled env expires expiry file filename files folder "
    "format hint host ids index kind len length limit loader loss manager method mode name names num number path paths "
    "policy position positions prob provider rate ratio required scheme size timeout ttl type types var variable "
    "weight weights".split()
)
_CONTAINERS = {"list", "set", "map", "dict", "value", "values", "string", "str", "text"}
_FINGERPRINTS = set("hash hashes sha sha1 sha256 md5 commit revision rev checksum digest fingerprint etag".split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters, without numbers at its end.

    >>> words("OPENAI_API_KEY"), words("authToken2"), words("wandb.key")
    (('openai', 'api', 'key'), ('auth', 'token'), ('wandb', 'key'))
    """
    found = [word.lower() for word in _WORD.findall(name[:200])]
    while found and found[-1].isdigit():
        found.pop()
    return tuple(found)


@lru_cache(4096)
def telling(name: str, above: str = "") -> Telling:
    """What a name says of its value; `above`: the name of the settings that it stands in.

    >>> [telling(name).name for name in ("api_key", "key", "image_key", "tokenizer", "max_tokens", "token_file")]
    ['SECRET', 'LIKELY', 'MAYBE', 'NOTHING', 'LIKELY', 'MAYBE']
    >>> telling("key", "wandb").name
    'SECRET'
    """
    found = words(name)
    while len(found) > 1 and found[-1] in _CONTAINERS:
        found = found[:-1]
    if not found:
        return Telling.NOTHING
    around = (*words(above)[-1:], *found)
    pairs = set(zip(around, around[1:], strict=False))
    secret = bool(_ALWAYS & set(found)) or found[-1] in _AT_END or bool(_PAIRS & pairs)
    secret |= any(one in _WHOSE and other in ("key", "keys", "token", "tokens") for one, other in pairs)
    last = found[-1]
    if secret:
        return Telling.MAYBE if last in _ABOUT else Telling.SECRET
    if _FINGERPRINTS & set(found):
        return Telling.NOTHING
    if last == "token":
        return Telling.NOTHING if _VOCABULARY & set(found) else Telling.SECRET
    if last == "tokens" or found in (("key",), ("keys",)):
        return Telling.LIKELY
    return Telling.MAYBE if {"key", "keys", "token", "auth", "sig", "private"} & set(found) else Telling.NOTHING


def holds_secrets(name: str) -> bool:
    """Whether everything below a name is secret: `secrets:`, `credentials:`."""
    found = words(name)
    return bool(_ALWAYS & set(found)) and found[-1] not in _ABOUT


def may_be_number(name: str) -> bool:
    """Whether a number under this name is one that somebody types to be let in."""
    return bool(words(name)) and words(name)[-1] in _NUMBERS


def several(name: str) -> bool:
    """Whether an option of this name takes more than one value."""
    return bool(words(name)) and words(name)[-1].endswith("s")
