# The ends of a sequence classifier: inputs to vectors, the mean of all steps to classes.


def symbols(x: Tensor, table: Tensor) -> Tensor:
    return torch.embedding(table, x)  # (B, T, D)


def numbers(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return x[:, :, None].to(weight.dtype) * weight + bias  # (B, T, D)


def _mean(h: Tensor, padding: List[Tensor]) -> Tensor:
    # over the steps that are no padding
    if len(padding) > 0:
        valid = torch.logical_not(padding[0])[:, :, None].to(h.dtype)  # (B, T, 1)
        y = torch.sum(h * valid, [1]) / torch.clamp(torch.sum(valid, [1]), min=1.0)
    else:
        y = torch.mean(h, [1])
    return y  # (B, D)


def classify(h: Tensor, hidden: Tensor, bias: Tensor, out: Tensor, padding: List[Tensor]) -> Tensor:
    p = torch.reshape(_mean(h, padding), [-1, hidden.shape[1]])  # (B, D), or of pairs (2B, D) to (B, 2D)
    return torch.linear(torch.gelu(torch.linear(p, hidden, bias)), out, None)  # (B, C)


def loss(logits: Tensor, labels: Tensor) -> Tensor:
    return torch.cross_entropy_loss(logits, labels)


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    return torch.mean((torch.argmax(logits, -1) == labels).to(logits.dtype))
