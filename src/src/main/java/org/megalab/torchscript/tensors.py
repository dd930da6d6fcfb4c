# What DJL's NDArray does not offer, or does not do in place.


def assign(target: Tensor, source: Tensor) -> Tensor:
    return target.copy_(source)


def zero(targets: List[Tensor]) -> Tensor:
    ops.aten._foreach_zero_(targets)
    return targets[0]


def bfloat16(x: Tensor) -> Tensor:
    return x.to(torch.bfloat16)
