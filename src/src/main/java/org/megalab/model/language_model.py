# What all language models share: ids to vectors, vectors to logits.
import precision


def embed(ids: Tensor, table: Tensor, scale: float, dropout: float) -> Tensor:
    h = precision.embedding(table, ids)  # (B, T, D)
    if scale != 1.0:
        h = h * scale
    if dropout > 0:
        h = torch.dropout(h, dropout, True)
    return h


def start(like: Tensor, batch: int, row: int) -> Tensor:
    return torch.full([batch, 1], row, dtype=torch.int64, device=like.device)


def shifted(ids: Tensor, row: int) -> Tensor:
    # the start symbol, then all ids but the last
    T = ids.shape[1]
    return torch.cat([start(ids, ids.shape[0], row), ids], 1)[:, :T]  # (B, T)


def logits(x: Tensor, weight: Tensor, vocabulary: int) -> Tensor:
    return precision.logits(x, weight[:vocabulary], None)  # (B, T, V)
