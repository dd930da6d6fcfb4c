# Causal attention over heads: softmax(q k^T / sqrt(d) + mask) v.


def split_heads(x: Tensor, heads: int) -> Tensor:
    # (B, T, H*d) -> (B, H, T, d)
    return x.unflatten(-1, [heads, x.shape[-1] // heads]).transpose(-3, -2)


def merge_heads(x: Tensor) -> Tensor:
    # (B, H, T, d) -> (B, T, H*d)
    return torch.flatten(x.transpose(-3, -2), -2)


def _together(q: Tensor) -> int:
    # how many short sequences a GPU's attention takes as one: its tiles have 64 queries
    together = 1
    if q.is_cuda and q.dim() == 4:
        while together < 8 and 2 * together * q.shape[-2] <= 80 and q.shape[0] % (2 * together) == 0:
            together = 2 * together
    return together


def _pack(x: Tensor, together: int) -> Tensor:
    # (B, H, T, d) -> (B/n, H, n*T, d), without a copy where heads were split off
    B, H, T, d = x.shape
    return x.transpose(1, 2).reshape([B // together, together * T, H, d]).transpose(1, 2)


def side_by_side(q: Tensor, k: Tensor, v: Tensor, together: int, dropout: float) -> Tensor:
    # sequences side by side, under a mask that parts them
    B, H, T, d = q.shape
    n = together * T
    mask = torch.full([n, (n + 7) // 8 * 8], -1e30, dtype=q.dtype, device=q.device)[:, :n]  # a GPU wants rows of 16 bytes
    mask.view([together, T, together, T]).diagonal(0, 0, 2).permute([2, 0, 1]).triu_(1)
    o = torch.scaled_dot_product_attention(_pack(q, together), _pack(k, together), _pack(v, together), mask, dropout, False)
    return o.transpose(1, 2).reshape([B, T, H, v.shape[-1]]).transpose(1, 2)


def causal(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    # q (B, H, T, d); k, v (B, H, S, d): the queries are the last T of S positions
    T = q.shape[-2]
    S = k.shape[-2]
    if T == S:
        together = _together(q)
        if together > 1:
            return side_by_side(q, k, v, together, dropout)
        return torch.scaled_dot_product_attention(q, k, v, None, dropout, True)
    if T == 1:
        return torch.scaled_dot_product_attention(q, k, v, None, dropout, False)
    mask = torch.tril(torch.ones([T, S], dtype=torch.bool, device=q.device), S - T)
    return torch.scaled_dot_product_attention(q, k, v, mask, dropout, False)


def held(cache: Tensor, entries: Tensor, first: int, training: bool) -> Tensor:
    # the entries so far: the first ones of the cache, then T new ones, which are written there but in training
    if training:
        return torch.cat([cache.narrow(-2, 0, first).to(entries.dtype), entries], -2)
    return append(cache, entries, first)


def kept(cache: Tensor, entries: Tensor) -> Tensor:
    # another cache of this size that begins with these entries
    fill = cache.shape[-2] - entries.shape[-2]
    return torch.constant_pad_nd(entries, [0, 0, 0, fill]).to(cache.dtype)


def spread(x: Tensor, heads: int) -> Tensor:
    # every key or value head serves heads / H_kv query heads in a row
    if x.shape[1] != heads:
        x = torch.repeat_interleave(x, heads // x.shape[1], 1)
    return x  # (B, H, S, d)


def _put(cache: Tensor, entry: Tensor, position: Tensor, reach: int) -> Tensor:
    # writes one entry (B, H, 1, d) at position (1), which the device alone knows, and returns the first places of the cache
    cache.index_copy_(-2, position, entry.to(cache.dtype))
    return cache.narrow(-2, 0, reach).to(entry.dtype)


def mask(like: Tensor, position: Tensor, reach: int, period: int) -> Tensor:
    # what is added to the scores of the first places (S): -1e30 after position (1), which begins anew after a period
    last = torch.remainder(position, period) if period > 0 else position
    after = torch.arange(0, reach, dtype=torch.int64, device=position.device) > last
    return after.to(like.dtype) * -1e30


def step(q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, position: Tensor, mask: Tensor, scale: float) -> Tensor:
    # one query (B, H, 1, d) sees the places of the caches that a mask (S) leaves, its own k and v (B, H_kv, 1, d) among them,
    # which are written at position (1)
    reach = mask.shape[0]
    k = spread(_put(keys, k, position, reach), q.shape[1])
    v = spread(_put(values, v, position, reach), q.shape[1])
    s = torch.baddbmm(mask[None, None], torch.flatten(q, 0, 1), torch.flatten(k, 0, 1).transpose(-2, -1), alpha=scale)
    o = torch.bmm(torch.softmax(s, -1), torch.flatten(v, 0, 1))
    return o.unflatten(0, [q.shape[0], q.shape[1]])  # (B, H, 1, d)


def append(cache: Tensor, entries: Tensor, position: int) -> Tensor:
    # writes T entries into the cache (B, H, capacity, d) and returns all that are filled now, in the entries' type
    T = entries.shape[-2]
    cache.narrow(-2, position, T).copy_(entries)
    return cache.narrow(-2, 0, position + T).to(entries.dtype)
