# Rotary position embedding: the pair (a, b) of a head's channels at position t turns by t * base^(-2i/d).
import precision


def _positions(x: Tensor, start: int) -> Tensor:
    # in float64, so that a million steps keep their accuracy
    return torch.arange(start, start + x.shape[-2], dtype=torch.float64, device=x.device)


def _rotated_in(x: Tensor) -> Tensor:
    # in float32 at least; but on a GPU, where the casts cost more than all else, bfloat16 meets tables rounded to it
    return x if precision.native(x) else precision.wide(x)


def _tables(x: Tensor, t: Tensor, base: float) -> Tuple[Tensor, Tensor]:
    d = x.shape[-1]
    i = torch.arange(0, d, 2, dtype=torch.float64, device=x.device)
    angles = t[:, None] * torch.pow(base, i / -d)  # (T, d/2)
    return torch.cos(angles).to(x.dtype), torch.sin(angles).to(x.dtype)


def _turn(x: Tensor, t: Tensor, base: float) -> Tensor:
    h = _rotated_in(x)
    c, s = _tables(h, t, base)
    a, b = torch.unbind(h.unflatten(-1, [x.shape[-1] // 2, 2]), -1)  # (..., T, d/2) each
    return torch.flatten(torch.stack([a * c - b * s, a * s + b * c], -1), -2).to(x.dtype)


def adjacent(x: Tensor, start: int, base: float) -> Tensor:
    # x (..., T, d), pairs are channels (2i, 2i+1)
    return _turn(x, _positions(x, start), base)


def in_chunks(x: Tensor, start: int, base: float, chunk: int) -> Tensor:
    # as adjacent, with positions that count from the beginning of each chunk
    return _turn(x, torch.remainder(_positions(x, start), chunk), base)


def _turn_halves(x: Tensor, t: Tensor, base: float) -> Tensor:
    h = _rotated_in(x)
    c, s = _tables(h, t, base)
    a, b = torch.chunk(h, 2, -1)  # (..., T, d/2) each
    return torch.cat([a * c - b * s, a * s + b * c], -1).to(x.dtype)


def halves(x: Tensor, start: int, base: float) -> Tensor:
    # x (..., T, d), pairs are channels (i, i + d/2)
    return _turn_halves(x, _positions(x, start), base)


def at(x: Tensor, position: Tensor, base: float, half_split: bool) -> Tensor:
    # x (..., 1, d) at position (1), which the device alone knows
    t = position.to(torch.float64)
    return _turn_halves(x, t, base) if half_split else _turn(x, t, base)


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
