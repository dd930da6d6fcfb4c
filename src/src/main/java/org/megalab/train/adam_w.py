# AdamW (Loshchilov and Hutter 2019) over lists of parameters, in place, behind a clip of the global norm.
# Lists are passed whole: an update in place of a slice of a list would be dropped as dead code.


def clip(grads: List[Tensor], limit: float) -> Tensor:
    # scales the gradients in place, returns their norm before
    norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)), 2)
    if limit > 0:
        ops.aten._foreach_mul_(grads, torch.clamp(limit / (norm + 1e-6), max=1.0))
    return norm


def update(params: List[Tensor], grads: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor],
           norm: Tensor, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> Tensor:
    # a norm that is not finite leaves everything as it was, but the gradients: they are zero afterwards
    skip = torch.logical_not(torch.isfinite(norm)).to(torch.float32)
    none = annotate(List[Tensor], [])
    ops.aten._foreach_add_(steps, 1 - skip)
    ops.aten._fused_adamw_(params, grads, means, squares, none, steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay,
                           eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=skip)
    ops.aten._foreach_zero_(grads)
    return norm
