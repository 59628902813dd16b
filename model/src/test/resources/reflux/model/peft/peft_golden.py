# SPDX-License-Identifier: Apache-2.0
"""Tiny models with LoRA adapters by Python's peft, and their logits, for PeftGoldenTest.

pip install torch transformers peft safetensors
python peft_golden.py make .           writes gpt2/ and llama/ here
python peft_golden.py check DIR        opens the adapters that PeftGoldenTest wrote into DIR (target/peft-check), compares logits
"""
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

IDS = [[3, 1, 4, 15, 9, 2, 6, 5, 35, 8], [27, 18, 28, 1, 8, 2, 8, 45, 9, 0]]


def gpt2():
    config = GPT2Config(vocab_size=47, n_embd=24, n_layer=2, n_head=3, n_positions=32, bos_token_id=1, eos_token_id=1)
    lora = LoraConfig(r=3, lora_alpha=7, lora_dropout=0.1, target_modules=["c_attn", "c_proj"], fan_in_fan_out=True,
                      task_type="CAUSAL_LM")
    return GPT2LMHeadModel(config), lora


def llama():
    config = LlamaConfig(vocab_size=47, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, max_position_embeddings=32, bos_token_id=1, eos_token_id=1)
    lora = LoraConfig(r=4, lora_alpha=6, target_modules="all-linear", use_rslora=True, task_type="CAUSAL_LM")
    return LlamaForCausalLM(config), lora


@torch.no_grad()
def logits(model):
    return model.eval()(torch.tensor(IDS)).logits.contiguous()


@torch.no_grad()
def scatter(model, only):
    for name, weight in model.named_parameters():
        if only in name:
            weight.add_(torch.randn_like(weight) * 0.2)


def make(root):
    for name, build in (("gpt2", gpt2), ("llama", llama)):
        torch.manual_seed(7)
        model, lora = build()
        scatter(model, "")
        model.save_pretrained(root / name / "base")
        plain = logits(model)
        adapted = get_peft_model(model, lora)
        scatter(adapted, "lora_B")
        adapted.save_pretrained(root / name / "adapter")
        save_file({"ids": torch.tensor(IDS), "base": plain, "adapted": logits(adapted)}, root / name / "logits.safetensors")


def check(root):
    for name in ("gpt2", "llama"):
        base = AutoModelForCausalLM.from_pretrained(Path(__file__).parent / name / "base")
        adapted = PeftModel.from_pretrained(base, root / name / "adapter")
        expected = load_file(root / name / "logits.safetensors")["adapted"]
        difference = (logits(adapted) - expected).abs().max().item()
        print(f"{name}: largest difference {difference:.2e}")
        assert difference <= 1e-4
        merged = AutoModelForCausalLM.from_pretrained(root / name / "merged")
        difference = (logits(merged) - expected).abs().max().item()
        print(f"{name} merged: largest difference {difference:.2e}")
        assert difference <= 1e-4


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]))
