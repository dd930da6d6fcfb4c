# The inputs that a Perceiver AR may still need: window (B, prefix + latents, C), the prefix right-aligned before the latents.


def shift(window: Tensor, prefix: int) -> Tensor:
    # a full block of latents becomes the end of the prefix of the next
    n = window.shape[1]
    return window.narrow(1, 0, prefix).copy_(window.narrow(1, n - prefix, prefix).clone())


def write(x: Tensor, window: Tensor, index: int) -> Tensor:
    return window.narrow(1, index, x.shape[1]).copy_(x)
