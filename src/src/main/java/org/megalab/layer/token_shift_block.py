# A whole layer of token_shift_layer and its gradient, written out for training on a GPU. Norms and attention, whose
# gradients libtorch has as single kernels, keep graphs of their own between forward and gradient.
#   x (B, T, D) -> y (B, T, D); p as in token_shift_layer, without dropout
import attention
import bias_gradient
import precision
import rotary
import token_shift_layer


def _shifted(x: Tensor) -> Tensor:
    # the second half of the channels comes from the step before, zeros at first
    half = (x.shape[-1] + 1) // 2
    y = torch.empty_like(x)
    y[:, :, :half].copy_(x[:, :, :half])
    y[:, 1:, half:].copy_(x[:, :-1, half:])
    y[:, 0, half:].zero_()
    return y


def _plus_shifted(g: Tensor, d: Tensor) -> Tensor:
    # g plus the gradient of what was shifted, given that of the result
    half = (g.shape[-1] + 1) // 2
    y = torch.empty_like(g)
    torch.add(g[:, :, :half], d[:, :, :half], out=y[:, :, :half])
    torch.add(g[:, :-1, half:], d[:, 1:, half:], out=y[:, :-1, half:])
    y[:, -1, half:].copy_(g[:, -1, half:])
    return y


def _leaf(x: Tensor) -> Tensor:
    return x.detach().requires_grad_(True)


def _gain(gain: Tensor, x: Tensor) -> Tensor:
    # as the norm takes it, so that its gradient is not cast one by one
    return _leaf(gain.to(x.dtype) if precision.native(x) else gain)


def _norm(x: Tensor, gain: Tensor) -> Tensor:
    torch.set_grad_enabled(True)
    y = token_shift_layer.rms_norm(x, gain)
    torch.set_grad_enabled(False)
    return y


def _together(x: Tensor) -> int:
    # how many short sequences (B, T, D) attend side by side: a tile of a GPU's attention has 64 queries and keys. cuDNN's
    # gradient behind a mask can be no number at exactly 64 keys (pytorch 2.11)
    return max(1, min(63 // x.shape[1], x.shape[0]))


def _product(x: Tensor, w: Tensor, sequences: int) -> Tensor:
    # x (B, T, D) w (D, N), or w (T, D, N) -> (sequences, T, N), of which those behind the first B are zero
    B, T, D = x.shape
    y = torch.empty([sequences, T, w.shape[-1]], dtype=x.dtype, device=x.device)
    if w.dim() == 3:
        torch.bmm(x.transpose(0, 1), w, out=y[:B].transpose(0, 1))
    else:
        torch.mm(x.reshape([B * T, D]), w, out=torch.flatten(y[:B], 0, 1))
    y[B:].zero_()
    return y


def _turn(qkv: Tensor, heads: int, turn: List[Tensor], back: bool) -> Tensor:
    # queries and keys of (B, T, 3*H*d) in place, where there are tables
    if len(turn) > 0:
        rotary.turn_halves(qkv[:, :, :qkv.shape[-1] // 3 * 2].unflatten(-1, [2 * heads, -1]), turn, back)
    return qkv


def _weights(x: Tensor, p: List[Tensor], heads: int, turn: List[Tensor]) -> Tensor:
    # of queries, keys and values (3*H*d, D). Where x (B, T, D) are many short sequences, weights for each position
    # (T, 3*H*d, D), which turn queries and keys along: that is less work than to turn all of these
    w = torch.cat([p[1], p[2]])
    if len(turn) > 0 and x.shape[0] > 2 * x.shape[2]:
        w = w.expand([x.shape[1], -1, -1]).contiguous()
        _turn(w.permute([2, 0, 1]), heads, turn, False)
    return w


def _weights_gradient(dqkv: Tensor, h: Tensor, w: Tensor, heads: int, turn: List[Tensor]) -> Tensor:
    # (3*H*d, D), given the gradient of h w^t (B, T, 3*H*d)
    if w.dim() == 3:
        dw = torch.bmm(dqkv.permute([1, 2, 0]), h.transpose(0, 1))  # (T, 3*H*d, D)
        return torch.sum(torch.permute(_turn(dw.permute([2, 0, 1]), heads, turn, True), [1, 2, 0]), [0])
    return torch.matmul(torch.flatten(dqkv, 0, 1).t(), torch.flatten(h, 0, 1))


def _attend(qkv: Tensor, heads: int, together: int) -> Tensor:
    # (B, T, 3*H*d) -> (B, T, H*d); B a multiple of together
    torch.set_grad_enabled(True)
    q, k, v = [attention.split_heads(x, heads) for x in torch.chunk(qkv, 3, -1)]  # (B, H, T, d) each
    if together > 1:
        o = attention.side_by_side(q, k, v, together, 0.0)
    else:
        o = attention.causal(q, k, v, 0.0)
    o = attention.merge_heads(o)
    torch.set_grad_enabled(False)
    return o


def _through(y: Tensor, xs: List[Tensor], g: Tensor) -> List[Tensor]:
    # the gradients of xs in the graph of y, given that of y
    one = annotate(List[Optional[Tensor]], [])
    one.append(g)
    found = torch.grad([y], xs, one)
    return [torch._unwrap_optional(f) for f in found]


def forward(x: Tensor, p: List[Tensor], heads: int, turn: List[Tensor]) -> List[Tensor]:
    # y, and what the gradient needs; turn = rotary.tables of T positions, or none
    B, T, D = x.shape
    none = annotate(Optional[Tensor], None)
    w = _weights(x, p, heads, turn)
    s1 = _leaf(_shifted(x))
    gain1 = _gain(p[0], x)
    h1 = _norm(s1, gain1)
    n = _together(x)
    qkv = _product(h1.detach(), w.transpose(-2, -1), (B + n - 1) // n * n)
    if w.dim() == 2:
        _turn(qkv, heads, turn, False)
    qkv = _leaf(qkv)
    o = _attend(qkv, heads, n)
    y = torch.linear(o.detach()[:B], p[3], none).add_(x)
    s2 = _leaf(_shifted(y))
    gain2 = _gain(p[4], x)
    h2 = _norm(s2, gain2)
    a = torch.linear(h2.detach(), p[5], p[6])
    f = torch.gelu(a)
    out = torch.linear(f, p[7], p[8]).add_(y)
    return [out, w, s1, gain1, h1, qkv, o, s2, gain2, h2, a, f]


def gradient(g: Tensor, p: List[Tensor], saved: List[Tensor], heads: int, turn: List[Tensor]) -> List[Tensor]:
    # of x and of p, given that of y
    B, T, D = g.shape
    w, s1, gain1, h1, qkv, o, s2, gain2, h2, a, f = saved
    rows = [B * T, -1]
    g2 = g.reshape(rows)
    ds = torch.matmul(g2, p[7])
    da = torch.gelu_backward(ds, a.view(rows))
    dh2 = torch.matmul(da, p[5]).view(g.shape)
    ds2, dgain2 = _through(h2, [s2, gain2], dh2)
    dy = _plus_shifted(g, ds2)
    dy2 = dy.view(rows)
    do = _product(dy, p[3], o.shape[0])
    dqkv = _through(o, [qkv], do)[0][:B]
    if w.dim() == 2:
        _turn(dqkv, heads, turn, True)
    dh1 = _product(dqkv, w, B)
    ds1, dgain1 = _through(h1, [s1, gain1], dh1)
    dx = _plus_shifted(dy, ds1)
    dw = torch.split(_weights_gradient(dqkv, h1.detach(), w, heads, turn), [p[1].shape[0], p[2].shape[0]])
    do2 = torch.matmul(dy2.t(), o.detach()[:B].reshape(rows))
    df = [torch.matmul(da.t(), h2.detach().reshape(rows)), bias_gradient.of(da), torch.matmul(g2.t(), f.view(rows)), bias_gradient.of(g2)]
    return [dx, dgain1] + dw + [do2, dgain2] + df
