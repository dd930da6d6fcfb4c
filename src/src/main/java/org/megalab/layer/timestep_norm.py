# Timestep normalisation of MEGALODON.
# p = [weight (D), bias (D)] and, with a prior, [mean (G), log variance (G)].
import precision


def _prior(p: List[Tensor], count: int, batch: int, groups: int, like: Tensor) -> List[Tensor]:
    # n (B), mean (B, G), variance (B, G) before the first step
    n = torch.full([batch], count, dtype=torch.float64, device=like.device)
    if count > 0:
        mean = p[2].to(torch.float64)[None].expand([batch, groups])
        variance = torch.exp(p[3].to(torch.float64))[None].expand([batch, groups])
    else:
        mean = torch.zeros([batch, groups], dtype=torch.float64, device=like.device)
        variance = mean
    return [n, mean, variance]


def forward(x: Tensor, p: List[Tensor], groups: int, prior_count: int, epsilon: float, state: List[Tensor], padding: List[Tensor]) -> List[Tensor]:
    # x (B, T, D); returns y and the statistics after the last step. Statistics are (B, G, T) in float64,
    # time last, which is what cumulative sums are fast at
    B, T, D = x.shape
    prior = _prior(p, prior_count, B, groups, x)
    if len(state) == 0:
        state = prior
    else:  # sequences that begin have no statistics yet
        begins = state[0] == 0
        mean = torch.where(begins[:, None], prior[1], state[1])
        state = [torch.where(begins, prior[0], state[0]), mean, torch.where(begins[:, None], prior[2], state[2])]
    n0 = state[0][:, None, None]  # (B, 1, 1)
    mean0 = state[1].to(torch.float64)[:, :, None]  # (B, G, 1)
    h = precision.wide(x)
    g = h.unflatten(-1, [groups, D // groups])  # (B, T, G, d)
    v, m = torch.var_mean(g, [-1], False)  # of each step: (B, T, G)
    m = m.to(torch.float64).transpose(1, 2)
    v = v.to(torch.float64).transpose(1, 2)
    if len(padding) > 0:
        valid = torch.logical_not(padding[0])[:, None].to(torch.float64)  # (B, 1, T)
    else:
        valid = torch.ones([B, 1, T], dtype=torch.float64, device=x.device)
    n = n0 + torch.cumsum(valid, -1)  # (B, 1, T)
    count = torch.clamp(n, min=1.0)  # padding before the first step has no statistics
    mean = (n0 * mean0 + torch.cumsum(valid * m, -1)) / count  # (B, G, T)
    before = torch.cat([mean0, mean[:, :, :-1]], -1)
    # every term is at least 0, so that the sum is well conditioned
    spread = torch.cumsum(valid * (v + (m - before) * (m - mean)), -1)
    variance = (n0 * state[2].to(torch.float64)[:, :, None] + spread) / count
    rms = torch.rsqrt(variance + epsilon)
    mean_t = mean.transpose(1, 2).to(h.dtype)[:, :, :, None]  # (B, T, G, 1)
    rms_t = rms.transpose(1, 2).to(h.dtype)[:, :, :, None]
    y = torch.flatten((g - mean_t) * rms_t, 2)  # (B, T, D)
    y = (y * (p[0] + 1) + p[1]).to(x.dtype)
    if len(padding) > 0:
        y = torch.masked_fill(y, padding[0][:, :, None], 0)
    return [y, n[:, 0, -1], mean[:, :, -1], variance[:, :, -1]]
