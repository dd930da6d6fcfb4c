# Group normalisation over all steps of a sequence. p = [weight, bias] or empty; offset 1 where weight - 1 is stored.
import precision


def forward(x: Tensor, p: List[Tensor], groups: int, offset: float, epsilon: float, padding: List[Tensor]) -> Tensor:
    B, T, D = x.shape
    h = precision.wide(x)
    g = h.unflatten(-1, [groups, D // groups])  # (B, T, G, d)
    if len(padding) > 0:
        valid = torch.logical_not(padding[0])[:, :, None, None].to(h.dtype)  # (B, T, 1, 1)
    else:
        valid = torch.ones([B, T, 1, 1], dtype=h.dtype, device=x.device)
    count = torch.clamp(torch.sum(valid, [1, 3], True), min=1.0) * float(D // groups)  # (B, 1, 1, 1)
    mean = torch.sum(g * valid, [1, 3], True) / count  # (B, 1, G, 1)
    centred = (g - mean) * valid
    variance = torch.sum(centred * centred, [1, 3], True) / count
    y = torch.flatten(centred * torch.rsqrt(variance + epsilon), 2)  # (B, T, D)
    if len(p) > 0:
        y = (y * (p[0] + offset) + p[1]) * valid[:, :, 0]
    return y.to(x.dtype)
