# Position-wise feed-forward. p = [W_1, W_2, W_3 if gated] and then their biases, if there are any.


def forward(x: Tensor, p: List[Tensor], bias: bool, activation: int, hidden_dropout: float, dropout: float) -> Tensor:
    # x (B, T, D); activation 0 relu, 1 gelu, 2 silu, 3 silu times a linear factor, 4 squared relu
    n = len(p) // 2 if bias else len(p)
    none = annotate(Optional[Tensor], None)
    h = torch.linear(x, p[0], p[n] if bias else none)  # (B, T, F)
    if activation == 0:
        h = torch.relu(h)
    elif activation == 1:
        h = torch.gelu(h)
    elif activation == 4:
        h = torch.square(torch.relu(h))
    else:
        h = torch.silu(h)
    if activation == 3:
        h = h * torch.linear(x, p[2], p[n + 2] if bias else none)
    if hidden_dropout > 0:
        h = torch.dropout(h, hidden_dropout, True)
    y = torch.linear(h, p[1], p[n + 1] if bias else none)  # (B, T, D)
    if dropout > 0:
        y = torch.dropout(y, dropout, True)
    return y
