# The ends of a sequence classifier: inputs to vectors, the mean of all steps to classes.
import precision


def symbols(x: Tensor, table: Tensor) -> Tensor:
    return precision.embedding(table, x)  # (B, T, D)


def numbers(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    # numbers of more digits than bfloat16 has
    w = precision.wide(weight)
    return (x[:, :, None].to(w.dtype) * w + precision.wide(bias)).to(weight.dtype)  # (B, T, D)


def _mean(h: Tensor, padding: List[Tensor]) -> Tensor:
    # over the steps that are no padding
    h = precision.wide(h)
    if len(padding) > 0:
        valid = torch.logical_not(padding[0])[:, :, None].to(h.dtype)  # (B, T, 1)
        y = torch.sum(h * valid, [1]) / torch.clamp(torch.sum(valid, [1]), min=1.0)
    else:
        y = torch.mean(h, [1])
    return y  # (B, D)


def classify(h: Tensor, hidden: Tensor, bias: Tensor, out: Tensor, padding: List[Tensor]) -> Tensor:
    p = torch.reshape(_mean(h, padding), [-1, hidden.shape[1]])  # (B, D), or of pairs (2B, D) to (B, 2D)
    y = torch.linear(p, precision.wide(hidden), precision.wide(bias))
    return torch.linear(torch.gelu(y), precision.wide(out), None)  # (B, C)


def loss(logits: Tensor, labels: Tensor) -> Tensor:
    return torch.cross_entropy_loss(precision.wide(logits), labels)


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    return torch.mean((torch.argmax(logits, -1) == labels).to(logits.dtype))
