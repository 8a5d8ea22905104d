"""The flow chart of DVI 1.0, figure 3-5, step by step, in the names that it uses."""

from functools import cache


def encode(byte: int, cnt: int) -> tuple[int, int]:
    """The symbol of a byte, and the running disparity behind it."""
    D = [byte >> bit & 1 for bit in range(8)]
    q_m = [D[0]]
    if sum(D) > 4 or (sum(D) == 4 and D[0] == 0):
        for bit in range(1, 8):
            q_m.append(1 - (q_m[bit - 1] ^ D[bit]))
        q_m.append(0)
    else:
        for bit in range(1, 8):
            q_m.append(q_m[bit - 1] ^ D[bit])
        q_m.append(1)
    N1 = sum(q_m[:8])
    N0 = 8 - N1
    inverted = [1 - bit for bit in q_m[:8]]
    if cnt == 0 or N1 == N0:
        q_out = [*(q_m[:8] if q_m[8] else inverted), q_m[8], 1 - q_m[8]]
        cnt += N1 - N0 if q_m[8] else N0 - N1
    elif (cnt > 0 and N1 > N0) or (cnt < 0 and N0 > N1):
        q_out = [*inverted, q_m[8], 1]
        cnt += 2 * q_m[8] + N0 - N1
    else:
        q_out = [*q_m[:8], q_m[8], 0]
        cnt += -2 * (1 - q_m[8]) + N1 - N0
    return sum(bit << at for at, bit in enumerate(q_out)), cnt


def transitions(bits: int, count: int) -> int:
    """How often neighbours among the lowest ``count`` bits differ."""
    return ((bits ^ bits >> 1) & ((1 << count - 1) - 1)).bit_count()


@cache
def reachable() -> dict[int, list[int]]:
    """Every running disparity that a line can come to, and the shortest bytes from 0 to it."""
    paths: dict[int, list[int]] = {0: []}
    waiting = [0]
    while waiting:
        cnt = waiting.pop(0)
        for byte in range(256):
            after = encode(byte, cnt)[1]
            if after not in paths:
                paths[after] = [*paths[cnt], byte]
                waiting.append(after)
    return paths
