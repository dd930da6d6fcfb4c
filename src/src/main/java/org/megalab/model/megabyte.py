# MEGABYTE, sections 2.1 to 2.4 of the specification. B batch, T bytes, P patch size, K patches,
# G = D_G width of a byte slot in the global model, D = D_L width of the local model, V vocabulary.


def patches(ids: Tensor, table: Tensor, positions: List[Tensor], first: int, patch: int) -> Tensor:
    # the bytes at positions first, first + 1, ... embedded and concatenated patch by patch
    B, T = ids.shape
    h = torch.embedding(table, ids)  # (B, T, G)
    if len(positions) > 0:
        h = h + positions[0][first:first + T]
    return h.reshape([B, T // patch, patch * table.shape[-1]])  # (B, K, P*G)


def start(ids: Tensor, table: Tensor, positions: List[Tensor], pad: List[Tensor], patch: int) -> Tensor:
    # what stands before the first patch: learned vectors, or the embedding of P zero bytes
    B = ids.shape[0]
    if len(pad) > 0:
        e = torch.flatten(pad[0])[None, None].expand([B, 1, -1])
    else:
        e = patches(torch.zeros([B, patch], dtype=torch.int64, device=ids.device), table, positions, 0, patch)
    return e  # (B, 1, P*G)


def global_input(ids: Tensor, table: Tensor, positions: List[Tensor], pad: List[Tensor], patch: int) -> Tensor:
    # shifted by one patch: the last patch is never an input
    T = ids.shape[1]
    K = max((T + patch - 1) // patch, 1)
    first = patch if len(pad) == 0 else 0  # behind zero bytes, every byte stands one patch later
    earlier = patches(ids[:, :(K - 1) * patch], table, positions, first, patch)
    return torch.cat([start(ids, table, positions, pad, patch), earlier], 1)  # (B, K, P*G)


def local_input(g: Tensor, ids: Tensor, w: Tensor, table: Tensor, pad: Tensor, positions: List[Tensor], patch: int) -> Tensor:
    # slot p of patch k: W_GL * (slice p of the global output k) + embedding of the byte before, or the pad
    B, K, _ = g.shape
    ids = torch.constant_pad_nd(ids, [0, K * patch - ids.shape[1]])  # what stands there is seen by no true byte
    before = torch.embedding(table, ids.reshape([B * K, patch])[:, :-1])  # (B*K, P-1, D)
    before = torch.cat([pad[None, None].expand([B * K, 1, -1]), before], 1)  # (B*K, P, D)
    slots = torch.linear(g.reshape([B * K, patch, -1]), w, None) + before
    if len(positions) > 0:
        slots = slots + positions[0]
    return slots  # (B*K, P, D)


def next_slots(previous: Tensor, g: Tensor, w: Tensor, table: Tensor, positions: List[Tensor], slot: int, patch: int) -> Tensor:
    # slots slot ... slot + n - 1 (slot >= 1) of the patch under way, from the n bytes before them
    n = previous.shape[1]
    slices = g.reshape([g.shape[0], patch, -1])[:, slot:slot + n]  # (B, n, G)
    h = torch.linear(slices, w, None) + torch.embedding(table, previous)
    if len(positions) > 0:
        h = h + positions[0][slot:slot + n]
    return h  # (B, n, D)


def first_slot(g: Tensor, w: Tensor, pad: Tensor, positions: List[Tensor], patch: int) -> Tensor:
    # slot 0 of a new patch
    h = torch.linear(g.reshape([g.shape[0], patch, -1])[:, :1], w, None) + pad
    if len(positions) > 0:
        h = h + positions[0][:1]
    return h  # (B, 1, D)


def logits(o: Tensor, head: Tensor, batch: int, length: int) -> Tensor:
    # o (B*K, P, D); the padding behind the true length is cut off and never predicted
    y = torch.linear(o, head, None).reshape([batch, -1, head.shape[0]])  # (B, K*P, V)
    return y[:, :length]
