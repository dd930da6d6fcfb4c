# The gated recurrent unit. p = [W (3D, D), U (3D, D), b (3D)]: update, reset, candidate.
import precision


def forward(x: Tensor, p: List[Tensor], state: List[Tensor]) -> Tuple[Tensor, Tensor]:
    # x (B, T, D); state is empty at the beginning, or holds h (B, D)
    B, T, D = x.shape
    h = torch.zeros([B, D], dtype=x.dtype, device=x.device)
    if len(state) > 0:
        h = state[0].to(x.dtype)
    w = torch.linear(x, p[0], p[2])  # (B, T, 3D)
    y: List[Tensor] = []
    for t in range(T):
        u = torch.linear(h, p[1], None)  # (B, 3D)
        g = torch.sigmoid(w[:, t, : 2 * D] + u[:, : 2 * D])
        n = torch.tanh(w[:, t, 2 * D :] + g[:, D:] * u[:, 2 * D :])
        h = n + g[:, :D] * (h - n)
        y.append(h)
    return torch.stack(y, 1), precision.wide(h)  # (B, T, D), (B, D)
