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
    if not table.requires_grad:
        return torch.embedding(table, ids)
    if native(table) and table.shape[0] <= 512:
        return picked(table, ids)
    return torch.embedding(wide(table), ids).to(table.dtype)


def picked(table: Tensor, ids: Tensor) -> Tensor:
    # the same by a product with ones and zeros, whose gradient is one too: embedding's sorts the ids. A GPU multiplies
    # rows of whole 16 bytes
    V = table.shape[0]
    fill = (8 - V % 8) % 8
    if fill > 0:
        table = torch.constant_pad_nd(table, [0, 0, 0, fill])
    rows = torch.arange(V + fill, dtype=torch.int64, device=table.device)
    return torch.matmul((ids[..., None] == rows).to(table.dtype), table)


def logits(x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    # x W^T + b in float32 at least
    if native(x) and native(weight) and x.requires_grad:
        return logits_in_two(x, weight, bias)
    if bias is not None:
        bias = wide(bias)
    return torch.linear(wide(x), wide(weight), bias)


def logits_in_two(x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    # in float32, to about 2^-17 of the largest, by bfloat16 products, which sum in float32 unless libtorch splits their sums: the
    # second has what rounding took from the first. The gradient is the first's. A GPU takes ten times as long for one product of float32
    y = torch.linear(x, weight, None)
    rest = torch.addmm(torch.flatten(y.detach(), 0, -2), torch.flatten(x.detach(), 0, -2), weight.detach().t(), beta=-1)
    y = y.to(torch.float32)
    if bias is not None:
        y = y + wide(bias)
    y.detach().add_(rest.view(y.shape))
    return y
