"""The coefficients in jit-runtime/src/codegen/vector_math. Needs mpmath; `python3 minimax.py` prints all of them (minutes).

Minimax polynomials: `minimax(g, w, a, b, n)` gives the n+1 coefficients, lowest power first, of the polynomial P that
makes the largest |w(x) * (P(x) - g(x))| on [a, b] least (Remez exchange from Chebyshev nodes)."""
import struct

from mpmath import atanh, cos, exp, expm1, log, log1p, lu_solve, matrix, mp, mpf, pi, sin, sqrt

mp.dps = 60

def horner(c, x):
    s = mpf(0)
    for k in reversed(c):
        s = s * x + k
    return s

def minimax(g, w, a, b, n, rounds=12, grid=1500):
    a, b = mpf(a), mpf(b)
    m = n + 2  # points, at which the errors alternate
    pts = [(a + b) / 2 + (b - a) / 2 * cos(pi * (mpf(i) + mpf(1) / 2) / m) for i in range(m)][::-1]
    top = max(abs(w(x)) for x in pts)
    w0 = w
    w = lambda x: max(abs(w0(x)), top / 10**7)
    xs = [(a + b) / 2 - (b - a) / 2 * cos(pi * mpf(i) / grid) for i in range(grid + 1)]
    gs = [g(x) for x in xs]
    ws = [w(x) for x in xs]
    best = None
    for _ in range(rounds):
        A, y = matrix(m, m), matrix(m, 1)
        for i, x in enumerate(pts):
            for j in range(n + 1):
                A[i, j] = x ** j
            A[i, n + 1] = (-1) ** i / w(x)
            y[i] = g(x)
        s = lu_solve(A, y)
        c = [s[i] for i in range(n + 1)]
        e = [ws[i] * (horner(c, xs[i]) - gs[i]) for i in range(len(xs))]
        worst = max(abs(v) for v in e)
        if best is None or worst < best[0]:
            best = (worst, c)
        if worst < abs(s[n + 1]) * mpf('1.02'):
            break
        # the extreme of each run of one sign
        runs, cur = [], 0
        for i in range(1, len(e)):
            if (e[i] > 0) != (e[cur] > 0):
                runs.append(cur); cur = i
            elif abs(e[i]) > abs(e[cur]):
                cur = i
        runs.append(cur)
        while len(runs) > m:
            runs.pop(0 if abs(e[runs[0]]) < abs(e[runs[-1]]) else -1)
        if len(runs) < m:
            break
        pts = [xs[i] for i in runs]
    return best[1], best[0]


def single(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def show(name, g, w, a, b, n, to=float):
    c, worst = minimax(g, w, a, b, n)
    print(f"{name}: error 2^{float(log(worst, 2)):.1f}")
    print("    [" + ", ".join(repr(to(k)) for k in c) + "]")


def around_zero(f, value, within=mpf(10) ** -12):
    """`f` but for a removable singularity."""
    return lambda x: value if abs(x) < within else f(x)


def main():
    ln2 = log(mpf(2))
    r = ln2 / 2 * mpf("1.01")
    of_exp = around_zero(lambda x: (expm1(x) - x) / x**2, mpf(1) / 2)
    relative = around_zero(lambda x: x**2 / expm1(x), mpf(0))
    show("EXP_F64", of_exp, relative, -r, r, 9)
    show("EXP_F32", of_exp, relative, -r, r, 5, single)
    show("EXP_OF_R_F32", of_exp, lambda x: x**2 / exp(x), -r, r, 4, single)

    r = mpf("0.505")
    of_exp2 = around_zero(lambda x: (mpf(2) ** x - 1) / x, ln2)
    show("EXP2_F64", of_exp2, lambda x: x * mpf(2) ** -x, -r, r, 10)
    show("EXP2_F32", of_exp2, lambda x: x * mpf(2) ** -x, -r, r, 5, single)
    show("EXP2 of pow", of_exp2, lambda x: x * mpf(2) ** -x, -r, r, 6)

    a, b = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
    of_log = around_zero(lambda x: (log1p(x) - x + x * x / 2) / x**3, mpf(1) / 3, mpf(10) ** -15)
    relative = around_zero(lambda x: x**3 / log1p(x), mpf(0), mpf(10) ** -15)
    mp.dps = 80
    show("LOG_F64", of_log, relative, a, b, 18)
    show("LOG_F32", of_log, relative, a, b, 7, single)
    show("LOG of pow", of_log, relative, a, b, 9)
    mp.dps = 60

    k = 2 / ln2
    top = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1) * mpf("1.003")) ** 2
    of_s = lambda z: (k * atanh(sqrt(z)) / sqrt(z) - k - k * z / 3) / z**2
    near = lambda z: k * (mpf(1) / 5 + z / 7 + z * z / 9)
    show("R of pow", lambda z: near(z) if z < mpf(10) ** -8 else of_s(z), lambda z: z**2 / k, 0, top, 6)

    small = mpf(10) ** -10
    of_sin = lambda z: -mpf(1) / 6 + z / 120 - z * z / 5040 if z < small else (sin(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3
    w_sin = lambda z: z if z < small else sqrt(z) ** 3 / sin(sqrt(z))
    of_cos = lambda z: mpf(1) / 24 - z / 720 + z * z / 40320 if z < small else (cos(sqrt(z)) - 1 + z / 2) / z**2
    half = (pi / 2 * mpf("1.001")) ** 2
    quarter = (pi / 4 * mpf("1.003")) ** 2
    show("SIN_F64", of_sin, w_sin, 0, half, 7)
    show("SIN_F32", of_sin, w_sin, 0, half, 3, single)
    show("SIN_QUARTER_F64", of_sin, w_sin, 0, quarter, 5)
    show("SIN_QUARTER_F32", of_sin, w_sin, 0, quarter, 2, single)
    show("COS_QUARTER_F64", of_cos, lambda z: z**2 / cos(sqrt(z)), 0, quarter, 5)
    show("COS_QUARTER_F32", of_cos, lambda z: z**2 / cos(sqrt(z)), 0, quarter, 2, single)


if __name__ == "__main__":
    main()
