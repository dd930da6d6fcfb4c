# What examples cost, and which are answered right.


def mean(loss: Tensor, counted: Tensor) -> Tensor:
    # loss (B, T); counted (B, T) is 1 where a prediction counts
    return torch.sum(loss * counted) / torch.sum(counted)


def right(logits: Tensor, ids: Tensor, counted: Tensor) -> Tensor:
    # logits (B, T, V), row t predicts id t; an example is right when all that counts is most likely
    hit = torch.logical_or(torch.argmax(logits, -1) == ids, counted == 0)
    return torch.all(hit, 1).to(torch.int64)  # (B)


def cost(logits: Tensor, ids: Tensor, counted: Tensor) -> Tensor:
    # the nats of each example
    flat = torch.flatten(logits, 0, 1).to(torch.float32)
    loss = torch.cross_entropy_loss(flat, torch.flatten(ids), None, 0).reshape(ids.shape)  # (B, T)
    return torch.sum(loss * counted, [1])  # (B)
