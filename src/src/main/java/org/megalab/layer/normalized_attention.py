# MEGALODON's normalised, gated attention in chunks.
# p = [W_z, b_z, W_v, b_v, W_r, b_r, W_h1, b_h1, W_h2, gamma (2, Z), beta (2, Z)].
# m is the output of the moving average, n the normalised input; both (B, T, D).
import attention
import precision
import rms_norm
import rotary


def _projected(m: Tensor, p: List[Tensor], heads: int, normalized: bool, epsilon: float) -> Tuple[Tensor, Tensor]:
    # q, k (B, H, T, z), not turned yet; the scores' scale is in them
    z = precision.wide(torch.linear(m, p[0], p[1])).unflatten(-1, [heads, -1])  # (B, T, H, z)
    d = float(z.shape[-1])
    if normalized:
        none = annotate(List[Tensor], [])
        z = rms_norm.forward(z, none, 0.0, epsilon) * d ** -0.5
        after = 1.0
    else:
        after = d ** -0.5
    q_scale, k_scale = torch.unbind((p[9] + 1).unflatten(-1, [heads, -1]), 0)  # (H, z) each
    q_shift, k_shift = torch.unbind(p[10].unflatten(-1, [heads, -1]), 0)
    q = ((z * q_scale + q_shift) * after).transpose(1, 2)
    k = (z * k_scale + k_shift).transpose(1, 2)
    return q, k


def _qk(m: Tensor, p: List[Tensor], heads: int, chunk: int, base: float, normalized: bool, epsilon: float, first: int) -> Tuple[Tensor, Tensor]:
    # as _projected, turned by their position in the chunk
    q, k = _projected(m, p, heads, normalized, epsilon)
    return rotary.in_chunks(q, first, base, chunk).to(m.dtype), rotary.in_chunks(k, first, base, chunk).to(m.dtype)


def _values(n: Tensor, p: List[Tensor], heads: int) -> Tensor:
    return attention.split_heads(torch.silu(torch.linear(n, p[2], p[3])), heads)  # (B, H, T, e)


def _qkv(m: Tensor, n: Tensor, p: List[Tensor], heads: int, chunk: int, base: float, normalized: bool, epsilon: float, first: int) -> Tuple[Tensor, Tensor, Tensor]:
    # as _qk, and v (B, H, T, e)
    q, k = _qk(m, p, heads, chunk, base, normalized, epsilon, first)
    return q, k, _values(n, p, heads)


def _weights(q: Tensor, k: Tensor, mask: Tensor, dropout: float, drop_key: bool) -> Tensor:
    # mask: true where a key may be seen; a row that sees nothing gives 0
    if drop_key and dropout > 0:
        kept = torch.rand([q.shape[0], q.shape[1], q.shape[2], k.shape[2]], device=q.device) >= dropout
        mask = torch.logical_and(mask, kept)
        dropout = 0.0
    s = precision.wide(torch.matmul(q, k.transpose(-2, -1)))
    s = torch.masked_fill(s, torch.logical_not(mask), -1e30)
    w = torch.masked_fill(torch.softmax(s, -1), torch.logical_not(mask), 0)
    if dropout > 0:
        w = torch.dropout(w, dropout, True)
    return w


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, dropout: float, drop_key: bool) -> Tensor:
    return torch.matmul(_weights(q, k, mask, dropout, drop_key).to(v.dtype), v)


def _causal(q: Tensor, k: Tensor, v: Tensor, dropout: float, drop_key: bool) -> Tensor:
    # the queries are the last T of S positions
    T = q.shape[-2]
    S = k.shape[-2]
    mask = torch.tril(torch.ones([T, S], dtype=torch.bool, device=q.device), S - T)
    return _attend(q, k, v, mask, dropout, drop_key)


def _fold(x: Tensor, chunk: int) -> Tensor:
    # (B, H, W*c, d) -> (B*W, H, c, d)
    return torch.flatten(x.unflatten(2, [-1, chunk]).transpose(1, 2), 0, 1)


def _unfold(x: Tensor, batch: int) -> Tensor:
    # (B*W, H, c, d) -> (B, H, W*c, d)
    return torch.flatten(x.unflatten(0, [batch, -1]).transpose(1, 2), 2, 3)


def _chunks(q: Tensor, k: Tensor, v: Tensor, chunk: int, dropout: float, drop_key: bool) -> Tensor:
    # every chunk by itself; what is left behind the whole chunks is one shorter chunk
    T = q.shape[2]
    whole = T // chunk * chunk
    o: List[Tensor] = []
    if whole > 0:
        folded = _causal(_fold(q[:, :, :whole], chunk), _fold(k[:, :, :whole], chunk), _fold(v[:, :, :whole], chunk), dropout, drop_key)
        o.append(_unfold(folded, q.shape[0]))
    if whole < T:
        o.append(_causal(q[:, :, whole:], k[:, :, whole:], v[:, :, whole:], dropout, drop_key))
    return torch.cat(o, 2)  # (B, H, T, e)


def _gated(o: Tensor, m: Tensor, p: List[Tensor], hidden_dropout: float, dropout: float) -> Tensor:
    a = attention.merge_heads(o) * torch.silu(torch.linear(m, p[4], p[5]))  # (B, T, E)
    if hidden_dropout > 0:
        a = torch.dropout(a, hidden_dropout, True)
    y = torch.linear(m, p[6], p[7]) + torch.linear(a, p[8], None)  # (B, T, D)
    if dropout > 0:
        y = torch.dropout(y, dropout, True)
    return y


def forward(m: Tensor, n: Tensor, p: List[Tensor], heads: int, chunk: int, base: float, normalized: bool, epsilon: float, attention_dropout: float, drop_key: bool, hidden_dropout: float, dropout: float) -> Tensor:
    # whole sequences from their beginning
    q, k, v = _qkv(m, n, p, heads, chunk, base, normalized, epsilon, 0)
    o = _chunks(q, k, v, chunk, attention_dropout, drop_key)
    return _gated(o, m, p, hidden_dropout, dropout)


def decode(m: Tensor, n: Tensor, p: List[Tensor], heads: int, chunk: int, base: float, normalized: bool, epsilon: float, attention_dropout: float, drop_key: bool, hidden_dropout: float, dropout: float, keys: Tensor, values: Tensor, first: int, training: bool) -> List[Tensor]:
    # the next T steps, the first of them at position `first` of its chunk; the caches hold the positions
    # before it. A chunk that is full is forgotten: the next one writes over it. In training the caches are
    # left alone, and others returned
    q, k, v = _qkv(m, n, p, heads, chunk, base, normalized, epsilon, first)
    T = q.shape[2]
    o: List[Tensor] = []
    done = 0
    held_k = k[:, :, :0]
    held_v = v[:, :, :0]
    if first > 0:  # the chunk under way
        done = min(T, chunk - first)
        held_k = attention.held(keys, k[:, :, :done], first, training)
        held_v = attention.held(values, v[:, :, :done], first, training)
        o.append(_causal(q[:, :, :done], held_k, held_v, attention_dropout, drop_key))
    if done < T:
        o.append(_chunks(q[:, :, done:], k[:, :, done:], v[:, :, done:], chunk, attention_dropout, drop_key))
        rest = (T - done) % chunk
        held_k = attention.held(keys, k[:, :, T - rest:], 0, training)
        held_v = attention.held(values, v[:, :, T - rest:], 0, training)
    y = [_gated(torch.cat(o, 2), m, p, hidden_dropout, dropout)]
    if training:
        y = y + [attention.kept(keys, held_k), attention.kept(values, held_v)]
    return y


def step(m: Tensor, n: Tensor, p: List[Tensor], heads: int, chunk: int, normalized: bool, epsilon: float, keys: Tensor, values: Tensor, position: Tensor, turn: List[Tensor], mask: Tensor) -> Tensor:
    # decode of m, n (B, 1, D) at position (1), which the device alone knows; turn and mask are those of its place in the chunk
    q, k = _projected(m, p, heads, normalized, epsilon)
    q, k = rotary.both_turned(q, k, turn, False)
    place = torch.remainder(position, chunk)
    o = attention.step(q.to(m.dtype), k.to(m.dtype), _values(n, p, heads), keys, values, place, mask, 1.0)
    return _gated(o, m, p, 0.0, 0.0)


def encode(m: Tensor, n: Tensor, p: List[Tensor], heads: int, chunk: int, base: float, normalized: bool, epsilon: float, attention_dropout: float, drop_key: bool, hidden_dropout: float, dropout: float, padding: List[Tensor]) -> Tensor:
    # both directions inside a chunk; padding is no key. The end is filled up to whole chunks with padding
    q, k, v = _qkv(m, n, p, heads, chunk, base, normalized, epsilon, 0)
    B, H, T, _ = q.shape
    c = min(chunk, T)
    fill = (c - T % c) % c
    hidden = padding[0] if len(padding) > 0 else torch.zeros([B, T], dtype=torch.bool, device=q.device)
    hidden = torch.constant_pad_nd(hidden, [0, fill], True)
    mask = torch.logical_not(hidden).reshape([-1, 1, 1, c])  # (B*W, 1, 1, c)
    end = [0, 0, 0, fill]
    o = _attend(_fold(torch.constant_pad_nd(q, end), c), _fold(torch.constant_pad_nd(k, end), c), _fold(torch.constant_pad_nd(v, end), c), mask, attention_dropout, drop_key)
    return _gated(_unfold(o, B)[:, :, :T], m, p, hidden_dropout, dropout)


def probabilities(m: Tensor, p: List[Tensor], heads: int, chunk: int, base: float, normalized: bool, epsilon: float) -> Tensor:
    # (B, H, T, T) of whole sequences in one piece: 0 outside of a step's chunk and after the step
    q, k = _qk(m, p, heads, chunk, base, normalized, epsilon, 0)
    T = q.shape[2]
    number = torch.floor_divide(torch.arange(0, T, dtype=torch.int64, device=q.device), chunk)  # of the chunk: (T)
    mask = torch.tril(number[:, None] == number[None])
    return _weights(q, k, mask, 0.0, False)
