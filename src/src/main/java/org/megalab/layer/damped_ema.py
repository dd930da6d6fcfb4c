# Multi-dimensional damped exponential moving average of MEGA.
# p = [delta, alpha, beta, gamma (R, N each), omega (D)], R = D, or 2D where it reads in both directions.
import diagonal_recurrence
import precision


def _coefficients(p: List[Tensor], like: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    # y_t = sum_n c_n s_{t,n} with s_t = q s_{t-1} + x_t, so that the reference's state is h = p beta s
    N = p[0].shape[1]
    step = torch.sigmoid(p[0].to(torch.float64))  # (R, N)
    damping = torch.sigmoid(p[1].to(torch.float64))
    c = step * p[2] * p[3] * float(N) ** -0.5
    return c.to(like.dtype), torch.zeros_like(c).to(like.dtype), torch.log1p(-step * damping)


def forward(x: Tensor, p: List[Tensor], padding: List[Tensor], state: List[Tensor], bidirectional: bool, silu: bool) -> List[Tensor]:
    # x (B, T, D); padding [(B, T)] or none; state [s_re, s_im], each (B, D, N), or none at the beginning
    h = precision.wide(x)
    c, zero, log_decay = _coefficients(p, h)
    angle = torch.zeros_like(log_decay)
    u = h.transpose(1, 2)  # (B, D, T)
    if len(padding) > 0:
        u = torch.masked_fill(u, padding[0][:, None], 0)
    if bidirectional:
        k = diagonal_recurrence.kernel(c, zero, log_decay, angle, x.shape[1])  # (2D, T)
        out = [diagonal_recurrence.convolve_both(u, k)]
    else:
        out = diagonal_recurrence.forward(u, c, zero, log_decay, angle, state)
    y = out[0].transpose(1, 2) + p[4] * h  # (B, T, D)
    if silu:
        y = torch.silu(y)
    return [y.to(x.dtype)] + out[1:]


def kernel(p: List[Tensor], length: int) -> Tensor:
    # the response (R, L) to an impulse, without omega
    like = precision.wide(p[0])
    c, zero, log_decay = _coefficients(p, like)
    return diagonal_recurrence.kernel(c, zero, log_decay, torch.zeros_like(log_decay), length)
