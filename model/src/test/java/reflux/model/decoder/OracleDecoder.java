// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.Map;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.Gpt2Config;
import reflux.model.hf.LlamaConfig;
import reflux.model.hf.RopeScaling;

/**
 * The families again, in plain Java and double, token by token and written from Hugging Face's modelling files: no code is shared
 * with the product. Slow and meant to be read.
 */
final class OracleDecoder {
    private final DecoderConfig config;
    private final Map<String, double[]> weights;

    OracleDecoder(DecoderConfig config, Map<String, double[]> weights) {
        this.config = config;
        this.weights = weights;
    }

    /** [T][D] after the final norm. */
    double[][] hidden(int[] ids) {
        return config instanceof LlamaConfig llama ? llama(llama, ids) : gpt2((Gpt2Config) config, ids);
    }

    /** [T][V]. */
    double[][] logits(int[] ids) {
        String embedding = config instanceof LlamaConfig ? "model.embed_tokens.weight" : "transformer.wte.weight";
        double[] head = weights.get(config.tiedHead() ? embedding : "lm_head.weight");
        double[][] hidden = hidden(ids);
        double[][] logits = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            logits[t] = linear(hidden[t], head, null);
        }
        return logits;
    }

    private double[][] llama(LlamaConfig c, int[] ids) {
        double[][] x = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            x[t] = row("model.embed_tokens.weight", ids[t]);
        }
        for (int layer = 0; layer < c.layers(); layer++) {
            String p = "model.layers." + layer + ".";
            double[][] q = new double[ids.length][];
            double[][] k = new double[ids.length][];
            double[][] v = new double[ids.length][];
            for (int t = 0; t < ids.length; t++) {
                double[] h = rmsNorm(x[t], p + "input_layernorm.weight", c.normEpsilon());
                q[t] = rotary(c, t, linear(h, p + "self_attn.q_proj"));
                k[t] = rotary(c, t, linear(h, p + "self_attn.k_proj"));
                v[t] = linear(h, p + "self_attn.v_proj");
            }
            double[][] attended = attention(q, k, v, c.heads(), c.keyValueHeads(), c.headSize());
            for (int t = 0; t < ids.length; t++) {
                x[t] = add(x[t], linear(attended[t], p + "self_attn.o_proj"));
                double[] h = rmsNorm(x[t], p + "post_attention_layernorm.weight", c.normEpsilon());
                double[] gate = linear(h, p + "mlp.gate_proj");
                double[] up = linear(h, p + "mlp.up_proj");
                double[] inner = new double[gate.length];
                for (int i = 0; i < inner.length; i++) {
                    inner[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
                }
                x[t] = add(x[t], linear(inner, p + "mlp.down_proj"));
            }
        }
        for (int t = 0; t < ids.length; t++) {
            x[t] = rmsNorm(x[t], "model.norm.weight", c.normEpsilon());
        }
        return x;
    }

    private double[][] gpt2(Gpt2Config c, int[] ids) {
        int d = c.hiddenSize();
        double[][] x = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            x[t] = add(row("transformer.wte.weight", ids[t]), row("transformer.wpe.weight", t));
        }
        for (int layer = 0; layer < c.layers(); layer++) {
            String p = "transformer.h." + layer + ".";
            double[][] q = new double[ids.length][];
            double[][] k = new double[ids.length][];
            double[][] v = new double[ids.length][];
            for (int t = 0; t < ids.length; t++) {
                double[] qkv = conv1d(layerNorm(x[t], p + "ln_1", c.normEpsilon()), p + "attn.c_attn");
                q[t] = java.util.Arrays.copyOfRange(qkv, 0, d);
                k[t] = java.util.Arrays.copyOfRange(qkv, d, 2 * d);
                v[t] = java.util.Arrays.copyOfRange(qkv, 2 * d, 3 * d);
            }
            double[][] attended = attention(q, k, v, c.heads(), c.heads(), d / c.heads());
            for (int t = 0; t < ids.length; t++) {
                x[t] = add(x[t], conv1d(attended[t], p + "attn.c_proj"));
                double[] h = conv1d(layerNorm(x[t], p + "ln_2", c.normEpsilon()), p + "mlp.c_fc");
                for (int i = 0; i < h.length; i++) {
                    h[i] = c.activation().equals("gelu") ? geluExact(h[i]) : geluNew(h[i]);
                }
                x[t] = add(x[t], conv1d(h, p + "mlp.c_proj"));
            }
        }
        for (int t = 0; t < ids.length; t++) {
            x[t] = layerNorm(x[t], "transformer.ln_f", c.normEpsilon());
        }
        return x;
    }

    /** Causal; query head h reads key-value head h / (heads / keyValueHeads). */
    private static double[][] attention(
            double[][] q, double[][] k, double[][] v, int heads, int keyValueHeads, int size) {
        double[][] out = new double[q.length][heads * size];
        for (int t = 0; t < q.length; t++) {
            for (int head = 0; head < heads; head++) {
                int shared = head / (heads / keyValueHeads);
                double[] weight = new double[t + 1];
                double sum = 0;
                for (int s = 0; s <= t; s++) {
                    double dot = 0;
                    for (int i = 0; i < size; i++) {
                        dot += q[t][head * size + i] * k[s][shared * size + i];
                    }
                    weight[s] = Math.exp(dot / Math.sqrt(size));
                    sum += weight[s];
                }
                for (int s = 0; s <= t; s++) {
                    for (int i = 0; i < size; i++) {
                        out[t][head * size + i] += weight[s] / sum * v[s][shared * size + i];
                    }
                }
            }
        }
        return out;
    }

    /** x * cos + rotate_half(x) * sin for each head. */
    private static double[] rotary(LlamaConfig c, int position, double[] x) {
        int size = c.headSize();
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int inHead = i % size;
            double angle = position * frequency(c, inHead % (size / 2));
            double other = inHead < size / 2 ? -x[i + size / 2] : x[i - size / 2];
            out[i] = x[i] * Math.cos(angle) + other * Math.sin(angle);
        }
        return out;
    }

    /** As in transformers' modeling_rope_utils.py. */
    private static double frequency(LlamaConfig c, int i) {
        double plain = 1 / Math.pow(c.ropeTheta(), 2.0 * i / c.headSize());
        if (c.ropeScaling() instanceof RopeScaling.Linear linear) {
            return plain / linear.factor();
        } else if (c.ropeScaling() instanceof RopeScaling.Llama3 s) {
            double wavelength = 2 * Math.PI / plain;
            double old = s.originalContextLength();
            if (wavelength > old / s.lowFrequencyFactor()) {
                return plain / s.factor();
            } else if (wavelength < old / s.highFrequencyFactor()) {
                return plain;
            }
            double smooth =
                    (old / wavelength - s.lowFrequencyFactor()) / (s.highFrequencyFactor() - s.lowFrequencyFactor());
            return (1 - smooth) * plain / s.factor() + smooth * plain;
        }
        return plain;
    }

    private double[] rmsNorm(double[] x, String name, double epsilon) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] gain = weights.get(name);
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i] / Math.sqrt(squares / x.length + epsilon) * gain[i];
        }
        return out;
    }

    private double[] layerNorm(double[] x, String name, double epsilon) {
        double mean = java.util.Arrays.stream(x).average().orElseThrow();
        double variance = java.util.Arrays.stream(x)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        double[] gain = weights.get(name + ".weight");
        double[] bias = weights.get(name + ".bias");
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * gain[i] + bias[i];
        }
        return out;
    }

    private double[] linear(double[] x, String name) {
        return linear(x, weights.get(name + ".weight"), weights.get(name + ".bias"));
    }

    /** Matrix [out, in]. */
    private static double[] linear(double[] x, double[] matrix, double[] bias) {
        double[] out = new double[matrix.length / x.length];
        for (int o = 0; o < out.length; o++) {
            for (int i = 0; i < x.length; i++) {
                out[o] += x[i] * matrix[o * x.length + i];
            }
            out[o] += bias == null ? 0 : bias[o];
        }
        return out;
    }

    /** Matrix [in, out]. */
    private double[] conv1d(double[] x, String name) {
        double[] matrix = weights.get(name + ".weight");
        double[] out = weights.get(name + ".bias").clone();
        for (int o = 0; o < out.length; o++) {
            for (int i = 0; i < x.length; i++) {
                out[o] += x[i] * matrix[i * out.length + o];
            }
        }
        return out;
    }

    private static double geluNew(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /** x * Phi(x), the normal distribution function by its series, which converges fast enough for |x| below 8. */
    private static double geluExact(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= x * x / (2 * n + 1);
            sum += term;
        }
        return x * (0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
    }

    private double[] row(String name, int index) {
        int d = config.hiddenSize();
        return java.util.Arrays.copyOfRange(weights.get(name), index * d, (index + 1) * d);
    }

    private static double[] add(double[] a, double[] b) {
        double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }
}
