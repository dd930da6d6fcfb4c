# Attention by relative positions over a segment and a memory of the steps before it (Transformer-XL).
# p = [W_qkv, W_r, W_o] and, where the inputs are normalised first, the norm's weight and bias; bias = [u, v], (H, d) each.
import attention
import layer_norm
import precision


def _drop(x: Tensor, dropout: float) -> Tensor:
    if dropout > 0:
        x = torch.dropout(x, dropout, True)
    return x


def _sinusoids(K: int, clamp: int, like: Tensor) -> Tensor:
    # rows of distance K - 1 ... 0, none above the clamp; all sines, then all cosines
    D = like.shape[-1]
    t = torch.arange(K - 1, -1, -1, dtype=torch.float64, device=like.device)
    if clamp > 0:
        t = torch.clamp_max(t, clamp)
    i = torch.arange(0, D, 2, dtype=torch.float64, device=like.device)
    angles = t[:, None] * torch.pow(10000.0, i / -D)  # (K, D/2)
    return torch.cat([torch.sin(angles), torch.cos(angles)], -1).to(like.dtype)  # (K, D)


def relative_shift(x: Tensor) -> Tensor:
    # (B, H, Q, K): column c of distance K - 1 - c -> column j of distance i + K - Q - j, garbage where that is negative
    B, H, Q, K = x.shape
    x = torch.constant_pad_nd(x, [1, 0]).reshape([B, H, K + 1, Q])
    return x[:, :, 1:].reshape([B, H, Q, K])


def _hidden(Q: int, K: int, window: int, like: Tensor) -> Tensor:
    # (Q, K): true where a key comes later than the query, or is no longer within the window (0: there is none)
    i = torch.arange(K - Q, K, device=like.device)
    distance = i[:, None] - torch.arange(K, device=like.device)[None]
    hidden = distance < 0
    if window > 0:
        hidden = torch.bitwise_or(hidden, distance >= window)
    return hidden


def _attend(h: Tensor, absent: List[Tensor], Q: int, p: List[Tensor], bias: List[Tensor], heads: int, clamp: int, window: int, dropout: float, attention_dropout: float) -> Tensor:
    # h (B, K, D): the last Q steps attend to all K, but for those that are absent (B, K)
    K = h.shape[1]
    if len(p) > 3:
        h = layer_norm.plain(h, p[3], p[4])
    n = p[1].shape[0]  # H*d
    q = attention.split_heads(torch.linear(h[:, K - Q:], p[0][:n], None), heads)  # (B, H, Q, d)
    k, v = torch.chunk(torch.linear(h, p[0][n:], None), 2, -1)  # (B, K, H*d) each
    k = attention.split_heads(k, heads)  # (B, H, K, d)
    v = attention.split_heads(v, heads)
    r = torch.linear(_drop(_sinusoids(K, clamp, h), dropout), p[1], None)  # (K, H*d)
    r = attention.split_heads(r, heads)  # (H, K, d)
    content = torch.matmul(q + bias[0][:, None], k.transpose(-2, -1))  # (B, H, Q, K)
    position = torch.matmul(q + bias[1][:, None], r.transpose(-2, -1))
    s = (precision.wide(content) + precision.wide(relative_shift(position))) * float(q.shape[-1]) ** -0.5
    hidden = _hidden(Q, K, window, s)
    if len(absent) > 0:
        hidden = torch.logical_or(hidden, absent[0][:, None, None])  # (B, 1, Q, K)
    s = torch.masked_fill(s, hidden, -1e30)  # every query sees itself, so these become 0
    a = _drop(torch.softmax(s, -1).to(v.dtype), attention_dropout)
    o = attention.merge_heads(torch.matmul(a, v))  # (B, Q, H*d)
    return _drop(torch.linear(o, p[2], None), dropout)


def segment(x: Tensor, memory: Tensor, p: List[Tensor], bias: List[Tensor], heads: int, clamp: int, window: int, dropout: float, attention_dropout: float) -> Tensor:
    # x (B, Q, D), one segment, after memory (B, M, D)
    h = torch.cat([memory.to(x.dtype), x], 1)
    return _attend(h, annotate(List[Tensor], []), x.shape[1], p, bias, heads, clamp, window, dropout, attention_dropout)


def _last(x: Tensor, n: int) -> Tensor:
    return x[:, x.shape[1] - n:]


def forward(x: Tensor, past: List[Tensor], position: int, length: int, memory: int, p: List[Tensor], bias: List[Tensor], heads: int, clamp: int, window: int, dropout: float, attention_dropout: float) -> Tensor:
    # x (B, T, D) from a position on, cut at the borders of segments; past = [inputs before, their count (B)] or none
    # at the beginning: of the inputs, so many are true ones, the last
    T = x.shape[1]
    h = x
    absent = annotate(List[Tensor], [])
    if len(past) > 0:
        seen = position % length + memory  # from here on: the steps of the segment, and the memory
        h = torch.cat([_last(past[0], seen).to(x.dtype), x], 1)
        absent = [torch.arange(seen + T, device=x.device)[None] < seen - past[1][:, None]]  # (B, K)
    start = h.shape[1] - T  # the row of h where x begins
    outputs = annotate(List[Tensor], [])
    t = 0
    while t < T:
        inside = (position + t) % length  # how many steps of the segment come before step t
        n = min(length - inside, T - t)
        first = start + t - inside  # the row of h where the segment begins
        oldest = max(0, first - memory)
        before = h[:, oldest:first].detach()  # (B, M, D), or fewer at the beginning
        own = h[:, first:start + t + n]
        missing = [a[:, oldest:start + t + n] for a in absent]
        y = _attend(torch.cat([before, own], 1), missing, n, p, bias, heads, clamp, window, dropout, attention_dropout)
        outputs.append(y)  # (B, n, D)
        t = t + n
    return torch.cat(outputs, 1)


def remember(x: Tensor, past: Tensor, count: Tensor) -> List[Tensor]:
    # the last steps of the past and x, as many as the past holds, and how many are true ones
    return [_last(torch.cat([past, x.to(past.dtype)], 1), past.shape[1]).detach().clone(), count + x.shape[1]]
