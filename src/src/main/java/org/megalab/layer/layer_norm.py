# Layer normalisation of the last axis. p = [weight, bias] or empty; offset 1 where weight - 1 is stored.


def forward(x: Tensor, p: List[Tensor], offset: float, epsilon: float) -> Tensor:
    h = x if x.dtype == torch.float64 else x.to(torch.float32)
    if len(p) > 0:
        y = torch.layer_norm(h, [h.shape[-1]], p[0] + offset, p[1], epsilon)
    else:
        y = torch.layer_norm(h, [h.shape[-1]], None, None, epsilon)
    return y.to(x.dtype)
