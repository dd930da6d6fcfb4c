# The community multi-stage MEGABYTE. A stage sees groups of n tokens;
# a token of a coarse stage stands for P bytes. R counts groups, D is the width of the stage.
import precision


def _norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if precision.native(x):
        return torch.layer_norm(x, [x.shape[-1]], weight.to(x.dtype), bias.to(x.dtype), 1e-5)
    return torch.layer_norm(precision.wide(x), [x.shape[-1]], weight, bias, 1e-5).to(x.dtype)


def tokens(ids: Tensor, p: List[Tensor]) -> Tensor:
    # ids (R, n, P) -> tokens (R, n, D); p = byte table, for coarse stages also norm, linear, norm
    h = precision.embedding(p[0], ids)  # (R, n, P, fine)
    h = torch.flatten(h, -2)
    if len(p) > 1:
        h = _norm(h, p[1], p[2])
        h = torch.linear(h, p[3], p[4])
        h = _norm(h, p[5], p[6])
    return h  # (R, n, D)


def stage_input(tokens: Tensor, start: Tensor, conditioning: List[Tensor], positions: List[Tensor]) -> Tensor:
    # the start vector, then the tokens; the coarser stage's vectors are added one step later, so that
    # the start position gets none of them
    R, n, D = tokens.shape
    if len(positions) > 0:
        tokens = tokens + positions[0][:n]
    if len(conditioning) > 0:
        tokens = tokens + conditioning[0]
    return torch.cat([start[None, None].expand([R, 1, -1]), tokens], 1)  # (R, n + 1, D)


def pad(ids: Tensor, count: int, pad_id: int) -> Tensor:
    return torch.constant_pad_nd(ids, [0, count], pad_id)


def start_input(ids: Tensor, start: Tensor, conditioning: List[Tensor]) -> Tensor:
    # the start token alone, as an empty input is read: here it is conditioned, on the first vector
    x = start[None, None].expand([ids.shape[0], 1, -1])
    if len(conditioning) > 0:
        x = x + conditioning[0][:, :1]
    return x  # (B, 1, D)


def project(x: Tensor, weight: Tensor, bias: Tensor, n: int) -> Tensor:
    # outputs (R, m, D) of a stage -> n vectors for each of the groups below: (R*m, n, D')
    y = torch.linear(x, weight, bias)
    return y.reshape([x.shape[0] * x.shape[1], n, -1])


def bytewise(x: Tensor, batch: int, count: int) -> Tensor:
    # x (R, n + 1, D) of the finest stage; the start row of the very first group of each sequence, then
    # the n last rows of every group: row t predicts byte t, and as many are taken as asked for
    y = x.reshape([batch, -1, x.shape[1], x.shape[2]])  # (B, G, n+1, D)
    return torch.cat([y[:, 0, :1], torch.flatten(y[:, :, 1:], 1, 2)[:, :count - 1]], 1)  # (B, count, D)


def within(x: Tensor, batch: int) -> Tensor:
    # x (R, n + 1, D) of the finest stage without the start rows: row t has read byte t
    return torch.flatten(x[:, 1:].reshape([batch, -1, x.shape[1] - 1, x.shape[2]]), 1, 2)  # (B, G*n, D)


def next_tokens(tokens: Tensor, conditioning: List[Tensor], positions: List[Tensor], index: int) -> Tensor:
    # tokens (B, n, D) of one group, the first of them item `index` of it
    end = index + tokens.shape[1]
    if len(positions) > 0:
        tokens = tokens + positions[0][index:end]
    if len(conditioning) > 0:
        tokens = tokens + conditioning[0][:, index:end]
    return tokens


def next_token_at(token: Tensor, conditioning: List[Tensor], positions: List[Tensor], number: Tensor) -> Tensor:
    # next_tokens of one token behind so many (1), the start among them, which the device alone knows
    if len(positions) > 0:
        token = token + torch.index_select(positions[0], 0, number - 1)
    if len(conditioning) > 0:
        token = token + torch.index_select(conditioning[0], 1, number - 1)
    return token


def append(history: Tensor, ids: Tensor) -> Tensor:
    # the last bytes, moved on by one
    return torch.cat([history[:, 1:], ids], 1)


def head(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return precision.logits(x, weight, bias)  # (B, n, V)


def reference_loss(rows: Tensor, ids: Tensor, pad_id: int) -> Tensor:
    # mean over the targets that are not the pad id; rows (B, T, V), row t predicts id t
    return torch.cross_entropy_loss(torch.flatten(precision.wide(rows), 0, 1), torch.flatten(ids), None, 1, pad_id)
