# What bfloat16 must not reach: statistics, softmax, recurrences, sums of gradients, logits and loss; and, but for a GPU,
# rotations and the gains of norms.


def wide(x: Tensor) -> Tensor:
    # in float32 at least
    return x if x.dtype == torch.float64 else x.to(torch.float32)


def native(x: Tensor) -> bool:
    # whether libtorch's own kernels take bfloat16 and are in float32 inside, so that x need not be cast
    return x.is_cuda and x.dtype == torch.bfloat16


def embedding(table: Tensor, ids: Tensor) -> Tensor:
    # rows in the table's type, whose gradients are summed in float32 at least: a bfloat16 sum stands still once it is
    # 256 times its next term
    return torch.embedding(wide(table), ids).to(table.dtype)
