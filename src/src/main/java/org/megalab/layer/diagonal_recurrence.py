# Diagonal linear recurrences, the core of every moving average and state space model here:
#   s_t = q s_{t-1} + x_t        q = exp(log_decay + i angle), N complex modes a channel
#   y_t = Re sum_n c_n s_{t,n}
# in three forms that agree: convolution with the kernel k_j = Re sum_n c_n q_n^j, blocks that hand the
# state on, and step by step. x and y are (B, D, T); c_re, c_im, log_decay and angle are (D, N), the last
# two in float64; a state is [s_re, s_im], each (B, D, N).


def _powers(log_decay: Tensor, angle: Tensor, first: int, step: int, count: int, like: Tensor) -> Tuple[Tensor, Tensor]:
    # q^first, q^(first + step), ...: real and imaginary parts (D, N, count). Exponents and angles stay in
    # float64 until the end, so that a million steps keep their accuracy
    j = torch.arange(count, dtype=torch.float64, device=like.device) * step + first
    r = torch.exp(log_decay[:, :, None] * j)
    a = angle[:, :, None] * j
    return (r * torch.cos(a)).to(like.dtype), (r * torch.sin(a)).to(like.dtype)


def kernel(c_re: Tensor, c_im: Tensor, log_decay: Tensor, angle: Tensor, length: int) -> Tensor:
    # q^j = q^(aS) q^b with j = aS + b: N (A + S) powers a channel instead of N L
    S = int(float(length) ** 0.5) + 1
    A = (length + S - 1) // S
    u_re, u_im = _powers(log_decay, angle, 0, S, A, c_re)  # (D, N, A)
    w_re, w_im = _powers(log_decay, angle, 0, 1, S, c_re)  # (D, N, S)
    g_re = c_re[:, :, None]
    g_im = c_im[:, :, None]
    u = torch.cat([g_re * u_re - g_im * u_im, -(g_re * u_im + g_im * u_re)], 1)  # (D, 2N, A)
    k = torch.matmul(u.transpose(1, 2), torch.cat([w_re, w_im], 1))  # (D, A, S)
    return torch.flatten(k, 1)[:, :length]  # (D, L)


def convolve(x: Tensor, k: Tensor) -> Tensor:
    # causal: y_t = sum_{s <= t} k_{t-s} x_s; twice the length, so that nothing wraps around
    T = x.shape[-1]
    n = 1
    while n < 2 * T:
        n = n * 2
    y = torch.fft_irfft(torch.fft_rfft(x, n) * torch.fft_rfft(k, n), n)
    return y[..., :T]


def convolve_both(x: Tensor, k: Tensor) -> Tensor:
    # k (2D, L): the first D kernels run forward in time, the others backward; lag 0 counts in both
    forward, backward = torch.chunk(k, 2, 0)
    return convolve(x, forward) + torch.flip(convolve(torch.flip(x, [-1]), backward), [-1])


def steps(x: Tensor, c_re: Tensor, c_im: Tensor, log_decay: Tensor, angle: Tensor, state: List[Tensor]) -> List[Tensor]:
    # one step after the other, in float64: a rounded q would drift where the decay is slow. Returns y and
    # the state at the end
    q_re, q_im = _powers(log_decay, angle, 1, 1, 1, log_decay)
    q_re = q_re[:, :, 0]
    q_im = q_im[:, :, 0]
    s_re = state[0].to(torch.float64)
    s_im = state[1].to(torch.float64)
    y: List[Tensor] = []
    for t in range(x.shape[-1]):
        next_re = q_re * s_re - q_im * s_im + x[:, :, t, None]
        s_im = q_re * s_im + q_im * s_re
        s_re = next_re
        y.append(torch.sum(c_re * s_re - c_im * s_im, [-1]).to(x.dtype))
    return [torch.stack(y, -1), s_re.to(x.dtype), s_im.to(x.dtype)]


def toeplitz(k: Tensor) -> Tensor:
    # k (D, S) -> (D, S, S) with entry [j, i] = k_{i-j}, zero where i < j
    S = k.shape[-1]
    return torch.flip(torch.constant_pad_nd(k, [S - 1, 0]).unfold(-1, S, 1), [1])


def _ends(x: Tensor, log_decay: Tensor, angle: Tensor) -> Tuple[Tensor, Tensor]:
    # x (D, R, S) -> what S steps from a state of zero leave: sum_j q^(S-1-j) x_j, each (D, R, N)
    w_re, w_im = _powers(log_decay, angle, x.shape[-1] - 1, -1, x.shape[-1], x)  # (D, N, S)
    s = torch.matmul(x, torch.cat([w_re, w_im], 1).transpose(1, 2))  # (D, R, 2N)
    e_re, e_im = torch.chunk(s, 2, -1)
    return e_re, e_im


def _decayed(s_re: Tensor, s_im: Tensor, log_decay: Tensor, angle: Tensor, count: int) -> Tuple[Tensor, Tensor]:
    # q^count s, for s (D, ..., N)
    w_re, w_im = _powers(log_decay, angle, count, 1, 1, s_re)
    w_re = w_re[:, :, 0].reshape([s_re.shape[0]] + [1] * (s_re.dim() - 2) + [s_re.shape[-1]])
    w_im = w_im[:, :, 0].reshape(w_re.shape)
    return w_re * s_re - w_im * s_im, w_re * s_im + w_im * s_re


def _scan(e_re: Tensor, e_im: Tensor, log_decay: Tensor, angle: Tensor, block: int) -> Tuple[Tensor, Tensor]:
    # e (D, B, A, N) -> h_a = q^block h_{a-1} + e_a, by doubling
    A = e_re.shape[2]
    d = 1
    while d < A:
        m_re, m_im = _decayed(e_re[:, :, :A - d], e_im[:, :, :A - d], log_decay, angle, block * d)
        e_re = torch.cat([e_re[:, :, :d], e_re[:, :, d:] + m_re], 2)
        e_im = torch.cat([e_im[:, :, :d], e_im[:, :, d:] + m_im], 2)
        d = d * 2
    return e_re, e_im


def blocks(x: Tensor, c_re: Tensor, c_im: Tensor, log_decay: Tensor, angle: Tensor, state: List[Tensor], block: int) -> List[Tensor]:
    # time is cut into blocks: inside a block a product with a Toeplitz matrix, between blocks the state.
    # Memory and time are linear in T. Returns y and the state at the end
    B, D, T = x.shape
    S = min(block, T)
    A = T // S
    R = T - A * S  # what is left behind the whole blocks
    s_re = state[0].transpose(0, 1)  # (D, B, N)
    s_im = state[1].transpose(0, 1)
    x = x.transpose(0, 1)  # (D, B, T)
    whole = x[:, :, :A * S].reshape([D, B * A, S])
    e_re, e_im = _ends(whole, log_decay, angle)
    e_re = e_re.reshape([D, B, A, -1])
    e_im = e_im.reshape([D, B, A, -1])
    # the incoming state takes part like the end of a block before the first
    h_re, h_im = _scan(torch.cat([s_re[:, :, None], e_re], 2), torch.cat([s_im[:, :, None], e_im], 2), log_decay, angle, S)  # (D, B, A + 1, N)
    k = kernel(c_re, c_im, log_decay, angle, S)
    w_re, w_im = _powers(log_decay, angle, 1, 1, S, c_re)  # (D, N, S)
    out_re = c_re[:, :, None] * w_re - c_im[:, :, None] * w_im
    out_im = c_re[:, :, None] * w_im + c_im[:, :, None] * w_re
    before = torch.cat([h_re[:, :, :A], h_im[:, :, :A]], -1).reshape([D, B * A, -1])  # (D, B*A, 2N)
    mix = torch.cat([toeplitz(k), out_re, -out_im], 1)  # (D, S + 2N, S)
    y = torch.matmul(torch.cat([whole, before], -1), mix).reshape([D, B, A * S])
    s_re = h_re[:, :, A]
    s_im = h_im[:, :, A]
    if R > 0:
        rest = x[:, :, A * S:]  # (D, B, R)
        last = torch.matmul(torch.cat([rest, s_re, s_im], -1), torch.cat([mix[:, :R, :R], mix[:, S:, :R]], 1))
        y = torch.cat([y, last], -1)
        e_re, e_im = _ends(rest, log_decay, angle)
        s_re, s_im = _decayed(s_re, s_im, log_decay, angle, R)
        s_re = s_re + e_re
        s_im = s_im + e_im
    return [y.transpose(0, 1), s_re.transpose(0, 1), s_im.transpose(0, 1)]


def zero_state(x: Tensor, modes: int) -> List[Tensor]:
    zeros = torch.zeros([x.shape[0], x.shape[1], modes], dtype=x.dtype, device=x.device)
    return [zeros, zeros]


def forward(x: Tensor, c_re: Tensor, c_im: Tensor, log_decay: Tensor, angle: Tensor, state: List[Tensor]) -> List[Tensor]:
    # the form that suits the length; without a state the sequence begins here and only y is returned
    T = x.shape[-1]
    if len(state) == 0:
        if T <= 1024:
            out = [convolve(x, kernel(c_re, c_im, log_decay, angle, T))]
        else:
            out = blocks(x, c_re, c_im, log_decay, angle, zero_state(x, c_re.shape[-1]), 128)[:1]
    elif T <= 4:
        out = steps(x, c_re, c_im, log_decay, angle, state)
    else:
        out = blocks(x, c_re, c_im, log_decay, angle, state, 128)
    return out
