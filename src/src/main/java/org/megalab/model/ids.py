# Ids of symbols, (B, T).


def outside(ids: Tensor, vocabulary: int) -> Tensor:
    # how many are no symbols
    return torch.sum(torch.logical_or(ids < 0, ids >= vocabulary))
