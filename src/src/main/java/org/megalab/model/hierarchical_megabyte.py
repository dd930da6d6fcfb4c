# MEGABYTE of S levels. B batch, N bytes, R groups of a level, n items a group,
# P bytes an item, W width of the level.
import megabyte


def pad(ids: Tensor, multiple: int) -> Tensor:
    # what is appended is seen by no true byte
    short = ids.shape[1] % multiple
    missing = multiple - short if short > 0 or ids.shape[1] == 0 else 0
    return torch.constant_pad_nd(ids, [0, missing])


def level_input(ids: Tensor, table: Tensor, positions: List[Tensor], first: Tensor, above: List[Tensor], n: int, bytes: int) -> Tensor:
    # ids (B, N): the items of every group shifted by one, behind a trained first vector (W); plus the slices of
    # what the level above said of the groups, (B', n', W), which is at every item
    items = megabyte.patches(megabyte.embed(ids, table, positions, 0), annotate(List[Tensor], []), bytes)
    items = items.reshape([-1, n, items.shape[-1]])  # (R, n, W)
    x = torch.cat([first[None, None].expand([items.shape[0], 1, -1]), items[:, :-1]], 1)
    if len(above) > 0:
        x = x + above[0].reshape(x.shape)
    return x  # (R, n, W)


def first_item(like: Tensor, first: Tensor, above: List[Tensor]) -> Tensor:
    # the beginning of one group in each of B sequences
    x = first[None, None].expand([like.shape[0], 1, -1])
    if len(above) > 0:
        x = x + above[0]
    return x  # (B, 1, W)


def next_item(bytes: Tensor, table: Tensor, positions: List[Tensor], position: int, above: List[Tensor]) -> Tensor:
    # the item after the one of these bytes (B, P), which stand at position, position + 1, ...
    h = megabyte.embed(bytes, table, positions, position)
    x = megabyte.patches(h, annotate(List[Tensor], []), bytes.shape[1])
    if len(above) > 0:
        x = x + above[0]
    return x  # (B, 1, W)


def bytewise(o: Tensor, batch: int, length: int) -> Tensor:
    # o (R, n, W) of the finest level, whose groups follow each other in every sequence
    return o.reshape([batch, -1, o.shape[-1]])[:, :length]  # (B, T, W)
