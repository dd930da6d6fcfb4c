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


def _before(x: Tensor, reach: int, earlier: List[Tensor]) -> Tensor:
    # the last r entries of the patch before each patch: (B, K, H, r, d); earlier: those of the patch before the first
    last = x.narrow(3, x.shape[3] - reach, reach)
    if len(earlier) > 0:
        first = earlier[0][:, None]
    else:
        first = torch.zeros(last[:, :1].shape, dtype=x.dtype, device=x.device)
    return torch.cat([first, last[:, :-1]], 1)


def _mask(K: int, patch: int, reach: int, begins: bool, like: Tensor) -> Tensor:
    # (K, P, S), true where a query sees a key; nothing stands before the first patch of a sequence
    mask = torch.tril(torch.ones([K, patch, reach + patch], dtype=torch.bool, device=like.device), reach)
    if begins:
        exists = torch.arange(reach + patch, device=like.device) >= reach
        mask = torch.cat([mask[:1] & exists, mask[1:]], 0)
    return mask


def _attend(q: Tensor, k: Tensor, v: Tensor, rotate: bool, reach: int, earlier: List[Tensor], dropout: float) -> Tensor:
    # q, k, v (B, K, H, P, d), not rotated; earlier: keys and values (B, H, r, d) of the patch before, if there is one
    B, K, H, P, d = q.shape
    if reach > 0:
        k = torch.cat([_before(k, reach, earlier[:1]), k], 3)  # (B, K, H, S, d)
        v = torch.cat([_before(v, reach, earlier[1:]), v], 3)
    if rotate:
        q = rotary.adjacent(q, 0, 10000.0)
        k = rotary.adjacent(k, -reach, 10000.0)
    q = torch.flatten(q, 0, 1)  # (B*K, H, P, d)
    k = torch.flatten(k, 0, 1)
    v = torch.flatten(v, 0, 1)
    if reach == 0:
        o = attention.causal(q, k, v, dropout)
    else:
        mask = _mask(K, P, reach, len(earlier) == 0, q)[None, :, None].expand([B, K, 1, P, reach + P])
        o = torch.scaled_dot_product_attention(q, k, v, torch.flatten(mask, 0, 1), dropout, False)
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
        q = rotary.adjacent(q, slot, 10000.0)
        k = rotary.adjacent(k, missing - reach, 10000.0)
    attended = attention.merge_heads(attention.causal(q, k, v, 0.0))
    return transformer_layer.residuals(x, attended, p, 0.0)
