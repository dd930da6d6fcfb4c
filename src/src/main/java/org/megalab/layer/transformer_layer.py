# Pre-norm Transformer layer with biases and a ReLU feed-forward.
import attention
import layer_norm
import rotary


def project(x: Tensor, p: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    # W_qkv LN(x) + b_qkv
    h = layer_norm.plain(x, p[0], p[1])
    q, k, v = torch.chunk(torch.linear(h, p[2], p[3]), 3, -1)  # (B, T, D) each
    return q, k, v


def _heads(x: Tensor, p: List[Tensor], heads: int) -> Tuple[Tensor, Tensor, Tensor]:
    q, k, v = project(x, p)
    return attention.split_heads(q, heads), attention.split_heads(k, heads), attention.split_heads(v, heads)  # (B, H, T, d)


def _qkv(x: Tensor, p: List[Tensor], heads: int, rotate: bool, position: int) -> Tuple[Tensor, Tensor, Tensor]:
    q, k, v = _heads(x, p, heads)
    if rotate:
        q = rotary.adjacent(q, position, 10000.0)
        k = rotary.adjacent(k, position, 10000.0)
    return q, k, v


def residuals(x: Tensor, attended: Tensor, p: List[Tensor], dropout: float) -> Tensor:
    # x + W_o attended, then x + W_2 relu(W_1 LN(x)); attended (B, T, D)
    x = x + _drop(torch.linear(attended, p[4], p[5]), dropout)
    h = layer_norm.plain(x, p[6], p[7])
    h = torch.relu(torch.linear(h, p[8], p[9]))  # (B, T, F)
    return x + _drop(torch.linear(h, p[10], p[11]), dropout)


def _drop(x: Tensor, dropout: float) -> Tensor:
    if dropout > 0:
        x = torch.dropout(x, dropout, True)
    return x


def forward(x: Tensor, p: List[Tensor], heads: int, rotate: bool, dropout: float) -> Tensor:
    # x (B, T, D), causal over T
    q, k, v = _qkv(x, p, heads, rotate, 0)
    return residuals(x, attention.merge_heads(attention.causal(q, k, v, dropout)), p, dropout)


def decode(x: Tensor, p: List[Tensor], heads: int, rotate: bool, keys: Tensor, values: Tensor, position: int) -> Tensor:
    # x (B, T, D) at positions position ... position + T - 1; the caches hold all earlier ones
    q, k, v = _qkv(x, p, heads, rotate, position)
    k = attention.append(keys, k, position)
    v = attention.append(values, v, position)
    return residuals(x, attention.merge_heads(attention.causal(q, k, v, 0.0)), p, 0.0)


def step(x: Tensor, p: List[Tensor], heads: int, keys: Tensor, values: Tensor, position: Tensor, turn: List[Tensor], mask: Tensor) -> Tensor:
    # decode of x (B, 1, D) at position (1), which the device alone knows; turn, if any, and mask are its rotation and mask
    q, k, v = _heads(x, p, heads)
    q, k = rotary.both_turned(q, k, turn, False)
    o = attention.step(q, k, v, keys, values, position, mask, float(q.shape[-1]) ** -0.5)
    return residuals(x, attention.merge_heads(o), p, 0.0)
