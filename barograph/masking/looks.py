"""What secrets look like wherever they stand: keys of known services, addresses with a password, signed tokens."""

from __future__ import annotations

import re

MASK = "***"

_KEYS = re.compile(
    r"""
      \b(?:sk|rk|pk)-(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{16,}      # OpenAI, Anthropic, OpenRouter
    | \b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}                    # Stripe
    | \bhf_[A-Za-z0-9]{16,}
    | \bgh[oprsu]_[A-Za-z0-9]{16,} | \bgithub_pat_[A-Za-z0-9_]{20,}
    | \bgl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{16,}
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,} | \bxapp-[A-Za-z0-9-]{10,}   # Slack
    | \b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b                       # AWS
    | \bAIza[A-Za-z0-9_-]{30,} | \bya29\.[A-Za-z0-9_-]{20,}         # Google
    | \b(?:gsk|nvapi|xai|pplx|tvly|lsv2|wandb_v1|dckr_pat|npm|r8|rpa|figd|shpat)[_-]
      (?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{20,}                     # Groq, NVIDIA, LangSmith, Docker and their kin
    | \bdapi[0-9a-f]{32} | \bpypi-[A-Za-z0-9_-]{50,}
    | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}                  # SendGrid
    | \b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}                            # Telegram
    | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?  # JSON web tokens
    """,
    re.VERBOSE,
)
_BLOCK = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_HOOKS = re.compile(
    r"(https://(?:hooks\.slack\.com/(?:services|workflows|triggers)|(?:\w+\.)?discord(?:app)?\.com/api/webhooks|"
    r"[\w.-]+\.webhook\.office\.com|outlook\.office\.com/webhook|api\.telegram\.org/bot)/?)[^\s\"'<>)]+"
)
_USER = re.compile(r"\b([a-z][a-z0-9+.-]*://)([^\s/@:\"'<>]*)(:[^\s/@\"'<>]*)?@", re.IGNORECASE)
_HEADER = re.compile(
    r"(authorization[\"']?\s*[:=]\s*[\"']?)(?:[A-Za-z]+\s+)?[^\s\"',;}]+|\b((?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{4,}",
    re.IGNORECASE,
)


def without_keys(text: str) -> str:
    """The text without what is a secret by its look.

    >>> without_keys("psql postgres://me:pass@host/db, clone git@host:a.git, Bearer abc.def")
    'psql postgres://me:***@host/db, clone git@host:a.git, Bearer ***'
    """
    text = _BLOCK.sub(rf"\1 {MASK} \2", text)
    text = _HOOKS.sub(rf"\1{MASK}", text)
    text = _USER.sub(_user, text)
    text = _HEADER.sub(lambda found: (found[1] or found[2]) + MASK, text)
    return _KEYS.sub(MASK, text)


def _user(found: re.Match[str]) -> str:
    scheme, user, password = found[1], found[2], found[3]
    if password is not None:
        return f"{scheme}{user}:{MASK}@"
    return f"{scheme}{MASK if len(user) >= 16 else user}@"  # https://TOKEN@host, but ssh://git@host


def is_random(text: str) -> bool:
    """Whether a text reads like random letters and digits, as keys do and names do not.

    >>> [is_random(text) for text in ("9f86d081884c7d659a2f", "meta-llama/Llama-2-7b-hf", "ConvolutionNet2dLarge")]
    [True, False, False]
    """
    return any(
        len(re.findall(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])", run)) >= 3
        for run in re.findall(r"[A-Za-z0-9]{16,}", text)
    )


def is_ordinary(text: str) -> bool:
    """Whether a text reads like a word, a name, an amount or a mark of a vocabulary.

    >>> [is_ordinary(text) for text in ("input_ids", "layer_12", "<|end|>", "300B", "END", "A1b2C3")]
    [True, True, True, True, True, False]
    """
    return (
        len(text) < 4
        or not (re.search(r"[0-9]", text) and re.search(r"[A-Za-z]", text))
        or is_mark(text)
        or bool(re.fullmatch(r"(?:[a-z]+[0-9]{0,3}|[0-9]{1,4})(?:[ _./:-](?:[a-z]+[0-9]{0,3}|[0-9]{1,4}))*", text))
        or bool(re.fullmatch(r"[0-9][0-9.,_]*(?:e[+-]?[0-9]+)?\s*[kKmMbBtTgG]?[bB]?", text))
    )


def is_mark(text: str) -> bool:
    """Whether a text is a special token of a vocabulary: `<pad>`, `[MASK]`, `</s>`.

    >>> [is_mark(text) for text in ("<|endoftext|>", "[CLS]", "abc")]
    [True, True, False]
    """
    return bool(re.fullmatch(r"<[^<>\s]{1,40}>|\[[A-Za-z_ ]{1,40}\]|\W{0,8}", text))
