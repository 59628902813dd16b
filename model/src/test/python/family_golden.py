# SPDX-License-Identifier: Apache-2.0
"""Tiny random models of every family, run by transformers, for FamilyGoldenTest.

pip install torch transformers safetensors
python family_golden.py make ../resources/reflux/model/families [NAME ...]
python family_golden.py check ../../../target/family-check    opens what FamilyGoldenTest wrote there, compares logits

Each model is a directory as save_pretrained writes it, and golden.safetensors: ids [B, T] (right-padded with 0), lengths [B], logits
[B, T, V], hidden [B, T, D] after the final norm, cotangent [B, T, V] (0 on padding), gradient.NAME = d sum(logits * cotangent) / d NAME,
greedy [B, 16], what generate appends to the first 5 ids of each row. All in f32, whatever the type of the stored weights.
"""
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

LENGTHS = [24, 15]
V = 61
ROPE = {"rope_type": "default", "rope_theta": 100.0}
LLAMA = dict(vocab_size=V, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None, rope_parameters=ROPE)
Q = "model.layers.0.self_attn.q_proj.weight"
# name: model type, its configuration, the weight whose gradient is kept, stored type, largest shard
FAMILIES = {
    "llama3": ("llama", dict(LLAMA, rope_parameters={
        "rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16}), Q, torch.float32, "30KB"),
    "llama_linear": ("llama", dict(LLAMA, attention_bias=True, mlp_bias=True, tie_word_embeddings=True, rope_parameters={
        "rope_type": "linear", "rope_theta": 100.0, "factor": 2.0}), Q, torch.float32, "1MB"),
    "mistral": ("mistral", dict(LLAMA, sliding_window=None, head_dim=16), Q, torch.float16, "1MB"),
    "mistral_window": ("mistral", dict(LLAMA, sliding_window=6), Q, torch.float32, "1MB"),
    "qwen2": ("qwen2", dict(LLAMA, tie_word_embeddings=True), Q, torch.bfloat16, "1MB"),
    "qwen2_window": ("qwen2", dict(LLAMA, use_sliding_window=True, sliding_window=6, max_window_layers=1, layer_types=None),
                     Q, torch.float32, "1MB"),
    "qwen3": ("qwen3", dict(LLAMA, head_dim=16, tie_word_embeddings=True), Q, torch.float32, "1MB"),
    "gemma3": ("gemma3_text", dict(
        LLAMA, num_hidden_layers=3, head_dim=16, sliding_window=6, query_pre_attn_scalar=10, tie_word_embeddings=True,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": 20.0},
                         "full_attention": {"rope_type": "linear", "rope_theta": 100.0, "factor": 2.0}}), Q, torch.float32, "1MB"),
    "gpt2": ("gpt2", dict(vocab_size=V, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=2),
             "transformer.h.0.attn.c_attn.weight", torch.float32, "1MB"),
    "gpt_neox": ("gpt_neox", dict(
        vocab_size=V, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=64,
        bos_token_id=1, eos_token_id=2, rope_parameters={"rope_type": "default", "rope_theta": 100.0, "partial_rotary_factor": 0.25}),
        "gpt_neox.layers.0.attention.query_key_value.weight", torch.float32, "1MB"),
    "gpt_neox_serial": ("gpt_neox", dict(
        vocab_size=V, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
        bos_token_id=1, eos_token_id=2, use_parallel_residual=False,
        rope_parameters={"rope_type": "default", "rope_theta": 100.0, "partial_rotary_factor": 1.0}),
        "gpt_neox.layers.0.attention.query_key_value.weight", torch.float32, "1MB"),
    "opt": ("opt", dict(
        vocab_size=V, hidden_size=32, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
        word_embed_proj_dim=32, bos_token_id=1, eos_token_id=2, pad_token_id=None),
        "model.decoder.layers.0.self_attn.q_proj.weight", torch.float32, "1MB"),
}


def batch():
    ids = torch.randint(3, V, [len(LENGTHS), max(LENGTHS)], generator=torch.Generator().manual_seed(3))
    mask = torch.arange(max(LENGTHS))[None] < torch.tensor(LENGTHS)[:, None]
    return ids * mask, mask


def make(root, names):
    for name in names or FAMILIES:
        kind, settings, trained, dtype, shard = FAMILIES[name]
        shutil.rmtree(root / name, ignore_errors=True)
        torch.manual_seed(7)
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **settings), attn_implementation="eager").float()
        with torch.no_grad():
            for weight in model.parameters():
                weight.add_(torch.randn_like(weight) * 0.2)
        model.to(dtype).save_pretrained(root / name, max_shard_size=shard)
        model = opened(root / name)
        ids, mask = batch()
        states = model.base_model(ids, attention_mask=mask.long()).last_hidden_state
        logits = model.get_output_embeddings()(states)
        cotangent = torch.randn(logits.shape) * mask[:, :, None]
        gradient, = torch.autograd.grad((logits * cotangent).sum(), model.get_parameter(trained))
        greedy = torch.cat([model.generate(row[None, :5], do_sample=False, eos_token_id=None, pad_token_id=0, min_new_tokens=16,
                                           max_new_tokens=16)[:, 5:] for row in ids])
        save_file({"ids": ids, "lengths": torch.tensor(LENGTHS), "logits": logits.detach(), "hidden": states.detach(),
                   "cotangent": cotangent, "gradient." + trained: gradient.contiguous(), "greedy": greedy},
                  root / name / "golden.safetensors")
        print(f"{name}: {sum(file.stat().st_size for file in (root / name).iterdir()):,} bytes, largest logit {logits.abs().max():.1f}")


def opened(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def check(root, names):
    goldens = Path(__file__).parent / "../resources/reflux/model/families"
    for name in names or sorted(path.name for path in root.iterdir()):
        model = opened(root / name)
        ids, mask = batch()
        expected = load_file(goldens / name / "golden.safetensors")["logits"]
        difference = ((model(ids, attention_mask=mask.long()).logits - expected).abs() * mask[:, :, None]).max().item()
        print(f"{name}: largest difference {difference:.2e}")
        assert difference <= 1e-4


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3:])
