"""Tiny OPT and BiSpikCLM models with their logits, in double precision and plain Python: python3 make.py

Each case is a model folder in Hugging Face's form (config.json, model.safetensors) and expected.safetensors: ids, logits and, for a
spiking model, the attention maps' means over the steps. Written from the equations, list by list, and sharing nothing with the engine.
"""
import json, math, os, random, struct

HERE = os.path.dirname(os.path.abspath(__file__))


def write(path, tensors, metadata=None):
    header, blob = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, shape, values) in tensors.items():
        data = struct.pack("<%d%s" % (len(values), {"F32": "f", "I64": "q"}[dtype]), *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + blob)


def single(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def matvec(w, x, b):
    return [sum(wi * xi for wi, xi in zip(row, x)) + (b[i] if b else 0.0) for i, row in enumerate(w)]


def norm(x, w, b, eps=1e-5):
    mean = sum(x) / len(x)
    var = sum((v - mean) ** 2 for v in x) / len(x)
    return [(v - mean) / math.sqrt(var + eps) * wi + bi for v, wi, bi in zip(x, w, b)]


class Model:
    def __init__(self, seed, config):
        self.c, self.rng, self.t = config, random.Random(seed), {}
        c, d = config, config["hidden_size"]
        e, f, bias = c.get("word_embed_proj_dim", d), c["ffn_dim"], c["enable_bias"]
        spiking = c.get("spiking")
        scale = 2.0 if spiking else 1.0
        p = "model.decoder."
        self.matrix(p + "embed_tokens.weight", c["vocab_size"], e, 0.3)
        self.matrix(p + "embed_positions.weight", c["max_position_embeddings"] + 2, d, 0.3)
        if e != d:
            self.matrix(p + "project_in.weight", d, e, 0.5)
            self.matrix(p + "project_out.weight", e, d, 0.5)
        norms = not spiking or spiking["pre_norm"]
        for i in range(c["num_hidden_layers"]):
            l = "%slayers.%d." % (p, i)
            for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
                self.matrix(l + "self_attn.%s.weight" % name, d, d, scale * 0.4)
                if bias and not spiking:
                    self.vector(l + "self_attn.%s.bias" % name, d, 0.0, 0.2)
            if norms:
                self.vector(l + "self_attn_layer_norm.weight", d, 1.0, 0.2)
                self.vector(l + "self_attn_layer_norm.bias", d, 0.0, 0.2)
            self.matrix(l + "fc1.weight", f, d, scale * 0.4)
            self.matrix(l + "fc2.weight", d, f, scale * 0.4)
            if bias:
                self.vector(l + "fc1.bias", f, 0.0, 0.2)
                self.vector(l + "fc2.bias", d, 0.0, 0.2)
            if norms:
                self.vector(l + "final_layer_norm.weight", d, 1.0, 0.2)
                self.vector(l + "final_layer_norm.bias", d, 0.0, 0.2)
        if c["do_layer_norm_before"]:
            self.vector(p + "final_layer_norm.weight", d, 1.0, 0.2)
            self.vector(p + "final_layer_norm.bias", d, 0.0, 0.2)

    def matrix(self, name, rows, columns, deviation):
        self.t[name] = [[single(self.rng.gauss(0, deviation)) for _ in range(columns)] for _ in range(rows)]

    def vector(self, name, length, mean, deviation):
        self.t[name] = [single(self.rng.gauss(mean, deviation)) for _ in range(length)]

    def __call__(self, name):
        return self.t.get("model.decoder." + name)

    def project(self, name, x):
        return matvec(self(name + ".weight"), x, self(name + ".bias"))

    def normed(self, name, x):
        return norm(x, self(name + ".weight"), self(name + ".bias"))

    def embed(self, ids):
        rows = []
        for i, token in enumerate(ids):
            x = self("embed_tokens.weight")[token]
            if self("project_in.weight"):
                x = matvec(self("project_in.weight"), x, None)
            rows.append([a + b for a, b in zip(x, self("embed_positions.weight")[i + 2])])
        return rows

    def head(self, x):
        if self("final_layer_norm.weight"):
            x = self.normed("final_layer_norm", x)
        if self("project_out.weight"):
            x = matvec(self("project_out.weight"), x, None)
        return matvec(self("embed_tokens.weight"), x, None)

    def dense(self, ids):
        c, heads = self.c, self.c["num_attention_heads"]
        before, size = c["do_layer_norm_before"], c["hidden_size"] // c["num_attention_heads"]
        xs = self.embed(ids)
        for i in range(c["num_hidden_layers"]):
            l = "layers.%d." % i
            us = [self.normed(l + "self_attn_layer_norm", x) if before else x for x in xs]
            q, k, v = ([self.project(l + "self_attn.%s" % n, u) for u in us] for n in ("q_proj", "k_proj", "v_proj"))
            for t in range(len(ids)):
                mixed = []
                for h in range(heads):
                    a, b = h * size, (h + 1) * size
                    s = [sum(x * y for x, y in zip(q[t][a:b], k[j][a:b])) / math.sqrt(size) for j in range(t + 1)]
                    e = [math.exp(x - max(s)) for x in s]
                    mixed += [sum(e[j] * v[j][n] for j in range(t + 1)) / sum(e) for n in range(a, b)]
                x = [a + b for a, b in zip(xs[t], self.project(l + "self_attn.out_proj", mixed))]
                if not before:
                    x = self.normed(l + "self_attn_layer_norm", x)
                u = self.normed(l + "final_layer_norm", x) if before else x
                hidden = [max(0.0, z) for z in self.project(l + "fc1", u)]
                x = [a + b for a, b in zip(x, self.project(l + "fc2", hidden))]
                xs[t] = x if before else self.normed(l + "final_layer_norm", x)
        return [self.head(x) for x in xs], []

    def fire(self, currents):
        """currents[step][i] to spikes; the potential of each i goes from step to step. Notes how close a potential comes to the threshold."""
        s = self.c["spiking"]
        u, fired, out = [0.0] * len(currents[0]), [0.0] * len(currents[0]), []
        for row in currents:
            taken = s["threshold"] * (1.0 if s["reset_after_leak"] else s["beta"])
            u = [i + s["beta"] * a - b * taken for i, a, b in zip(row, u, fired)]
            self.margin = min([self.margin] + [abs(x - s["threshold"]) for x in u])
            fired = [1.0 if x >= s["threshold"] else 0.0 for x in u]
            out.append(fired)
        return out

    def spiking(self, ids):
        c, s, heads = self.c, self.c["spiking"], self.c["num_attention_heads"]
        steps, size, n, self.margin, maps = s["time_steps"], c["hidden_size"] // heads, len(ids), 1.0, []
        stream = s["residual"] == "stream"
        # xs[token][step]
        xs = [[[v * s["input_scale"] for v in x] for _ in range(steps)] for x in self.embed(ids)]
        for i in range(c["num_hidden_layers"]):
            l = "layers.%d." % i
            normed = lambda name, rows: [self.normed(l + name, r) for r in rows] if s["pre_norm"] else rows
            ss = [self.fire(normed("self_attn_layer_norm", x)) for x in xs]
            q, k, v = ([self.fire([self.project(l + "self_attn.%s" % name, r) for r in x]) for x in ss] for name in ("q_proj", "k_proj", "v_proj"))
            mean = [[[0.0] * n for _ in range(n)] for _ in range(heads)]
            for t in range(n):
                mixed = [[] for _ in range(steps)]
                for h in range(heads):
                    a, b = h * size, (h + 1) * size
                    counts = [[sum(x * y for x, y in zip(q[t][z][a:b], k[j][z][a:b])) for j in range(t + 1)] for z in range(steps)]
                    fired = self.fire(counts)
                    for z in range(steps):
                        mixed[z] += [sum(fired[z][j] * v[j][z][m] for j in range(t + 1)) for m in range(a, b)]
                        for j in range(t + 1):
                            mean[h][t][j] += fired[z][j] / steps
                out = self.fire([self.project(l + "self_attn.out_proj", r) for r in mixed])
                x = [[p + o for p, o in zip(base, r)] for base, r in zip(xs[t] if stream else ss[t], out)]
                s2 = self.fire(normed("final_layer_norm", x))
                hidden = self.fire([self.project(l + "fc1", r) for r in s2])
                out = self.fire([self.project(l + "fc2", r) for r in hidden])
                xs[t] = [[p + o for p, o in zip(base, r)] for base, r in zip(x if stream else s2, out)]
            maps.append(mean)
        return [self.head([sum(column) / steps for column in zip(*x)]) for x in xs], maps


def case(name, seed, **changes):
    config = dict(
        model_type="opt", vocab_size=19, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, ffn_dim=12, max_position_embeddings=9,
        enable_bias=True, do_layer_norm_before=True, activation_function="relu", tie_word_embeddings=True, word_embed_proj_dim=8, bos_token_id=2, eos_token_id=2)
    config.update(changes)
    while True:
        model = Model(seed, config)
        ids = [model.rng.randrange(19) for _ in range(9)]
        logits, maps = model.spiking(ids) if "spiking" in config else model.dense(ids)
        # Single precision must not decide a spike differently.
        if "spiking" not in config or model.margin > 1e-4:
            break
        seed += 1
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=2)
        file.write("\n")
    flat = lambda w: [x for row in w for x in row] if isinstance(w[0], list) else w
    write(os.path.join(folder, "model.safetensors"), {
        n: ("F32", [len(w), len(w[0])] if isinstance(w[0], list) else [len(w)], flat(w)) for n, w in model.t.items()}, {"format": "pt"})
    expected = {"ids": ("I64", [1, 9], ids), "logits": ("F32", [1, 9, 19], flat(logits))}
    for i, mean in enumerate(maps):
        expected["map.%d" % i] = ("F32", [1, 2, 9, 9], [x for head in mean for row in head for x in row])
    write(os.path.join(folder, "expected.safetensors"), expected, {
        "case": name, "config": json.dumps({"seed": seed}), "tolerance": json.dumps({"atol": 2e-5, "rtol": 2e-5})})


neurons = dict(time_steps=2, threshold=0.7, beta=0.9, surrogate_alpha=2.0, detach_reset=False, reset_after_leak=False, pre_norm=False, residual="spikes", input_scale=3.0)
case("opt", 1)
case("opt_post_norm", 2, do_layer_norm_before=False, word_embed_proj_dim=5, enable_bias=False)
case("bispikclm_paper", 3, model_type="bispikclm", spiking=neurons)
case("bispikclm_stable", 4, model_type="bispikclm", spiking=dict(neurons, time_steps=4, pre_norm=True, residual="stream", threshold=0.9, reset_after_leak=True))
