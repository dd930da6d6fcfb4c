# A whole MEGALODON block and its gradient, written out for training on a GPU: the same function as the parts one by one
# (timestep_norm, complex_ema, rms_norm, normalized_attention, layer_norm, feed_forward), in fewer passes over memory.
#   x (B, T, D) -> y (B, T, D). M = B T steps, G groups of d features, N modes, S steps of a block of the average in A = T/S
#   blocks, Z and E widths of queries and values, C steps of a chunk, F width of the feed-forward.
# Norms and average work on columns (D, M), where time is contiguous and the features of a group are rows. Chains of
# element-wise operations are functions of their own: bfloat16 meets float32 first in each, so that it is computed in float32
# without a cast, and type_as ends it; a GPU then runs each as one kernel.
# p = [norm weight, bias; average's norm weight; W_z, b_z, W_v, b_v, W_r, b_r, W_h1, b_h1, W_h2, gamma, beta;
#      feed-forward norm weight, bias; W_1, W_2, W_3 if gated]
# a = [alpha, delta, theta, gamma, omega] of the average, and e what it is made of: kernel with omega at lag 0 (D, S),
#      read-out (D, 2N, S), ends (D, S, 2N), decay of S steps (D, N, 2); real and imaginary parts of the modes alternate
import bias_gradient
import diagonal_recurrence
import precision


def _columns(x: Tensor) -> Tensor:
    # (M, D) -> (D, M). A product with the identity is exact, and on a GPU five times as fast as a copy
    M, D = x.shape
    if x.is_cuda and x.dtype == torch.bfloat16 and D % 64 == 0:
        one = torch.eye(64, dtype=x.dtype, device=x.device).expand([D // 64, 64, 64])
        y = torch.bmm(one, x.reshape([M, D // 64, 64]).permute([1, 2, 0])).reshape([D, M])
    else:
        y = x.t().contiguous()
    return y


def _add_rows(x: Tensor, y: Tensor) -> Tensor:
    # x (M, D) += y (D, M) turned
    M, D = x.shape
    if x.is_cuda and x.dtype == torch.bfloat16 and D % 64 == 0:
        one = torch.eye(64, dtype=x.dtype, device=x.device).expand([D // 64, 64, 64])
        x.view([M, D // 64, 64]).permute([1, 0, 2]).baddbmm_(y.view([D // 64, 64, M]).transpose(1, 2), one)
    else:
        x.add_(y.t())
    return x


# --- timestep norm


def _sums(x: Tensor) -> Tensor:
    # cumulative over the last axis: inside of blocks, then over these, for a long row is scanned slowly
    T = x.shape[-1]
    if T % 256 > 0:
        return torch.cumsum(x, -1)
    c = torch.cumsum(x.unflatten(-1, [-1, 256]), -1)
    ends = c[..., -1]
    return torch.flatten(c + (torch.cumsum(ends, -1) - ends)[..., None], -2)


def _statistics(x: Tensor, groups: int, batch: int, epsilon: float) -> Tuple[Tensor, Tensor]:
    # x (D, M) -> mean and 1 / standard deviation of all steps so far, (G, 1, M)
    D, M = x.shape
    d = D // groups
    g = x.view([groups, d, batch, M // batch])
    if x.dtype == torch.bfloat16:
        m = torch.mean(g, [1], False, dtype=torch.float32)
        square = torch.square(torch.linalg_vector_norm(g, 2, [1], False, dtype=torch.float32)) / d
    else:
        v, m = torch.var_mean(g, [1], False)
        m = m.to(torch.float64)
        square = v.to(torch.float64) + m * m
    n = torch.arange(1, M // batch + 1, dtype=torch.float64, device=x.device)
    mean, square = torch.unbind(_sums(torch.stack([m, square]).to(torch.float64)) / n)
    variance = torch.clamp_min(square - mean * mean, 0.0)
    shape = [groups, 1, M]
    h = precision.wide(x[:1, :1])
    return mean.to(h.dtype).reshape(shape), torch.rsqrt(variance + epsilon).to(h.dtype).reshape(shape)


def _normalize(x: Tensor, mean: Tensor, rms: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return ((x - mean) * rms * weight + bias).type_as(x)


def _sums_from(x: Tensor) -> Tensor:
    # of what is at each step and after it
    c = _sums(x)
    return c[..., -1:] - c + x


def _times_normal(g: Tensor, x: Tensor, mean: Tensor, rms: Tensor) -> Tensor:
    return ((x - mean) * rms * g).type_as(g)


def _through_norm(g: Tensor, x: Tensor, scale: Tensor, weight: Tensor, slope: Tensor, shift: Tensor) -> Tensor:
    return (scale * g * weight + slope * x + shift).type_as(g)


def _norm_gradient(g: Tensor, x: Tensor, mean: Tensor, rms: Tensor, weight: Tensor, batch: int) -> Tuple[Tensor, Tensor, Tensor]:
    # g, x (D, M); weight (D) with its 1 -> gradients of x, weight, bias. With V and W the sums, over this step and those
    # after it, of what the variance and the mean there ask for: dx = g w / std + 2 V x / d + W / d
    D, M = x.shape
    groups = mean.shape[0]
    d = D // groups
    gg = g.view([groups, d, M])
    xg = x.view([groups, d, M])
    w = weight.view([groups, d, 1])
    product = _times_normal(gg, xg, mean, rms)  # (G, d, M)
    row = weight.view([groups, 1, d]).to(g.dtype)
    shape = [groups, batch, M // batch]
    sums = torch.bmm(row, gg).to(torch.float64).view(shape)
    products = torch.bmm(row, product).to(torch.float64).view(shape)
    n = torch.arange(1, M // batch + 1, dtype=torch.float64, device=x.device)
    r = rms.to(torch.float64).view(shape)
    of_variance = -0.5 * r * r * products / n
    of_mean = -r * sums / n - 2 * mean.to(torch.float64).view(shape) * of_variance
    both = (_sums_from(torch.stack([2 * of_variance, of_mean])) / d).to(rms.dtype)
    slope, shift = torch.unbind(both.view([2, groups, 1, M]))
    dx = _through_norm(gg, xg, rms, w, slope, shift).view([D, M])
    return dx, torch.sum(product.view([D, M]), [1], dtype=rms.dtype), torch.sum(g, [1], dtype=rms.dtype)


# --- complex moving average


def _log_q(a: List[Tensor]) -> Tensor:
    # log q = log(1 - alpha delta) + i n 2 pi theta / N, each behind its logistic function: (D, N) in complex128
    N = a[0].shape[1]
    decay = torch.log1p(-torch.sigmoid(a[0].to(torch.float64)) * torch.sigmoid(a[1].to(torch.float64)))
    n = torch.arange(1, N + 1, dtype=torch.float64, device=decay.device) * (6.283185307179586 / float(N))
    return torch.complex(decay, torch.sigmoid(a[2].to(torch.float64))[:, None] * n)


def _weights(a: List[Tensor]) -> Tensor:
    # c = alpha gamma / sqrt(N): (D, N) complex
    N = a[0].shape[1]
    return torch.view_as_complex(a[3] * (torch.sigmoid(a[0]) * float(N) ** -0.5)[:, :, None])


def _steps(log_q: Tensor, count: int, like: Tensor) -> Tensor:
    # 1, q, ... (D, N, S): q^j = q^(16a) q^b with j = 16a + b
    low = min(16, count)
    j = torch.arange(0, low, dtype=torch.float64, device=log_q.device)
    high = torch.arange(0, (count + low - 1) // low, dtype=torch.float64, device=log_q.device) * low
    q = log_q[:, :, None]
    powers = torch.exp(q * high).to(like.dtype)[:, :, :, None] * torch.exp(q * j).to(like.dtype)[:, :, None]
    return torch.flatten(powers, 2)[:, :, :count]


def _matrices(a: List[Tensor], count: int) -> List[Tensor]:
    # e, and the powers of q
    D, N = a[0].shape
    log_q = _log_q(a)
    c = _weights(a)
    q = _steps(log_q, count, c)
    k = torch.sum(torch.real(c[:, :, None] * q), [1])  # (D, S)
    k[:, 0].add_(a[4])
    first = c * torch.exp(log_q).to(c.dtype)
    read = torch.view_as_real(torch.conj(q * first[:, :, None]).resolve_conj())  # (D, N, S, 2)
    ends = torch.view_as_real(torch.flip(q, [2]).transpose(1, 2).contiguous())  # (D, S, N, 2)
    decay = torch.view_as_real(torch.exp(log_q * count).to(c.dtype))
    return [k, read.permute([0, 1, 3, 2]).reshape([D, 2 * N, count]), ends.view([D, count, 2 * N]), decay, torch.view_as_real(q)]


def _parameter_gradients(a: List[Tensor], e: List[Tensor], de: List[Tensor]) -> List[Tensor]:
    # of alpha, delta, theta, gamma and omega, given those of e. A complex gradient is that of the real part plus i that of
    # the imaginary part, so that a product's other factor is conjugated
    D, N = a[0].shape
    S = e[0].shape[1]
    log_q = _log_q(a)
    c = _weights(a)
    q = torch.view_as_complex(e[4])
    one = torch.exp(log_q).to(c.dtype)
    j = torch.arange(0, S, dtype=e[0].dtype, device=c.device)
    weights = torch.stack([torch.ones_like(j), j], 1)  # (S, 2)
    dread = de[1].view([D, N, 2, S])
    read = torch.matmul(torch.complex(dread[:, :, 0], dread[:, :, 1]) * q, weights.to(c.dtype))  # (D, N, 2)
    kernel = torch.bmm(q, (de[0][:, :, None] * weights).to(c.dtype))  # (D, N, 2)
    read = torch.conj(read)
    kernel = torch.conj(kernel)
    ends = torch.view_as_complex(e[2].view([D, S, N, 2]))
    dends = torch.view_as_complex(de[2].view([D, S, N, 2]))
    left = torch.sum(torch.conj(ends) * dends * torch.flip(j, [0])[:, None], [1])  # (D, N)
    decay = torch.conj(torch.view_as_complex(e[3])) * torch.view_as_complex(de[3]) * S
    dc = torch.conj(one) * read[:, :, 0] + kernel[:, :, 0]
    dlog = torch.conj(c * one) * (read[:, :, 1] + read[:, :, 0]) + torch.conj(c) * kernel[:, :, 1] + left + decay
    alpha = torch.sigmoid(a[0])
    delta = torch.sigmoid(a[1])
    theta = torch.sigmoid(a[2])
    n = torch.arange(1, N + 1, dtype=alpha.dtype, device=alpha.device) * (6.283185307179586 / float(N))
    dpair = torch.view_as_real(dc.resolve_conj()) * float(N) ** -0.5  # (D, N, 2)
    dg = dpair * alpha[:, :, None]
    rest = 1 - torch.sigmoid(a[0].to(torch.float64)) * torch.sigmoid(a[1].to(torch.float64))
    ddecay = (-torch.real(dlog) / rest).to(alpha.dtype)
    da = torch.sum(dpair * a[3], [-1]) + ddecay * delta
    dtheta = torch.sum(torch.imag(dlog) * n, [1]) * theta * (1 - theta)
    return [da * alpha * (1 - alpha), ddecay * alpha * delta * (1 - delta), dtheta, dg, de[0][:, 0]]


def _diagonals(x: Tensor, y: Tensor) -> Tensor:
    # x, y (D, R, S) -> (D, S): entry l is the sum of x_j y_{j+l}, over j and R; the gradient of toeplitz's k
    D, R, S = x.shape
    products = torch.zeros([D, S, 2 * S], dtype=x.dtype, device=x.device)
    products[:, :, :S].baddbmm_(x.transpose(1, 2), y, beta=0)
    like = precision.wide(x[:1, :1, :1])
    return torch.sum(torch.as_strided(products, [D, S, S], [2 * S * S, 2 * S + 1, 1]), [1], dtype=like.dtype)


def _divisor(A: int) -> int:
    # the largest one whose square is at most A
    best = 1
    d = 1
    while d * d <= A:
        if A % d == 0:
            best = d
        d = d + 1
    return best


def _powers(q: Tensor, count: int) -> Tensor:
    # q (D, N) -> 1, q, ... (count, D, N)
    p = [torch.ones_like(q)]
    for i in range(count - 1):
        p.append(p[i] * q)
    return torch.stack(p, 0)


def _scan(e: Tensor, q: Tensor) -> Tensor:
    # e (D, B, A, N) complex, overwritten; q (D, N) -> the state before each block: h_a = q h_{a-1} + e_{a-1}, h_0 = 0.
    # Groups of blocks run side by side, then one after the other
    D, B, A, N = e.shape
    I = _divisor(A)
    O = A // I
    g = e.view([D, B, O, I, N])
    qe = q[:, None, None]  # (D, 1, 1, N)
    for i in range(1, I):
        g[:, :, :, i].addcmul_(g[:, :, :, i - 1], qe)
    p = _powers(q, I + 1)
    start = torch.zeros_like(g[:, :, :, 0])  # before each group: (D, B, O, N)
    step = p[I][:, None]  # (D, 1, N)
    for o in range(1, O):
        torch.addcmul(g[:, :, o - 1, I - 1], start[:, :, o - 1], step, out=start[:, :, o])
    h = start[:, :, :, None] * p[:I].permute([1, 0, 2])[:, None, None]  # (D, B, O, I, N)
    h[:, :, :, 1:].add_(g[:, :, :, :I - 1])
    return h.view([D, B, A, N])


def _complex(x: Tensor, batch: int) -> Tensor:
    # (D, B*A, 2N) -> (D, B, A, N)
    D, R, N2 = x.shape
    return torch.view_as_complex(precision.wide(x).contiguous().view([D, batch, R // batch, N2 // 2, 2]))


def _real(x: Tensor, like: Tensor) -> Tensor:
    # (D, B, A, N) -> (D, B*A, 2N)
    D, B, A, N = x.shape
    return torch.view_as_real(x).to(like.dtype).reshape([D, B * A, 2 * N])


def _average(x: Tensor, e: List[Tensor], batch: int) -> Tuple[Tensor, Tensor]:
    # x (D, M) -> (D, M), and the states before the blocks (D, B*A, 2N)
    D, M = x.shape
    S = e[0].shape[1]
    blocks = x.view([D, M // S, S])
    q = torch.view_as_complex(e[3])
    h = _real(_scan(_complex(torch.bmm(blocks, e[2].to(x.dtype)), batch), q), x)
    y = torch.bmm(h, e[1].to(x.dtype))
    y.baddbmm_(blocks, diagonal_recurrence.toeplitz(e[0].to(x.dtype)))
    return y.view([D, M]), h


def _average_gradient(g: Tensor, x: Tensor, h: Tensor, e: List[Tensor], batch: int, dx: Tensor) -> List[Tensor]:
    # g, x (D, M); adds the gradient of x to dx (D, M), returns those of e
    D, M = x.shape
    S = e[0].shape[1]
    gb = g.view([D, M // S, S])
    xb = x.view([D, M // S, S])
    like = e[0]
    read = e[1].to(x.dtype)
    q = torch.view_as_complex(e[3])
    dh = torch.flip(_complex(torch.bmm(gb, read.transpose(1, 2)), batch), [2])  # (D, B, A, N), the last block first
    # what the end of a block owes to all states after it
    de = torch.flip(_scan(dh, torch.conj(q).resolve_conj()), [2])
    hc = _complex(h, batch)
    # block a's end is in the state a + 1, to which q h_a belongs too
    dq = torch.sum(torch.conj(hc) * de, [1, 2])  # (D, N)
    ends = _real(de, x)
    d = dx.view([D, M // S, S])
    d.baddbmm_(gb, diagonal_recurrence.toeplitz(e[0].to(x.dtype)).transpose(1, 2))
    d.baddbmm_(ends, e[2].to(x.dtype).transpose(1, 2))
    dread = torch.bmm(h.transpose(1, 2), gb).to(like.dtype)
    dends = torch.bmm(xb.transpose(1, 2), ends).to(like.dtype)
    return [_diagonals(xb, gb).to(like.dtype), dread, dends, torch.view_as_real(dq)]


# --- its norm


def _scaled(u: Tensor, rms: Tensor, weight: Tensor) -> Tensor:
    return (rms * u * weight).type_as(u)


def _inverse_rms(u: Tensor, epsilon: float) -> Tensor:
    # u (D, M) -> 1 / root mean square over D: (1, M)
    like = precision.wide(u[:1, :1])
    norm = torch.linalg_vector_norm(u, 2, [0], True, dtype=like.dtype)
    return torch.rsqrt(norm * norm / u.shape[0] + epsilon)


def _product(g: Tensor, u: Tensor, rms: Tensor) -> Tensor:
    return (rms * g * u).type_as(g)


def _through_scale(g: Tensor, u: Tensor, rms: Tensor, weight: Tensor, mean: Tensor) -> Tensor:
    return (rms * (weight * g - rms * mean * u)).type_as(g)


def _scale_gradient(g: Tensor, u: Tensor, rms: Tensor, weight: Tensor) -> Tuple[Tensor, Tensor]:
    # g, u (D, M); weight (D) with its 1 -> gradients of u, weight
    product = _product(g, u, rms)  # (D, M)
    mean = precision.wide(torch.matmul(weight.to(g.dtype)[None], product)) / u.shape[0]  # (1, M)
    return _through_scale(g, u, rms, weight[:, None], mean), torch.sum(product, [1], dtype=rms.dtype)


# --- queries and keys


def _quarter(x: Tensor) -> Tensor:
    # pairs (a, b) -> (-b, a): a quarter turn
    a, b = torch.unbind(x.unflatten(-1, [x.shape[-1] // 2, 2]), -1)
    return torch.flatten(torch.stack([-b, a], -1), -2)


def _swapped(x: Tensor) -> Tensor:
    # pairs (a, b) -> (b, a)
    a, b = torch.unbind(x.unflatten(-1, [x.shape[-1] // 2, 2]), -1)
    return torch.flatten(torch.stack([b, a], -1), -2)


def turns(like: Tensor, chunk: int, z: int, base: float) -> List[Tensor]:
    # cosines and sines (C, 1, z) of the positions in a chunk
    t = torch.arange(0, chunk, dtype=torch.float64, device=like.device)
    i = torch.arange(0, z, dtype=torch.float64, device=like.device)
    angles = t[:, None] * torch.pow(base, torch.floor(i / 2) * (-2.0 / z))
    h = precision.wide(like[:1, :1])
    return [torch.cos(angles).to(h.dtype)[:, None], torch.sin(angles).to(h.dtype)[:, None]]


def _turned(z: Tensor, quarter: Tensor, scale: Tensor, gain: Tensor, swapped: Tensor, shift: Tensor, turned: Tensor, c: Tensor, s: Tensor) -> Tensor:
    # (z scale gain + shift) turned
    return ((scale * z * gain + shift) * c + (scale * quarter * swapped + turned) * s).type_as(z)


def _back(g: Tensor, quarter: Tensor, c: Tensor, s: Tensor) -> Tensor:
    return (c * g - s * quarter).type_as(g)


def _of_scaled(q: Tensor, k: Tensor, gain_q: Tensor, gain_k: Tensor) -> Tensor:
    return (gain_q * q + gain_k * k).type_as(q)


def _times_scaled(g: Tensor, z: Tensor, scale: Tensor) -> Tensor:
    return (scale * g * z).type_as(g)


def _through_unit(g: Tensor, z: Tensor, scale: Tensor, mean: Tensor) -> Tensor:
    return (scale * (g - scale * mean * z)).type_as(g)


def _heads(z: Tensor, chunk: int, heads: int) -> Tensor:
    # (M, Z) -> (B*W, C, H, z)
    return z.view([z.shape[0] // chunk, chunk, heads, z.shape[1] // heads])


def _scale_of(z: Tensor, epsilon: float) -> Tensor:
    # (R, C, H, z) -> 1 / (root mean square * sqrt(z)): (R, C, H, 1)
    n = float(z.shape[-1])
    like = precision.wide(z[:1, :1, :1, :1])
    norm = torch.linalg_vector_norm(z, 2, [-1], True, dtype=like.dtype)
    return torch.rsqrt(norm * norm / n + epsilon) * n ** -0.5


def _queries_keys(z: Tensor, scale: Tensor, gamma: Tensor, beta: Tensor, c: Tensor, s: Tensor) -> Tuple[Tensor, Tensor]:
    # z (R, C, H, z); gamma with its 1, and beta (2, H, z)
    quarter = _quarter(z)
    other = _swapped(gamma)
    turned = _quarter(beta)
    q = _turned(z, quarter, scale, gamma[0], other[0], beta[0], turned[0], c, s)
    k = _turned(z, quarter, scale, gamma[1], other[1], beta[1], turned[1], c, s)
    return q, k


def _queries_keys_gradient(dq: Tensor, dk: Tensor, z: Tensor, scale: Tensor, gamma: Tensor, c: Tensor, s: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    # -> gradients of z (R, C, H, z), gamma (2, H*z), beta (2, H*z)
    R, C, H, n = z.shape
    tq = _back(dq, _quarter(dq), c, s)
    tk = _back(dk, _quarter(dk), c, s)
    uq = _times_scaled(tq, z, scale)
    uk = _times_scaled(tk, z, scale)
    g = _of_scaled(tq, tk, gamma[0], gamma[1])
    like = precision.wide(z[:1, :1, :1, :1])
    # scale is 1 / (rms sqrt(z)), so that z scale^2 z summed is 1
    mean = torch.sum(_of_scaled(uq, uk, gamma[0], gamma[1]), [-1], True, dtype=like.dtype)
    dz = _through_unit(g, z, scale, mean)
    flat = [R * C, H * n]
    dgamma = torch.stack([bias_gradient.of(uq.view(flat)), bias_gradient.of(uk.view(flat))])
    dbeta = torch.stack([bias_gradient.of(tq.view(flat)), bias_gradient.of(tk.view(flat))])
    return dz, dgamma.to(gamma.dtype), dbeta.to(gamma.dtype)


# --- attention


def _fold(x: Tensor) -> Tensor:
    # (R, C, H, n) -> (R*H, C, n); without a copy where there is one head
    return torch.flatten(x.transpose(1, 2), 0, 1)


def _unfold(x: Tensor, heads: int) -> Tensor:
    # (R*H, C, n) -> (M, H*n)
    R, C, n = x.shape
    return x.view([R // heads, heads, C, n]).transpose(1, 2).reshape([R // heads * C, heads * n])


def _rows(chunk: int) -> int:
    # queries are taken in that many rows at a time, which see no key behind their last
    return 512 if chunk % 512 == 0 else chunk


def _attend(q: Tensor, k: Tensor, v: Tensor) -> Tuple[Tensor, List[Tensor]]:
    # q, k (R, C, z), v (R, C, e) -> (R, C, e), and the weights of the rows
    C = q.shape[1]
    n = _rows(C)
    o = torch.empty_like(v)
    later = torch.triu(torch.ones([n, n], dtype=torch.bool, device=q.device), 1)
    weights: List[Tensor] = []
    for b in range(C // n):
        first = b * n
        end = first + n
        s = torch.bmm(q[:, first:end], k[:, :end].transpose(1, 2))
        s[:, :, first:].masked_fill_(later, -1e30)
        w = torch.softmax(s, -1)
        o[:, first:end].baddbmm_(w, v[:, :end], beta=0)
        weights.append(w)
    return o, weights


def _attend_gradient(g: Tensor, q: Tensor, k: Tensor, v: Tensor, weights: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    C = q.shape[1]
    n = _rows(C)
    dq = torch.empty_like(q)
    dk = torch.empty_like(k)
    dv = torch.empty_like(v)
    for i in range(C // n):
        b = C // n - 1 - i  # the last rows see all keys: they write, the others add
        beta = 0 if i == 0 else 1
        first = b * n
        end = first + n
        gb = g[:, first:end]
        w = weights[b]
        dv[:, :end].baddbmm_(w.transpose(1, 2), gb, beta=beta)
        dw = torch.bmm(gb, v[:, :end].transpose(1, 2))
        ds = ops.aten._softmax_backward_data(dw, w, -1, w.dtype)
        dq[:, first:end].baddbmm_(ds, k[:, :end], beta=0)
        dk[:, :end].baddbmm_(ds.transpose(1, 2), q[:, first:end], beta=beta)
    return dq, dk, dv


# --- the block


def _rows_norm(h: Tensor, p: List[Tensor], epsilon: float) -> Tuple[Tensor, Tensor, Tensor]:
    return torch.native_layer_norm(h, [h.shape[-1]], (p[14] + 1).to(h.dtype), p[15].to(h.dtype), epsilon)


def _hidden(a: Tensor, gate: List[Tensor]) -> Tensor:
    s = torch.silu(a)
    if len(gate) > 0:
        s = s * gate[0]
    return s


def forward(x: Tensor, a: List[Tensor], p: List[Tensor], turn: List[Tensor], steps: int, groups: int, heads: int, epsilon: float, two_hop: bool) -> List[Tensor]:
    # y, and what the gradient needs; turn = turns of the positions in a chunk. Names end in c for columns, f for what is folded into chunks, a for what a silu takes
    B, T, D = x.shape
    none = annotate(Optional[Tensor], None)
    rows = x.reshape([B * T, D])
    xc = _columns(rows)
    mean, rms = _statistics(xc, groups, B, epsilon)
    grouped = [groups, D // groups, 1]
    n = _normalize(xc.view([groups, D // groups, B * T]), mean, rms, (p[0] + 1).view(grouped), p[1].view(grouped)).view([D, B * T])
    e = _matrices(a, steps)
    u, h = _average(n, e, B)
    unit = _inverse_rms(u, epsilon)
    m = _scaled(u, unit, (p[2] + 1)[:, None])  # (D, M)
    cosine, sine = turn
    c = cosine.shape[0]
    z = _heads(torch.linear(m.t(), p[3], p[4]), c, heads)
    gamma = (p[12] + 1).view([2, heads, -1])
    scale = _scale_of(z, epsilon)
    q, k = _queries_keys(z, scale, gamma, p[13].view([2, heads, -1]), cosine, sine)
    va = torch.linear(n.t(), p[5], p[6])  # (M, E)
    v = torch.silu(va)
    qf = _fold(q)
    kf = _fold(k)
    vf = _fold(_heads(v, c, heads))
    of, weights = _attend(qf, kf, vf)
    o = _unfold(of, heads)  # (M, E)
    ra = torch.linear(m.t(), p[7], p[8])
    y = torch.linear(m.t(), p[9], p[10])
    y.addmm_(torch.silu(ra).mul_(o), p[11].t())
    y.add_(rows)
    f, center, spread = _rows_norm(y, p, epsilon)
    w = torch.linear(f, p[16], none)
    gate: List[Tensor] = []
    if len(p) > 18:
        gate.append(torch.linear(f, p[18], none))
    out = torch.linear(_hidden(w, gate), p[17], none)
    out.add_(rows if two_hop else y)
    saved = [mean, rms, n, u, h, unit, m, z, scale, qf, kf, va, vf, o, ra, y, f, center, spread, w]
    return [out.view([B, T, D])] + e + saved + weights + gate


def _feed_forward_gradient(g: Tensor, y: Tensor, f: Tensor, center: Tensor, spread: Tensor, w: Tensor, gate: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    # g (M, D) -> gradients of y (M, D), of the norm's weight and bias, of W_1, W_2 and, if gated, W_3
    ds = torch.matmul(g, p[17])  # (M, F)
    matrices: List[Tensor] = []
    if len(gate) > 0:
        dgate = torch.silu(w).mul_(ds)  # (M, F)
        matrices.append(torch.matmul(dgate.t(), f))
        df = torch.matmul(dgate, p[18])  # (M, D)
        dw = torch.silu_backward(ds * gate[0], w)  # (M, F)
        df.addmm_(dw, p[16])
    else:
        dw = torch.silu_backward(ds, w)
        df = torch.matmul(dw, p[16])
    first = torch.matmul(dw.t(), f)  # (F, D)
    second = torch.matmul(g.t(), _hidden(w, gate))  # (D, F)
    dy, dweight, dbias = torch.native_layer_norm_backward(df, y, [y.shape[-1]], center, spread, (p[14] + 1).to(y.dtype), p[15].to(y.dtype), [True, True, True])
    return [dy, dweight.to(p[14].dtype), dbias.to(p[15].dtype), first, second] + matrices


def _gate_gradient(dy: Tensor, o: Tensor, ra: Tensor, p: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    # dy (M, D) -> gradients of the attention's o (M, E), of the gate before its silu (M, E), of W_h2 (D, E)
    r = torch.silu(ra)
    d = torch.matmul(dy, p[11])  # of o r: (M, E)
    do = torch.empty_like(d)
    torch.mul(d, r, out=do)
    dra = torch.silu_backward(d.mul_(o), ra)
    return do, dra, torch.matmul(dy.t(), r.mul_(o))


def gradient(g: Tensor, x: Tensor, a: List[Tensor], p: List[Tensor], saved: List[Tensor], turn: List[Tensor], steps: int, groups: int, heads: int, epsilon: float, two_hop: bool) -> List[Tensor]:
    # of x, of a and of p, given that of y
    B, T, D = x.shape
    cosine, sine = turn
    c = cosine.shape[0]
    e = saved[:5]
    mean, rms, n, u, h, unit, m, z, scale, qf, kf, va, vf, o, ra, y, f, center, spread, w = saved[5:25]
    weights = saved[25:25 + c // _rows(c)]
    gate = saved[25 + c // _rows(c):]
    g = g.reshape([B * T, D])
    after = _feed_forward_gradient(g, y, f, center, spread, w, gate, p)
    dy = after[0] if two_hop else after[0] + g  # (M, D)
    dx = dy + g if two_hop else dy.clone()
    do, dra, dwh2 = _gate_gradient(dy, o, ra, p)
    dqf, dkf, dvf = _attend_gradient(_fold(_heads(do, c, heads)), qf, kf, vf, weights)  # (R*H, C, z) and (R*H, C, e)
    dva = torch.silu_backward(_unfold(dvf, heads), va)  # (M, E)
    dq = _heads(_unfold(dqf, heads), c, heads)
    dk = _heads(_unfold(dkf, heads), c, heads)
    dz, dgamma, dbeta = _queries_keys_gradient(dq, dk, z, scale, (p[12] + 1).view([2, heads, -1]), cosine, sine)
    dz = dz.view([B * T, -1])  # (M, Z)
    dm = torch.matmul(p[9].t(), dy.t())  # (D, M)
    dm.addmm_(p[7].t(), dra.t())
    dm.addmm_(p[3].t(), dz.t())
    dn = torch.matmul(p[5].t(), dva.t())  # (D, M)
    du, dscale = _scale_gradient(dm, u, unit, p[2] + 1)
    de = _average_gradient(du, n, h, e, B, dn)
    dxc, dweight, dbias = _norm_gradient(dn, _columns(x.reshape([B * T, D])), mean, rms, p[0] + 1, B)
    dp = [dweight, dbias, dscale, torch.matmul(dz.t(), m.t()), bias_gradient.of(dz), torch.matmul(dva.t(), n.t()), bias_gradient.of(dva)]
    dp = dp + [torch.matmul(dra.t(), m.t()), bias_gradient.of(dra), torch.matmul(dy.t(), m.t()), bias_gradient.of(dy), dwh2, dgamma, dbeta]
    return [_add_rows(dx, dxc).view([B, T, D])] + _parameter_gradients(a, e, de) + dp + after[1:]
