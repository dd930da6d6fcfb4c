# Diagonal state space layer, S4D.
# p = [log_dt (H), log(-Re A), Im A (H, M each), C (R, M, 2), D (H)] and then [W (2H, H), b (2H)] of the output.
# R = H, or 2H where it reads in both directions.
import diagonal_recurrence
import precision


def _coefficients(p: List[Tensor], like: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    # y_t = Re sum_n c_n s_{t,n} with s_t = exp(dt A) s_{t-1} + x_t, so that c = 2 C (exp(dt A) - 1) / A
    dt = torch.exp(p[0].to(torch.float64))[:, None]  # (H, 1)
    re = -torch.exp(p[1].to(torch.float64))  # (H, M)
    im = p[2].to(torch.float64)
    log_decay = dt * re
    angle = dt * im
    # exp(z) - 1 without loss where z is small
    half = torch.sin(angle * 0.5)
    e_re = torch.expm1(log_decay) * torch.cos(angle) - 2 * half * half
    e_im = torch.exp(log_decay) * torch.sin(angle)
    norm = re * re + im * im
    b_re = (e_re * re + e_im * im) / norm  # (H, M)
    b_im = (e_im * re - e_re * im) / norm
    c_re, c_im = torch.unbind(p[3].to(torch.float64), -1)  # (R, M)
    times = p[3].shape[0] // p[1].shape[0]
    if times > 1:
        b_re = b_re.repeat([times, 1])
        b_im = b_im.repeat([times, 1])
        log_decay = log_decay.repeat([times, 1])
        angle = angle.repeat([times, 1])
    g_re = 2 * (c_re * b_re - c_im * b_im)
    g_im = 2 * (c_re * b_im + c_im * b_re)
    return g_re.to(like.dtype), g_im.to(like.dtype), log_decay, angle


def kernel(p: List[Tensor], length: int) -> Tensor:
    # the response (R, L) to an impulse, without D
    like = precision.wide(p[0])
    c_re, c_im, log_decay, angle = _coefficients(p, like)
    return diagonal_recurrence.kernel(c_re, c_im, log_decay, angle, length)


def mix(x: Tensor, p: List[Tensor], padding: List[Tensor], state: List[Tensor], bidirectional: bool) -> List[Tensor]:
    # x (B, T, H) -> K * x + D x, (B, H, T) in float32 at least; padding [(B, T)] or none; state [s_re, s_im] or none at the beginning
    h = precision.wide(x)
    u = h.transpose(1, 2)  # (B, H, T)
    if len(padding) > 0:
        u = torch.masked_fill(u, padding[0][:, None], 0)
    c_re, c_im, log_decay, angle = _coefficients(p, h)
    if bidirectional:
        k = diagonal_recurrence.kernel(c_re, c_im, log_decay, angle, x.shape[1])  # (2H, T)
        out = [diagonal_recurrence.convolve_both(u, k)]
    else:
        out = diagonal_recurrence.forward(u, c_re, c_im, log_decay, angle, state)
    return [out[0] + p[4][:, None] * u] + out[1:]


def output(y: Tensor, p: List[Tensor], dropout: float) -> Tensor:
    # y (B, H, T) -> (B, T, H): gelu, dropout with one mask for all steps, a map to 2H, gated linear unit
    y = torch.gelu(y)
    if dropout > 0:
        y = torch.feature_dropout(y, dropout, True)
    return torch.glu(torch.linear(y.transpose(1, 2).to(p[5].dtype), p[5], p[6]), -1)


def legs_frequencies(like: Tensor, states: int) -> Tensor:
    # S = A + P P^T + 1/2 is skew-symmetric: the eigenvalues of i S are real and come in pairs +-w
    n = torch.arange(states, dtype=torch.float64, device=like.device)
    root = torch.sqrt(2 * n + 1)
    s = 0.5 * root[:, None] * root[None] * torch.sign(n[None] - n[:, None])
    w = torch.linalg_eigvalsh(torch.complex(torch.zeros_like(s), s))  # ascending
    return w[states // 2:]
