# Batch normalisation of the last axis over all others. p = [weight, bias] or empty; offset 1 where weight - 1 is stored.
import precision


def forward(x: Tensor, p: List[Tensor], mean: Tensor, variance: Tensor, offset: float, training: bool, momentum: float, epsilon: float) -> Tensor:
    # x (B, T, D); in training the running mean and variance (D) move towards those of the batch
    h = precision.wide(x)
    h = torch.flatten(h, 0, 1)  # (B*T, D)
    if len(p) > 0:
        y = torch.batch_norm(h, p[0] + offset, p[1], mean, variance, training, momentum, epsilon, False)
    else:
        y = torch.batch_norm(h, None, None, mean, variance, training, momentum, epsilon, False)
    return y.reshape(x.shape).to(x.dtype)  # (B, T, D)
