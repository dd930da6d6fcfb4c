# Cross-attention of latents to a prefix and to each other (Perceiver AR). z (B, n, C) latents, prefix (B, c, C).
# p = [latents' norm weight, bias, prefix' norm weight, bias, W_q, W_kv, W_o, b_o] and, where there are more biases, b_q, b_kv.
import attention
import layer_norm
import rotary


def _project(x: Tensor, p: List[Tensor], part: int) -> Tensor:
    # part 0 W_q, 1 W_kv
    none = annotate(Optional[Tensor], None)
    return torch.linear(x, p[4 + part], p[8 + part] if len(p) > 8 else none)


def _keys_values(x: Tensor, p: List[Tensor], heads: int, dims: int, position: int) -> Tuple[Tensor, Tensor]:
    k, v = torch.chunk(_project(x, p, 1), 2, -1)  # (B, S, H*d) each
    k = rotary.leading(attention.split_heads(k, heads), position, 10000.0, dims)  # (B, H, S, d)
    return k, attention.split_heads(v, heads)


def _prefix(prefix: Tensor, p: List[Tensor], heads: int, dims: int) -> Tuple[Tensor, Tensor]:
    y = layer_norm.plain(prefix, p[2], p[3]).to(p[5].dtype)  # what a state remembers is in float32
    return _keys_values(y, p, heads, dims, 0)


def _latents(z: Tensor, p: List[Tensor], heads: int, dims: int, position: int) -> Tuple[Tensor, Tensor, Tensor]:
    y = layer_norm.plain(z, p[0], p[1])
    q = rotary.leading(attention.split_heads(_project(y, p, 0), heads), position, 10000.0, dims)
    k, v = _keys_values(y, p, heads, dims, position)
    return q, k, v  # (B, H, n, d) each


def _some(k: Tensor, v: Tensor, fraction: float) -> Tuple[Tensor, Tensor]:
    # keeps another random choice of positions in every sequence; keys keep their angles
    B, H, c, d = k.shape
    kept = c - int(fraction * float(c))
    index = torch.topk(torch.rand([B, c], device=k.device), kept)[1]
    index = index[:, None, :, None].expand([B, H, kept, d])
    return torch.gather(k, 2, index), torch.gather(v, 2, index)


def _out(o: Tensor, p: List[Tensor]) -> Tensor:
    return torch.linear(attention.merge_heads(o), p[6], p[7])


def window(z: Tensor, prefix: Tensor, p: List[Tensor], heads: int, dims: int, dropout: float, prefix_dropout: float) -> Tensor:
    c = prefix.shape[1]
    q, k, v = _latents(z, p, heads, dims, c)
    before, values = _prefix(prefix, p, heads, dims)  # (B, H, c, d)
    if prefix_dropout > 0:
        before, values = _some(before, values, prefix_dropout)
    k = torch.cat([before, k], 2)
    v = torch.cat([values, v], 2)
    return _out(attention.causal(q, k, v, dropout), p)  # every latent sees the prefix, and latents up to itself


def begin(prefix: Tensor, p: List[Tensor], heads: int, dims: int, keys: Tensor, values: Tensor) -> Tensor:
    # writes the prefix into empty caches
    k, v = _prefix(prefix, p, heads, dims)
    attention.append(keys, k, 0)
    return attention.append(values, v, 0)


def decode(z: Tensor, p: List[Tensor], heads: int, dims: int, keys: Tensor, values: Tensor, position: int) -> Tensor:
    # the caches hold the prefix and the latents before
    q, k, v = _latents(z, p, heads, dims, position)
    k = attention.append(keys, k, position)
    v = attention.append(values, v, position)
    return _out(attention.causal(q, k, v, 0.0), p)
