# Root-mean-square normalisation of the last axis. p = [weight (D) or (1)] or empty; offset 1 where weight - 1 is stored.
import precision


def forward(x: Tensor, p: List[Tensor], offset: float, epsilon: float) -> Tensor:
    if precision.native(x) and len(p) > 0:
        weight = (p[0] + offset).to(x.dtype).expand([x.shape[-1]])
        return torch.rms_norm(x, [x.shape[-1]], weight, epsilon)
    h = precision.wide(x)
    y = h * torch.rsqrt(torch.mean(h * h, [-1], True) + epsilon)
    if len(p) > 0:
        y = y * (p[0] + offset)
    return y.to(x.dtype)
