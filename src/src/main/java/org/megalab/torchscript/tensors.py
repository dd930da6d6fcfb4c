# What DJL's NDArray does not offer, or does not do in place.


def assign(target: Tensor, source: Tensor) -> Tensor:
    return target.copy_(source)


def assign_all(targets: List[Tensor], sources: List[Tensor]) -> Tensor:
    ops.aten._foreach_copy_(targets, sources, False)
    return targets[0]


def zero(targets: List[Tensor]) -> Tensor:
    ops.aten._foreach_zero_(targets)
    return targets[0]


def upload(like: Tensor, x: Tensor) -> Tensor:
    # x on the device of another array; the host goes on at once, for the copy is from memory that stays in its place
    return x.pin_memory().to(like.device, x.dtype, True)


def set(target: Tensor, x: Tensor) -> Tensor:
    if target.is_cuda:
        x = x.pin_memory()
    return target.copy_(x, True)


def read_back(xs: List[Tensor], asynchronous: bool) -> Tensor:
    # scalars as one float64 array on the CPU, in memory that a GPU may still be about to fill
    return torch.stack(xs).to(torch.device("cpu"), torch.float64, asynchronous)


def increment(target: Tensor) -> Tensor:
    return target.add_(1)


def scaled(x: Tensor, factor: float) -> Tensor:
    return x * factor


def bfloat16(x: Tensor) -> Tensor:
    return x.to(torch.bfloat16)


def bfloat16_together(xs: List[Tensor]) -> List[Tensor]:
    # in a few kernels on a GPU, however many there are
    rounded = [torch.empty_like(x, dtype=torch.bfloat16) for x in xs]
    ops.aten._foreach_copy_(rounded, [x.detach() for x in xs])
    return rounded
