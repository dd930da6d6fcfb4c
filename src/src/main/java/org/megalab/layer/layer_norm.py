# Layer normalisation of the last axis. p = [weight, bias] or empty; offset 1 where weight - 1 is stored.
import precision


def plain(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if precision.native(x):
        return torch.layer_norm(x, [x.shape[-1]], weight.to(x.dtype), bias.to(x.dtype), 1e-5)
    return torch.layer_norm(precision.wide(x), [x.shape[-1]], weight, bias, 1e-5).to(x.dtype)


def forward(x: Tensor, p: List[Tensor], offset: float, epsilon: float) -> Tensor:
    if precision.native(x) and len(p) > 0:
        return torch.layer_norm(x, [x.shape[-1]], (p[0] + offset).to(x.dtype), p[1].to(x.dtype), epsilon)
    h = precision.wide(x)
    if len(p) > 0:
        y = torch.layer_norm(h, [h.shape[-1]], p[0] + offset, p[1], epsilon)
    else:
        y = torch.layer_norm(h, [h.shape[-1]], None, None, epsilon)
    return y.to(x.dtype)
