# A whole layer of token_shift_layer and its gradient, written out for training on a GPU. Norms and attention, whose
# gradients libtorch has as single kernels, keep graphs of their own between forward and gradient.
#   x (B, T, D) -> y (B, T, D); p as in token_shift_layer, without dropout
import attention
import bias_gradient
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


def _norm(x: Tensor, gain: Tensor) -> Tensor:
    torch.set_grad_enabled(True)
    y = token_shift_layer.rms_norm(x, gain)
    torch.set_grad_enabled(False)
    return y


def _attend(q: Tensor, k: Tensor, v: Tensor, rotate: bool) -> Tensor:
    # (B, T, H, d) each -> (B, T, H*d)
    torch.set_grad_enabled(True)
    q = q.transpose(1, 2)
    k = k.transpose(1, 2)
    if rotate:
        q = rotary.halves(q, 0, 10000.0)
        k = rotary.halves(k, 0, 10000.0)
    o = attention.merge_heads(attention.causal(q, k, v.transpose(1, 2), 0.0))
    torch.set_grad_enabled(False)
    return o


def _through(y: Tensor, xs: List[Tensor], g: Tensor) -> List[Tensor]:
    # the gradients of xs in the graph of y, given that of y
    one = annotate(List[Optional[Tensor]], [])
    one.append(g)
    found = torch.grad([y], xs, one)
    return [torch._unwrap_optional(f) for f in found]


def forward(x: Tensor, p: List[Tensor], heads: int, rotate: bool) -> List[Tensor]:
    # y, and what the gradient needs
    B, T, D = x.shape
    none = annotate(Optional[Tensor], None)
    keys, values = torch.chunk(p[2], 2, 0)
    shape = [B, T, heads, -1]
    s1 = _leaf(_shifted(x))
    gain1 = _leaf(p[0])
    h1 = _norm(s1, gain1)
    h = h1.detach()
    q = _leaf(torch.linear(h, p[1], none).view(shape))
    k = _leaf(torch.linear(h, keys, none).view(shape))
    v = _leaf(torch.linear(h, values, none).view(shape))
    o = _attend(q, k, v, rotate)
    y = torch.linear(o.detach(), p[3], none).add_(x)
    s2 = _leaf(_shifted(y))
    gain2 = _leaf(p[4])
    h2 = _norm(s2, gain2)
    a = torch.linear(h2.detach(), p[5], p[6])
    f = torch.gelu(a)
    out = torch.linear(f, p[7], p[8]).add_(y)
    return [out, s1, gain1, h1, q, k, v, o, s2, gain2, h2, a, f]


def gradient(g: Tensor, p: List[Tensor], saved: List[Tensor]) -> List[Tensor]:
    # of x and of p, given that of y
    B, T, D = g.shape
    s1, gain1, h1, q, k, v, o, s2, gain2, h2, a, f = saved
    rows = [B * T, -1]
    g2 = g.reshape(rows)
    ds = torch.matmul(g2, p[7])
    da = torch.gelu_backward(ds, a.view(rows))
    dh2 = torch.matmul(da, p[5]).view(g.shape)
    ds2, dgain2 = _through(h2, [s2, gain2], dh2)
    dy = _plus_shifted(g, ds2)
    dy2 = dy.view(rows)
    do = torch.matmul(dy2, p[3])
    dq, dk, dv = _through(o, [q, k, v], do.view([B, T, -1]))
    h = h1.detach().reshape(rows)
    dq = dq.reshape(rows)
    dk = dk.reshape(rows)
    dv = dv.reshape(rows)
    keys, values = torch.chunk(p[2], 2, 0)
    dh1 = torch.matmul(dq, p[1])
    dh1.addmm_(dk, keys)
    dh1.addmm_(dv, values)
    ds1, dgain1 = _through(h1, [s1, gain1], dh1.view(g.shape))
    dx = _plus_shifted(dy, ds1)
    dkv = torch.empty_like(p[2])
    dkeys, dvalues = torch.chunk(dkv, 2, 0)
    torch.mm(dk.t(), h, out=dkeys)
    torch.mm(dv.t(), h, out=dvalues)
    dw = [torch.matmul(dq.t(), h), dkv, torch.matmul(dy2.t(), o.detach().reshape(rows))]
    df = [torch.matmul(da.t(), h2.detach().reshape(rows)), bias_gradient.of(da), torch.matmul(g2.t(), f.view(rows)), bias_gradient.of(g2)]
    return [dx, dgain1] + dw + [dgain2] + df
