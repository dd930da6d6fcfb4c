# Layer normalisation of the last axis. p = [weight, bias] or empty; offset 1 where weight - 1 is stored.
import precision


def plain(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.layer_norm(precision.wide(x), [x.shape[-1]], weight, bias, 1e-5).to(x.dtype)


def forward(x: Tensor, p: List[Tensor], offset: float, epsilon: float) -> Tensor:
    h = precision.wide(x)
    if len(p) > 0:
        y = torch.layer_norm(h, [h.shape[-1]], p[0] + offset, p[1], epsilon)
    else:
        y = torch.layer_norm(h, [h.shape[-1]], None, None, epsilon)
    return y.to(x.dtype)
