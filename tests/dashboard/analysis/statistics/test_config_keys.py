"""What a key of a configuration is about."""

import pytest

from barograph.dashboard.analysis.statistics.config_keys import KeyRole, key_role

KEYS = {
    KeyRole.TOKENIZER: (
        "tokenizer", "tokenizer_name", "tokenizer_name_or_path", "tokenizer.path", "model.vocab_size", "n_vocab",
        "padded_vocab_size", "tokenizerType", "vocabulary", "hf_tokenizer", "vocab-file", "bpe_model",
    ),
    KeyRole.DATA: (
        "dataset", "dataset_name", "dataset_path", "data_path", "data", "train_data", "data.dataset", "train_file",
        "data_mix", "mixture", "corpus", "data.train_files", "datasets", "dataset_config_name", "dataDir", "input_bin",
    ),
    KeyRole.HELD_OUT: ("eval_dataset", "validation_file", "val_bin", "data.val_path", "dev_set", "test_data_path"),
    KeyRole.SEED: ("seed", "data_seed", "data.seed", "Random_Seed", "seed_everything", "training.seeds"),
    KeyRole.OUTCOME: (
        "train_runtime", "train_loss", "total_flos", "train_samples_per_second", "eval_accuracy", "best_metric",
        "global_step", "best_model_checkpoint", "_runtime", "epoch", "trainer.final_loss",
    ),
    KeyRole.LABEL: (
        "output_dir", "run_name", "logging_dir", "name", "wandb_project", "hub_model_id", "checkpoint_path", "id",
        "cache_dir", "exp_name", "local_rank",
    ),
    None: (
        "lr", "loss", "metric", "dataloader_num_workers", "data.num_workers", "eval_steps", "epochs", "max_steps",
        "make_vocab_size_divisible_by", "tokenizer_parallelism", "train_batch_size", "weight_decay", "mixed_precision",
        "optimizer.name_of_it", "data.batch_size", "eval_batch_size", "log_every",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("role", "key"), [(role, key) for role, keys in KEYS.items() for key in keys])
def test_a_key_has_its_role_however_it_is_called(role, key):
    assert key_role(key) is role
