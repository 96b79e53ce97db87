"""What a key of a configuration is about, however a framework calls it: the tokenizer, the data, a seed, an outcome."""

from __future__ import annotations

import re
from enum import Enum

_SOURCE = (
    r"(_(names?|paths?|dirs?|ids?|files?|urls?|root|prefix|mix(ture)?|blend|weights|config(_name)?|subset|split|version"
    r"|sources?|name_or_path))*"
)
_PLACE = r"(dir(ectory)?|path|folder|root)"


class KeyRole(Enum):
    """The value is a pattern of the whole key, its parts joined by _; the first that matches counts."""

    OUTCOME = (
        r"^(train|eval|val|valid|test|predict|final|best)_(runtime|loss|ppl|perplexity|acc(uracy)?|f1"
        r"|(samples|steps|tokens)_per_second)$"
        r"|^(total_flos|best_(metric|score|global_step|step|epoch|model_checkpoint)|global_step|step|epoch"
        r"|num_input_tokens_seen|_(runtime|timestamp|step|wandb\w*))$"
    )
    SEED = r"(^|_)(seeds?(_everything)?|rng)$"
    LABEL = (
        r"(^|_)(run|exp(eriment)?|job|trial)_?(name|id|group|dir|params)$|^(name|id|notes?|tags?|hub_\w+|wandb_\w+"
        r"|report_to|host(name)?|(local_)?rank|timestamp|date)$"
        rf"|(^|_)(out(put)?|log(ging|s)?|save|checkpoints?|ckpt|cache|work|results?)_?{_PLACE}$"
    )
    TOKENIZER = (
        r"(^|_)tokeni[sz]er(_(name|path|type|model|file|id|dir|name_or_path|vocab\w*))*$"
        r"|(^|_)vocab(ulary)?(_?size)?$|(^|_)(vocab|merges?|bpe|spm|sentencepiece)_?(file|path|model)$"
    )
    HELD_OUT = (
        r"(^|_)(eval(uation)?|val(id(ation)?)?|dev|test|held_?out)_?(data(sets?)?|corpus|sets?|file|bin|path)"
        rf"{_SOURCE}$"
    )
    DATA = (
        rf"(^|_)(data(sets?)?|corpus|corpora|mix(ture)?){_SOURCE}$"
        rf"|(^|_)(train(ing)?|input)_?(files?|bin|sets?){_SOURCE}$"
    )


_PATTERNS = {role: re.compile(role.value) for role in KeyRole}


def key_role(key: str) -> KeyRole | None:
    """What a dotted key is about; None for one that is none of these, a hyper-parameter.

    >>> key_role("model.padded_vocab_size").name, key_role("train_runtime").name, key_role("optimizer.lr")
    ('TOKENIZER', 'OUTCOME', None)
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[.\-\s/]+", "_", key).lower()
    last = key.rpartition(".")[2].lower()
    own = (KeyRole.OUTCOME, KeyRole.SEED, KeyRole.LABEL)  # said by the last part alone, not by where it stands
    return next((role for role, at in _PATTERNS.items() if at.search(last if role in own else words)), None)
