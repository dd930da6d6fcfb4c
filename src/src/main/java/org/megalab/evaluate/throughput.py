# What a training step needs besides the model, and what the device can do at best.


def update(params: List[Tensor], grads: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor]) -> Tensor:
    # AdamW with a learning rate of 0: the work of an update, of which the parameters stay as they are
    none = annotate(List[Tensor], [])
    ops.aten._foreach_add_(steps, 1.0)
    ops.aten._fused_adamw_(params, grads, means, squares, none, steps, lr=0.0, beta1=0.9, beta2=0.95, weight_decay=0.0, eps=1e-8,
                           amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
    ops.aten._foreach_zero_(grads)
    return steps[0]


def occupy(x: Tensor, count: int) -> Tensor:
    # kernels that last, one thread for each of the two columns of x (n, 2)
    y = torch.cumsum(x, 0)
    for i in range(count - 1):
        y = torch.cumsum(x, 0)
    return y[0]


def products(a: Tensor, b: Tensor, bf16: bool, count: int) -> Tensor:
    # a (n, n) times b (n, n), count times
    if bf16:
        a = a.to(torch.bfloat16)
        b = b.to(torch.bfloat16)
    c = torch.matmul(a, b)
    for i in range(count - 1):
        c = torch.matmul(a, b)
    return c[0, :1].to(torch.float32)
