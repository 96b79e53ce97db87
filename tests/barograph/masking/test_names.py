"""What the names of settings tell about their values."""

import pytest

from barograph.masking.names import Telling, holds_secrets, several, telling, words


@pytest.mark.parametrize(
    "name",
    "api_key OPENAI_API_KEY hf_token authToken accessToken aws_secret_access_key aws_access_key_id auth pwd api_keys "
    "bearer cookie private_key_pem apikey passphrase Authorization slack_webhook sas token accessKey wandb.key "
    "db_password client-secret X-Api-Key githubToken oauth2Token hub_token webhook_url my_token".split(),
)
def test_names_of_secrets(name):
    assert telling(name) == Telling.SECRET


@pytest.mark.parametrize(
    "name",
    "tokenizer tokenizer_revision max_position_embeddings lr key_dim num_key_value_heads pad_token eos_token "
    "eos_token_id data_hash token_hash cache_key_hash commit secretary monkey turkey authors passes bearing".split(),
)
def test_names_that_only_sound_so_never_hide_a_word(name):
    assert telling(name) <= Telling.MAYBE


def test_what_a_name_stands_in_tells_too():
    assert telling("key", "wandb") == telling("token", "huggingface") == Telling.SECRET
    assert telling("key", "batch") == Telling.LIKELY


def test_settings_about_a_secret_hold_none():
    assert telling("token_file") == telling("password_length") == telling("secret_name") == Telling.MAYBE
    assert not holds_secrets("secret_size") and holds_secrets("secrets") and holds_secrets("aws_credentials")


def test_words():
    assert words("XApiKey2") == ("x", "api", "key") and words("") == () and words("123") == ()
    assert several("--secrets") and not several("--api-key") and not several("--")
