# Transformer layer whose attention stays within patches of P steps, and reaches r steps into the patch before.
# B batch, T length, K patches, H heads, d head dimension, S = r + P.
import attention
import rotary
import transformer_layer


def _patches(x: Tensor, heads: int, patch: int) -> Tensor:
    # (B, T, D) -> (B, K, H, P, d); a last patch that is not full is filled with zeros, which no true step sees
    T = x.shape[1]
    K = (T + patch - 1) // patch
    if K * patch != T:
        x = torch.constant_pad_nd(x, [0, 0, 0, K * patch - T])
    return attention.split_heads(x.unflatten(1, [K, patch]), heads)


def _reach(own: Tensor, earlier: List[Tensor], reach: int) -> Tensor:
    # the last r entries of the patch before, for every patch that has one: those of the patches but the last, behind
    # those (B, H, r, d) of the patch before all of them where there is one
    last = own.narrow(3, own.shape[3] - reach, reach)[:, :-1]
    if len(earlier) > 0:
        last = torch.cat([earlier[0][:, None].to(own.dtype), last], 1)
    return last  # (B, K or K-1, H, r, d)


def _within(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    # every patch on its own: q, k, v (B, K, H, P, d)
    o = attention.causal(torch.flatten(q, 0, 1), torch.flatten(k, 0, 1), torch.flatten(v, 0, 1), dropout)
    return o.unflatten(0, [q.shape[0], q.shape[1]])


def _across(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    # every patch with the r entries before it: q (B, K, H, P, d); k, v (B, K, H, S, d)
    P = q.shape[3]
    S = k.shape[3]
    mask = torch.tril(torch.ones([P, S], dtype=torch.bool, device=q.device), S - P)
    o = torch.scaled_dot_product_attention(
        torch.flatten(q, 0, 1), torch.flatten(k, 0, 1), torch.flatten(v, 0, 1), mask, dropout, False)
    return o.unflatten(0, [q.shape[0], q.shape[1]])


def _attend(q: Tensor, k: Tensor, v: Tensor, rotate: bool, reach: int, earlier: List[Tensor], dropout: float) -> Tensor:
    # q, k, v (B, K, H, P, d), not rotated; earlier: keys and values (B, H, r, d) of the patch before, if there is one
    B, K, H, P, d = q.shape
    lone = K if reach == 0 else 1 - len(earlier[:1])  # that many patches have none before them
    before = _reach(k, earlier[:1], reach)
    if rotate:
        c, s = rotary.tables_of(q, -reach, reach + P, 10000.0)
        q = rotary.turn_adjacent(q, c[reach:], s[reach:])
        k = rotary.turn_adjacent(k, c[reach:], s[reach:])
        before = rotary.turn_adjacent(before, c[:reach], s[:reach])
    parts = annotate(List[Tensor], [])
    if lone > 0:
        parts.append(_within(q[:, :lone], k[:, :lone], v[:, :lone], dropout))
    if lone < K:
        keys = torch.cat([before, k[:, lone:]], 3)  # (B, K - lone, H, S, d)
        values = torch.cat([_reach(v, earlier[1:], reach), v[:, lone:]], 3)
        parts.append(_across(q[:, lone:], keys, values, dropout))
    o = parts[0] if len(parts) == 1 else torch.cat(parts, 1)  # (B, K, H, P, d)
    return attention.merge_heads(o).reshape([B, K * P, H * d])


def forward(x: Tensor, p: List[Tensor], heads: int, rotate: bool, patch: int, reach: int, dropout: float) -> Tensor:
    # x (B, T, D)
    q, k, v = transformer_layer.project(x, p)
    q = _patches(q, heads, patch)
    k = _patches(k, heads, patch)
    v = _patches(v, heads, patch)
    attended = _attend(q, k, v, rotate, reach, annotate(List[Tensor], []), dropout)
    return transformer_layer.residuals(x, attended[:, :x.shape[1]], p, dropout)


def decode_patches(x: Tensor, p: List[Tensor], heads: int, rotate: bool, patch: int, reach: int, keys: Tensor, values: Tensor, position: int) -> Tensor:
    # x (B, K*P, D): whole patches; the caches (B, H, S, d) hold the patch before and take the last one
    q, k, v = transformer_layer.project(x, p)
    q = _patches(q, heads, patch)
    k = _patches(k, heads, patch)
    v = _patches(v, heads, patch)
    earlier = [keys.narrow(2, patch, reach), values.narrow(2, patch, reach)]
    if position == 0:
        earlier = earlier[:0]
    attended = _attend(q, k, v, rotate, reach, earlier, 0.0)
    attention.append(keys, k[:, -1], reach)
    attention.append(values, v[:, -1], reach)
    return transformer_layer.residuals(x, attended, p, 0.0)


def decode(x: Tensor, p: List[Tensor], heads: int, rotate: bool, patch: int, reach: int, keys: Tensor, values: Tensor, position: int) -> Tensor:
    # x (B, n, D): steps of one patch; the caches (B, H, S, d) hold the end of the patch before and the patch so far
    slot = position % patch
    q, k, v = transformer_layer.project(x, p)
    q = attention.split_heads(q, heads)  # (B, H, n, d)
    k = attention.split_heads(k, heads)
    v = attention.split_heads(v, heads)
    if slot == 0:
        keys.narrow(2, 0, reach).copy_(keys.narrow(2, patch, reach))
        values.narrow(2, 0, reach).copy_(values.narrow(2, patch, reach))
    missing = reach if position < patch else 0  # nothing stands before the first patch
    k = attention.append(keys, k, reach + slot)[:, :, missing:]
    v = attention.append(values, v, reach + slot)[:, :, missing:]
    if rotate:
        c, s = rotary.tables_of(k, missing - reach, k.shape[2], 10000.0)
        n = q.shape[2]
        q = rotary.turn_adjacent(q, c[-n:], s[-n:])
        k = rotary.turn_adjacent(k, c, s)
    attended = attention.merge_heads(attention.causal(q, k, v, 0.0))
    return transformer_layer.residuals(x, attended, p, 0.0)
