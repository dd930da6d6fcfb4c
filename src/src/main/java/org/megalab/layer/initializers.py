# Initial values from uniform or normal random numbers.


def truncated_normal(uniform: Tensor, std: float, limit: float, tail: float) -> Tensor:
    # uniform in [-1, 1]; erf(tail) is the share of the normal distribution within the limit
    share = torch.erf(torch.full_like(uniform, tail))
    x = torch.erfinv(uniform * share) * (std * 2.0 ** 0.5)
    return torch.clamp(x, -limit, limit)


def frequency_logits(random: Tensor) -> Tensor:
    # the rank of each random number decides which frequency its entry gets
    D = random.numel()
    rank = torch.argsort(torch.argsort(torch.flatten(random))).to(torch.float64)
    f = torch.exp((rank + 1) * (-torch.log(torch.full_like(rank, float(D))) / float(D)))
    f = torch.clamp(f, 1e-6, 1 - 1e-6)
    return torch.log(f / (1 - f)).reshape(random.shape).to(random.dtype)


def real_part(random: Tensor) -> Tensor:
    return torch.stack([random[..., 0], torch.zeros_like(random[..., 1])], -1)
