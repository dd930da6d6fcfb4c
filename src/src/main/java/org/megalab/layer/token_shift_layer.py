# Transformer layer of the community MEGABYTE: token shift, RMS norm,
# attention without biases, exact GELU.
import attention
import precision
import rotary


def _shift(x: Tensor, last: List[Tensor]) -> Tensor:
    # the second half of the channels comes from the step before: zeros, or the last step decoded so far
    D = x.shape[-1]
    stay, move = torch.split(x, [(D + 1) // 2, D // 2], -1)
    if len(last) > 0 and x.shape[1] == 1:
        moved = last[0].to(x.dtype)
    elif len(last) > 0:
        moved = torch.cat([last[0].to(x.dtype), move[:, :-1]], 1)
    else:
        moved = torch.constant_pad_nd(move, [0, 0, 1, -1])
    return torch.cat([stay, moved], -1)  # (B, T, D)


def rms_norm(x: Tensor, gain: Tensor) -> Tensor:
    if x.is_cuda:
        return torch.rms_norm(x, [x.shape[-1]], gain.to(x.dtype), 1e-16)
    h = precision.wide(x)
    rms = torch.norm(h, 2, [-1], True) * float(x.shape[-1]) ** -0.5
    return (h / torch.clamp(rms, min=1e-8) * gain).to(x.dtype)


def _heads(x: Tensor, p: List[Tensor], heads: int) -> Tuple[Tensor, Tensor, Tensor]:
    h = rms_norm(x, p[0])
    q = attention.split_heads(torch.linear(h, p[1], None), heads)  # (B, H, T, d)
    k, v = torch.chunk(torch.linear(h, p[2], None), 2, -1)
    return q, attention.split_heads(k, heads), attention.split_heads(v, heads)


def _turned(x: Tensor, p: List[Tensor], heads: int, rotate: bool, position: int) -> Tuple[Tensor, Tensor, Tensor]:
    q, k, v = _heads(x, p, heads)
    if rotate:
        q = rotary.halves(q, position, 10000.0)
        k = rotary.halves(k, position, 10000.0)
    return q, k, v


def _feed_forward(x: Tensor, p: List[Tensor], dropout: float) -> Tensor:
    h = torch.gelu(torch.linear(rms_norm(x, p[4]), p[5], p[6]))
    if dropout > 0:
        h = torch.dropout(h, dropout, True)
    return torch.linear(h, p[7], p[8])


def forward(x: Tensor, p: List[Tensor], heads: int, rotate: bool, attention_dropout: float, dropout: float) -> Tensor:
    # x (B, T, D), causal over T
    none = annotate(List[Tensor], [])
    q, k, v = _turned(_shift(x, none), p, heads, rotate, 0)
    x = x + torch.linear(attention.merge_heads(attention.causal(q, k, v, attention_dropout)), p[3], None)
    return x + _feed_forward(_shift(x, none), p, dropout)


def _finish(x: Tensor, o: Tensor, p: List[Tensor], last: List[Tensor]) -> Tensor:
    # what follows the attention's o (B, H, T, d)
    D = x.shape[-1]
    x = x + torch.linear(attention.merge_heads(o), p[3], None)
    y = x + _feed_forward(_shift(x, [last[1]]), p, 0.0)
    last[1].copy_(x[:, -1:, (D + 1) // 2:])
    return y


def _shifted(x: Tensor, last: List[Tensor]) -> Tensor:
    y = _shift(x, [last[0]])
    last[0].copy_(x[:, -1:, (x.shape[-1] + 1) // 2:])
    return y


def decode(x: Tensor, p: List[Tensor], heads: int, rotate: bool, keys: Tensor, values: Tensor, last: List[Tensor], position: int) -> Tensor:
    # x (B, T, D) from position on; last = the moving halves (B, 1, D/2) of the step before, updated in place
    q, k, v = _turned(_shifted(x, last), p, heads, rotate, position)
    k = attention.append(keys, k, position)
    v = attention.append(values, v, position)
    return _finish(x, attention.causal(q, k, v, 0.0), p, last)


def step(x: Tensor, p: List[Tensor], heads: int, keys: Tensor, values: Tensor, last: List[Tensor], position: Tensor, turn: List[Tensor], mask: Tensor) -> Tensor:
    # decode of x (B, 1, D) at position (1), which the device alone knows; turn, if any, and mask are its rotation and mask
    q, k, v = _heads(_shifted(x, last), p, heads)
    q, k = rotary.both_turned(q, k, turn, True)
    o = attention.step(q, k, v, keys, values, position, mask, float(q.shape[-1]) ** -0.5)
    return _finish(x, o, p, last)
