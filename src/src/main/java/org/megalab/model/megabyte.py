# MEGABYTE. B batch, T bytes, P patch size, K patches,
# G = D_G width of a byte slot in the global model, D = D_L width of the local model, V vocabulary.
import precision


def finished_patches(ids: Tensor, patch: int, zeros: bool) -> Tensor:
    # the bytes that the global model reads: all patches but the last, behind a patch of zero bytes where asked
    B, T = ids.shape
    K = max((T + patch - 1) // patch, 1)
    earlier = ids[:, :(K - 1) * patch]
    if zeros:
        earlier = torch.constant_pad_nd(earlier, [patch, 0])
    return earlier  # (B, (K-1)*P) or (B, K*P)


def embed(ids: Tensor, table: Tensor, positions: List[Tensor], first: int) -> Tensor:
    # the bytes at positions first, first + 1, ...
    h = precision.embedding(table, ids)  # (B, T, G)
    if len(positions) > 0:
        h = h + positions[0][first:first + ids.shape[1]]
    return h


def embed_patch(ids: Tensor, table: Tensor, positions: List[Tensor], number: Tensor, behind_pad: bool) -> Tensor:
    # embed of one patch (B, P), which is the global model's number (1); a learned pad takes no positions
    P = ids.shape[1]
    first = (number - 1 if behind_pad else number) * P
    t = first + torch.arange(0, P, dtype=torch.int64, device=ids.device)
    return precision.embedding(table, ids) + torch.index_select(positions[0], 0, t)  # (B, P, G)


def patches(h: Tensor, pad: List[Tensor], patch: int) -> Tensor:
    # P byte vectors are one patch vector, byte-major; the pad stands before the first where there is one
    B, T, G = h.shape
    e = h.reshape([B, T // patch, patch * G])
    if len(pad) > 0:
        e = torch.cat([torch.flatten(pad[0])[None, None].expand([B, 1, -1]), e], 1)
    return e  # (B, K, P*G)


def slices(g: Tensor, w: Tensor, slots: int, first: int, n: int) -> Tensor:
    # W times the n slices from the first on, where every vector of g (B, K, slots*G) is cut into that many
    return torch.linear(g.reshape([g.shape[0], g.shape[1] * slots, -1])[:, first:first + n], w, None)  # (B, n, D)


def before(ids: Tensor) -> Tensor:
    # the byte before each byte; 0 before the first
    return torch.constant_pad_nd(ids, [1, 0])[:, :-1]  # (B, T)


def local_input(previous: Tensor, g: List[Tensor], table: Tensor, pad: Tensor, positions: List[Tensor], position: int, patch: int, previous_byte: bool) -> Tensor:
    # the bytes at position, position + 1, ...: embedding of the byte before, or the pad; plus the slices of the
    # global output g (B, n, D), if there are any
    n = previous.shape[1]
    t = torch.arange(position, position + n, device=previous.device)
    slot = torch.remainder(t, patch)
    begins = t == 0 if previous_byte else slot == 0
    h = torch.where(begins[:, None], pad, precision.embedding(table, previous))
    if len(g) > 0:
        h = h + g[0]
    if len(positions) > 0:
        h = h + precision.embedding(positions[0], slot)
    return h  # (B, n, D)


def logits(o: Tensor, head: Tensor) -> Tensor:
    return precision.logits(o, head, None)  # (B, n, V)
