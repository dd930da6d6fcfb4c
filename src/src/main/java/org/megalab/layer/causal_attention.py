# Causal attention with rotary positions and grouped key and value heads. p = [W_q, W_k, W_v, W_o].
import attention
import rotary


def _qkv(x: Tensor, p: List[Tensor], heads: int, groups: int) -> Tuple[Tensor, Tensor, Tensor]:
    # not turned yet
    q = attention.split_heads(torch.linear(x, p[0], None), heads)  # (B, H, T, d)
    k = attention.split_heads(torch.linear(x, p[1], None), groups)  # (B, H_kv, T, d)
    v = attention.split_heads(torch.linear(x, p[2], None), groups)
    return q, k, v


def forward(x: Tensor, p: List[Tensor], heads: int, groups: int, halves: bool, base: float, dropout: float) -> Tensor:
    # x (B, T, D), causal over T
    q, k, v = _qkv(x, p, heads, groups)
    q = rotary.rotate(q, 0, base, halves)
    k = rotary.rotate(k, 0, base, halves)
    o = attention.causal(q, attention.spread(k, heads), attention.spread(v, heads), dropout)
    return torch.linear(attention.merge_heads(o), p[3], None)


def decode(x: Tensor, p: List[Tensor], heads: int, groups: int, halves: bool, base: float, keys: Tensor, values: Tensor, position: int) -> Tensor:
    # x (B, T, D) at positions position ... position + T - 1; the caches hold all earlier ones
    q, k, v = _qkv(x, p, heads, groups)
    q = rotary.rotate(q, position, base, halves)
    k = attention.append(keys, rotary.rotate(k, position, base, halves), position)
    v = attention.append(values, v, position)
    o = attention.causal(q, attention.spread(k, heads), attention.spread(v, heads), 0.0)
    return torch.linear(attention.merge_heads(o), p[3], None)


def step(x: Tensor, p: List[Tensor], heads: int, groups: int, halves: bool, keys: Tensor, values: Tensor, position: Tensor, turn: List[Tensor], mask: Tensor) -> Tensor:
    # decode of x (B, 1, D) at position (1), which the device alone knows; turn and mask are its rotation and mask
    q, k, v = _qkv(x, p, heads, groups)
    q, k = rotary.both_turned(q, k, turn, halves)
    o = attention.step(q, k, v, keys, values, position, mask, float(q.shape[-1]) ** -0.5)
    return torch.linear(attention.merge_heads(o), p[3], None)
