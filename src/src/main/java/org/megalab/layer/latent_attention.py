# Causal self-attention whose heads turn in their first channels only. p = [W_qkv, W_o], then their biases, if there are any.
import attention
import rotary


def _qkv(x: Tensor, p: List[Tensor], heads: int, dims: int, position: int) -> Tuple[Tensor, Tensor, Tensor]:
    none = annotate(Optional[Tensor], None)
    q, k, v = torch.chunk(torch.linear(x, p[0], p[2] if len(p) > 2 else none), 3, -1)  # (B, n, H*d) each
    q = rotary.leading(attention.split_heads(q, heads), position, 10000.0, dims)  # (B, H, n, d)
    k = rotary.leading(attention.split_heads(k, heads), position, 10000.0, dims)
    return q, k, attention.split_heads(v, heads)


def _out(o: Tensor, p: List[Tensor]) -> Tensor:
    none = annotate(Optional[Tensor], None)
    return torch.linear(attention.merge_heads(o), p[1], p[3] if len(p) > 2 else none)


def forward(x: Tensor, p: List[Tensor], heads: int, dims: int) -> Tensor:
    # x (B, n, C), causal over n
    q, k, v = _qkv(x, p, heads, dims, 0)
    return _out(attention.causal(q, k, v, 0.0), p)


def decode(x: Tensor, p: List[Tensor], heads: int, dims: int, keys: Tensor, values: Tensor, position: int) -> Tensor:
    # x (B, n, C) at positions position ... position + n - 1; the caches hold all earlier ones
    q, k, v = _qkv(x, p, heads, dims, position)
    k = attention.append(keys, k, position)
    v = attention.append(values, v, position)
    return _out(attention.causal(q, k, v, 0.0), p)
