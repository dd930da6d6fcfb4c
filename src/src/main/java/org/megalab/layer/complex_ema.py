# Complex exponential moving average of MEGALODON.
# p = [alpha (D, N), delta (D, N), theta (D), gamma (D, N, 2), omega (D)].
import diagonal_recurrence
import precision


def _coefficients(p: List[Tensor], like: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    # y_t = Re sum_n p g s_{t,n} with s_t = q s_{t-1} + x_t, so that the reference's state is h = p s
    N = p[0].shape[1]
    alpha = torch.sigmoid(p[0].to(torch.float64))
    delta = torch.sigmoid(p[1].to(torch.float64))
    n = torch.arange(1, N + 1, dtype=torch.float64, device=like.device)
    angle = torch.sigmoid(p[2].to(torch.float64))[:, None] * (6.283185307179586 / float(N)) * n  # (D, N)
    c = alpha[:, :, None] * p[3].to(torch.float64) * float(N) ** -0.5  # (D, N, 2)
    c_re, c_im = torch.unbind(c.to(like.dtype), -1)
    return c_re, c_im, torch.log1p(-alpha * delta), angle


def _work(x: Tensor) -> Tensor:
    # (B, T, D) -> (B, D, T), in float32 at least
    h = precision.wide(x)
    return h.transpose(1, 2)


def _out(y: Tensor, x: Tensor, omega: Tensor) -> Tensor:
    return (y.transpose(1, 2) + omega * x).to(x.dtype)  # (B, T, D)


def forward(x: Tensor, p: List[Tensor], state: List[Tensor]) -> List[Tensor]:
    # x (B, T, D); state [s_re, s_im], each (B, D, N), or none at the beginning: then y alone is returned
    h = _work(x)
    c_re, c_im, log_decay, angle = _coefficients(p, h)
    out = diagonal_recurrence.forward(h, c_re, c_im, log_decay, angle, state)
    return [_out(out[0], x, p[4])] + out[1:]


def kernel(p: List[Tensor], length: int) -> Tensor:
    # the response (D, L) to an impulse, without omega
    like = precision.wide(p[0])
    c_re, c_im, log_decay, angle = _coefficients(p, like)
    return diagonal_recurrence.kernel(c_re, c_im, log_decay, angle, length)


def encode(x: Tensor, p: List[Tensor], padding: List[Tensor]) -> Tensor:
    # both directions over whole sequences: rows 0 ... D-1 of p forward in time, D ... 2D-1 backward
    h = _work(x)
    if len(padding) > 0:
        h = torch.masked_fill(h, padding[0][:, None], 0)
    c_re, c_im, log_decay, angle = _coefficients(p, h)
    k = diagonal_recurrence.kernel(c_re, c_im, log_decay, angle, x.shape[1])
    return _out(diagonal_recurrence.convolve_both(h, k), x, p[4])
