# The residuals of a MEGALODON block.


def drop(x: Tensor, dropout: float) -> Tensor:
    return torch.dropout(x, dropout, True)


def residual(x: Tensor, f: Tensor, scale: List[Tensor]) -> Tensor:
    if len(scale) > 0:
        f = scale[0] * f
    return x + f
