# Rotary position embedding: the pair (a, b) of a head's channels at position t turns by t * base^(-2i/d).
import precision


def _positions(x: Tensor, start: int, count: int) -> Tensor:
    # in float64, so that a million steps keep their accuracy
    return torch.arange(start, start + count, dtype=torch.float64, device=x.device)


def _rotated_in(x: Tensor) -> Tensor:
    # in float32 at least; but on a GPU, where the casts cost more than all else, bfloat16 meets tables rounded to it
    return x if precision.native(x) else precision.wide(x)


def _tables(x: Tensor, t: Tensor, base: float) -> Tuple[Tensor, Tensor]:
    d = x.shape[-1]
    i = torch.arange(0, d, 2, dtype=torch.float64, device=x.device)
    angles = t[:, None] * torch.pow(base, i / -d)  # (T, d/2)
    return torch.cos(angles).to(x.dtype), torch.sin(angles).to(x.dtype)


def turn_adjacent(x: Tensor, c: Tensor, s: Tensor) -> Tensor:
    # x (..., T, d) by cosines and sines (T, d/2)
    a, b = torch.unbind(_rotated_in(x).unflatten(-1, [x.shape[-1] // 2, 2]), -1)  # (..., T, d/2) each
    return torch.flatten(torch.stack([a * c - b * s, a * s + b * c], -1), -2).to(x.dtype)


def tables_of(x: Tensor, start: int, count: int, base: float) -> Tuple[Tensor, Tensor]:
    # cosines and sines (count, d/2) of the positions start, start + 1, ..., for x (..., d)
    return _tables(_rotated_in(x[..., :0, :]), _positions(x, start, count), base)


def adjacent(x: Tensor, start: int, base: float) -> Tensor:
    # x (..., T, d), pairs are channels (2i, 2i+1)
    c, s = tables_of(x, start, x.shape[-2], base)
    return turn_adjacent(x, c, s)


def in_chunks(x: Tensor, start: int, base: float, chunk: int) -> Tensor:
    # as adjacent, with positions that count from the beginning of each chunk
    t = torch.remainder(_positions(x, start, x.shape[-2]), chunk)
    c, s = _tables(_rotated_in(x[..., :0, :]), t, base)
    return turn_adjacent(x, c, s)


def halves(x: Tensor, start: int, base: float) -> Tensor:
    # x (..., T, d), pairs are channels (i, i + d/2)
    h = _rotated_in(x)
    c, s = tables_of(x, start, x.shape[-2], base)
    a, b = torch.chunk(h, 2, -1)  # (..., T, d/2) each
    return torch.cat([a * c - b * s, a * s + b * c], -1).to(x.dtype)


def tables(like: Tensor, steps: int, d: int, base: float) -> List[Tensor]:
    # cosines and sines (steps, 1, d/2) of the positions 0, 1, ..., for turn_halves
    c, s = tables_of(torch.empty([0, d], dtype=like.dtype, device=like.device), 0, steps, base)
    return [c[:, None], s[:, None]]


def turn_halves(x: Tensor, turn: List[Tensor], back: bool) -> Tensor:
    # halves in place, x (B, T, N, d), by the angles of tables; back: by their negatives, as a gradient turns
    c, s = turn
    sign = -1.0 if back else 1.0
    a, b = torch.chunk(x, 2, -1)  # (B, T, N, d/2) each
    turned = torch.addcmul(a * c, b, s, value=-sign)
    b.mul_(c).addcmul_(a, s, value=sign)
    a.copy_(turned)
    return x


def rotation(like: Tensor, position: Tensor, d: int, base: float, half_split: bool, period: int) -> List[Tensor]:
    # cosines and signed sines (d) of position (1), which the device alone knows; positions begin anew after a period
    t = torch.remainder(position, period) if period > 0 else position
    i = torch.arange(0, d, 2, dtype=torch.float64, device=like.device)
    angles = t.to(torch.float64) * torch.pow(base, i / -d)  # (d/2)
    c = torch.cos(angles)
    s = torch.sin(angles)
    if half_split:
        turn = [torch.cat([c, c]), torch.cat([-s, s])]
    else:
        turn = [torch.flatten(torch.stack([c, c], -1)), torch.flatten(torch.stack([-s, s], -1))]
    return [turn[0].to(like.dtype), turn[1].to(like.dtype)]


def turned(x: Tensor, turn: List[Tensor], half_split: bool) -> Tensor:
    # x (..., d) by a rotation: every channel times its cosine, and its partner times its signed sine
    d = x.shape[-1]
    if half_split:
        partner = torch.roll(x, d // 2, -1)
    else:
        partner = torch.flatten(torch.flip(x.unflatten(-1, [d // 2, 2]), [-1]), -2)
    return torch.addcmul(x * turn[0], partner, turn[1])


def both_turned(q: Tensor, k: Tensor, turn: List[Tensor], half_split: bool) -> Tuple[Tensor, Tensor]:
    # q (B, H, 1, d) and k (B, H_kv, 1, d) at once, by a rotation; as they are without one
    if len(turn) == 0:
        return q, k
    q, k = torch.split(turned(torch.cat([q, k], 1), turn, half_split), [q.shape[1], k.shape[1]], 1)
    return q, k


def rotate(x: Tensor, start: int, base: float, half_split: bool) -> Tensor:
    if half_split:
        y = halves(x, start, base)
    else:
        y = adjacent(x, start, base)
    return y


def leading(x: Tensor, start: int, base: float, dims: int) -> Tensor:
    # x (..., T, d), half-split pairs inside the first dims channels; the others pass through
    if dims == 0:
        return x
    if dims == x.shape[-1]:
        return halves(x, start, base)
    return torch.cat([halves(x[..., :dims], start, base), x[..., dims:]], -1)
