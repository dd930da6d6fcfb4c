# AdamW, Adam and SGD over lists of parameters, in place, behind a clip of the global norm.
# Lists are passed whole: an update in place of a slice of a list would be dropped as dead code.


def clip(grads: List[Tensor], costs: List[Tensor], lost: Tensor, limit: float) -> Tensor:
    # scales the gradients in place, returns their norm before; lost, a zero, is NaN from a norm or cost on that is not finite
    norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)), 2)
    lost.add_((norm + torch.sum(torch.stack(costs))) * 0)
    if limit > 0:
        ops.aten._foreach_mul_(grads, torch.clamp(limit / (norm + 1e-6), max=1.0))
    return norm


def norms(grads: List[Tensor]) -> Tensor:
    return torch.stack(torch._foreach_norm(grads, 2))


def _skip(lost: Tensor) -> Tensor:
    # a norm or cost that was not finite leaves everything as it was, but the gradients: they are zero afterwards
    return torch.logical_not(torch.isfinite(lost)).to(torch.float32)


def adam(params: List[Tensor], grads: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor],
         lost: Tensor, decoupled: bool, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> Tensor:
    skip = _skip(lost)
    none = annotate(List[Tensor], [])
    ops.aten._foreach_add_(steps, 1 - skip)
    if decoupled:  # AdamW
        ops.aten._fused_adamw_(params, grads, means, squares, none, steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay,
                               eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=skip)
    else:
        ops.aten._fused_adam_(params, grads, means, squares, none, steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay,
                              eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=skip)
    ops.aten._foreach_zero_(grads)
    return lost


def sgd(params: List[Tensor], grads: List[Tensor], means: List[Tensor], lost: Tensor, lr: float, momentum: float,
        weight_decay: float) -> Tensor:
    ops.aten._fused_sgd_(params, grads, means, weight_decay=weight_decay, momentum=momentum, lr=lr, dampening=0.0, nesterov=False,
                         maximize=False, is_first_step=False, grad_scale=None, found_inf=_skip(lost))
    ops.aten._foreach_zero_(grads)
    return lost


def average(averages: List[Tensor], params: List[Tensor], decay: float) -> Tensor:
    # a <- decay a + (1 - decay) p
    ops.aten._foreach_lerp_(averages, params, 1 - decay)
    return averages[0]
