# Sums of gradients over whole lists: an update in place of a part of a list would be dropped as dead code.


def add(sums: List[Tensor], gradients: List[Tensor]) -> Tensor:
    # adds the gradients, of one type, to sums of one type; a GPU adds lists of the same type at once, and copies from one
    # type to another at once
    if sums[0].dtype == gradients[0].dtype:
        ops.aten._foreach_add_(sums, gradients)
    else:
        same = [torch.empty_like(x) for x in sums]
        ops.aten._foreach_copy_(same, gradients)
        ops.aten._foreach_add_(sums, same)
    return sums[0]
