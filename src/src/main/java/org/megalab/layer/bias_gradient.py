# The gradient of what is added to every step.


def of(x: Tensor) -> Tensor:
    # the sum over the rows of x (M, n); as a product it is quicker on a GPU than as a sum
    return torch.matmul(torch.ones([x.shape[0]], dtype=x.dtype, device=x.device), x)
