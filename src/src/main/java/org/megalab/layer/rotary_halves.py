# Rotary position embedding of pairs (i, i + d/2) as single kernels of a GPU. bfloat16 meets the tables' float32 first, so that
# it is turned in float32 without a cast, and type_as ends it.


def turned(qkv: Tensor, turn: List[Tensor]) -> Tensor:
    # queries and keys (B, T, 2*H, d) of qkv (B, T, 3*H, d), by the cosines and sines (T, 1, d/2) of turn
    c, s = turn
    a, b = torch.chunk(qkv[:, :, :qkv.shape[2] // 3 * 2], 2, -1)
    return torch.cat([a * c - b * s, b * c + a * s], -1).type_as(qkv)


def gradient(dqk: Tensor, dv: Tensor, turn: List[Tensor]) -> Tensor:
    # of qkv, given those of turned (B, T, 2*H, d) and of the values (B, T, H, d)
    c, s = turn
    a, b = torch.chunk(dqk, 2, -1)
    return torch.cat([torch.cat([a * c + b * s, b * c - a * s], -1).type_as(dqk), dv], 2)
