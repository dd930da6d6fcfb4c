# Rows of what is carried from one part of streams to the next; every array has the B rows first.


def inputs(last: Tensor, ids: Tensor) -> Tensor:
    # what is read to predict ids (B, T): the id before them (B, 1), and all but the last
    return torch.cat([last, ids], 1)[:, :ids.shape[1]]  # (B, T)


def select(x: Tensor, rows: Tensor) -> Tensor:
    return torch.index_select(x, 0, rows)


def join(parts: List[Tensor], rows: Tensor) -> Tensor:
    # the rows of all parts, in another order
    return torch.index_select(torch.cat(parts, 0), 0, rows)


def begin(x: Tensor, rows: Tensor, value: int) -> Tensor:
    # rows (B) bool: where they begin again
    return torch.masked_fill(x, rows.reshape([-1] + [1] * (x.dim() - 1)), value)
