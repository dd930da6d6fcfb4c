# Cross entropy of every position, in nats.
import precision


def per_byte(logits: Tensor, ids: Tensor) -> Tensor:
    # logits (B, T, V), row t predicts id t; ids (B, T)
    flat = torch.flatten(precision.wide(logits), 0, 1)  # (B*T, V)
    return torch.cross_entropy_loss(flat, torch.flatten(ids), None, 0).reshape(ids.shape)  # (B, T)
