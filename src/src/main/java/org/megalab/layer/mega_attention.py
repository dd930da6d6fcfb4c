# Moving-average gated attention of MEGA, between its norm and its residual.
# p = [W_v, b_v, W_mx, b_mx, gamma, beta (2, Z each), W_h, b_h] and then the relative bias: [b] or [a, b].
import attention
import precision
import rotary


def _relative_bias(p: List[Tensor], T: int, S: int) -> Tensor:
    # (T, S): the last T queries of S positions, counted from 0, against all keys
    if len(p) == 9:
        M = (p[8].shape[0] + 1) // 2
        # b[M - 1 + j - i] is a window of b that moves back by one with each query
        windows = p[8][M - S:M + T - 1].unfold(0, S, 1)  # (T, S), last query first
        bias = torch.flip(windows, [0])
    else:
        a = rotary.halves(p[8].expand([T, -1]), S - T, 10000.0)  # (T, Z)
        b = rotary.halves(p[9].expand([S, -1]), 0, 10000.0)  # (S, Z)
        bias = torch.matmul(a, b.t())
    return bias


def _softmax(s: Tensor, seen: Tensor, padding: List[Tensor]) -> Tensor:
    if len(padding) > 0:
        # a chunk that is padding alone stays as it is: its rows count nowhere
        keys = torch.logical_or(torch.logical_not(padding[0]), torch.all(padding[0], -1, True))
        seen = torch.logical_and(seen, keys[:, :, None])
    return torch.softmax(torch.masked_fill(s, torch.logical_not(seen), -1e30), -1)


def laplace(s: Tensor) -> Tensor:
    # mean sqrt(1/2), standard deviation sqrt(1/(4 pi)), rounded as in the reference
    return 0.5 * (1 + torch.erf((s - 0.707107) / (0.282095 * 2.0 ** 0.5)))


def relu_squared(s: Tensor) -> Tensor:
    return torch.square(torch.relu(s))


def _attend(q: Tensor, k: Tensor, v: Tensor, p: List[Tensor], padding: List[Tensor], causal: bool, function: int, dropout: float) -> Tensor:
    # q (B, K, T, Z): the last T positions of each chunk; k, v (B, K, S, ...): all S; padding [(B, K, S)] or none
    T = q.shape[-2]
    S = k.shape[-2]
    seen = torch.ones([T, S], dtype=torch.bool, device=q.device)
    if causal:
        seen = torch.tril(seen, S - T)
    if function == 0:
        q = q * float(q.shape[-1]) ** -0.5
    s = precision.wide(torch.matmul(q, k.transpose(-2, -1)))  # (B, K, T, S)
    bias = _relative_bias(p, T, S)
    if function == 0:
        w = _softmax(s + bias, seen, padding)
    else:
        count = torch.sum(seen, -1, True)  # (T, 1)
        if len(padding) > 0:
            keys = torch.logical_not(padding[0])[:, :, None]  # (B, K, 1, S)
            if not causal:
                count = torch.clamp(torch.sum(keys, -1, True), 1)
            seen = torch.logical_and(seen, keys)
        s = s / count + bias
        w = laplace(s) if function == 1 else relu_squared(s)
        w = w * seen
    if dropout > 0:
        w = torch.dropout(w, dropout, True)
    return torch.matmul(w.to(v.dtype), v)  # (B, K, T, E)


def _project(h: Tensor, m: Tensor, p: List[Tensor], hidden_dropout: float, dropout: float) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    # h, m (B, T, D) -> q, k (B, T, Z), v, r (B, T, E), update gate and candidate (B, T, D)
    D = h.shape[-1]
    Z = p[4].shape[1]
    E = p[0].shape[0]
    v = torch.silu(torch.linear(h, p[0], p[1]))
    if hidden_dropout > 0:
        v = torch.dropout(v, hidden_dropout, True)
    if dropout > 0:
        m = torch.dropout(m, dropout, True)
    u, z, r, c = torch.split_with_sizes(torch.linear(m, p[2], p[3]), [D, Z, E, D], -1)
    z = (torch.silu(precision.wide(z))[:, :, None] * p[4] + p[5]).to(m.dtype)  # (B, T, 2, Z)
    q, k = torch.unbind(z, 2)
    return q, k, v, torch.silu(r), torch.sigmoid(u), c


def _gate(x: Tensor, o: Tensor, r: Tensor, u: Tensor, c: Tensor, p: List[Tensor], dropout: float) -> Tensor:
    # the gated residual with x, not its norm
    h = torch.silu(c + torch.linear(r * o, p[6], p[7]))  # (B, T, D)
    if dropout > 0:
        h = torch.dropout(h, dropout, True)
    return torch.addcmul(x, u, h - x)


def _chunks(x: Tensor, C: int) -> Tensor:
    # (B, T, d) -> (B, K, C, d), the last chunk filled up
    x = torch.constant_pad_nd(x, [0, 0, 0, (C - x.shape[1] % C) % C])
    return x.unflatten(1, [x.shape[1] // C, C])


def forward(x: Tensor, h: Tensor, m: Tensor, p: List[Tensor], padding: List[Tensor], causal: bool, function: int, chunk: int,
            attention_dropout: float, hidden_dropout: float, dropout: float) -> Tensor:
    # x (B, T, D), h its norm, m the moving average of h; padding [(B, T)] or none; chunk 0 for one of all steps
    B, T, D = x.shape
    C = T if chunk == 0 or chunk > T else chunk
    fill = (C - T % C) % C
    if fill > 0 and len(padding) == 0 and not causal:
        padding = [torch.zeros([B, T], dtype=torch.bool, device=x.device)]
    if len(padding) > 0:
        filled = torch.constant_pad_nd(padding[0], [0, fill], True)
        padding = [filled.unflatten(1, [filled.shape[1] // C, C])]  # (B, K, C)
    q, k, v, r, u, c = _project(h, m, p, hidden_dropout, dropout)
    o = _attend(_chunks(q, C), _chunks(k, C), _chunks(v, C), p, padding, causal, function, attention_dropout)
    return _gate(x, torch.flatten(o, 1, 2)[:, :T], r, u, c, p, dropout)


def decode(x: Tensor, h: Tensor, m: Tensor, p: List[Tensor], function: int, keys: Tensor, values: Tensor, position: int,
           attention_dropout: float, hidden_dropout: float, dropout: float, training: bool) -> List[Tensor]:
    # the same for T further steps; keys and values (B, 1, C, ...) hold the chunk so far and start again when it is
    # full. In training they are left alone, and others returned
    T = x.shape[1]
    C = keys.shape[-2]
    q, k, v, r, u, c = _project(h, m, p, hidden_dropout, dropout)
    outputs: List[Tensor] = []
    ks = keys
    vs = values
    t = 0
    while t < T:
        start = (position + t) % C
        n = min(T - t, C - start)
        ks = attention.held(keys, k[:, None, t:t + n], start, training)  # (B, 1, start + n, Z)
        vs = attention.held(values, v[:, None, t:t + n], start, training)
        o = _attend(q[:, None, t:t + n], ks, vs, p, annotate(List[Tensor], []), True, function, attention_dropout)
        outputs.append(o[:, 0])
        t = t + n
    y = [_gate(x, torch.cat(outputs, 1), r, u, c, p, dropout)]
    if training:
        y = y + [attention.kept(keys, ks), attention.kept(values, vs)]
    return y
