//! The table of kernels: what each is called, how it is checked, which data it runs on. A new kernel is one entry here, beside its
//! definition in the file of its family.

use hotloop::Specialization;

use super::case::{Case, Sum, arrays, in_place, number, to_and_fro, wide};
use super::data::{
    bytes, cells, gaussian9, sparse_pattern, square, square_from, uniform, uniform_f32,
};
use super::{elementwise, matrices, pairs, reductions, searches, stencils, unchecked};

/// Which form of a kernel runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// rustc's body.
    Plain,
    /// The attribute alone.
    Jit,
    /// With `fastmath`.
    JitFast,
    /// The attribute alone, on the kernel without bounds checks.
    #[allow(dead_code, reason = "one of the two benches that share this times it")]
    Unchecked,
    /// With `fastmath, parallel`.
    JitPar,
}

impl Variant {
    /// Those that are compared with other implementations, in the order in which they are reported.
    pub(crate) const ALL: [Variant; 4] = [
        Variant::Plain,
        Variant::Jit,
        Variant::JitFast,
        Variant::JitPar,
    ];

    /// The name in reports and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Variant::Plain => "plain",
            Variant::Jit => "jit",
            Variant::JitFast => "jit-fast",
            Variant::Unchecked => "unchecked",
            Variant::JitPar => "jit-par",
        }
    }
}

/// An entry of the table.
pub(crate) struct Kernel {
    /// The name in reports.
    pub(crate) name: &'static str,
    /// A size at which a call takes a few milliseconds at most.
    pub(crate) small: usize,
    /// The checksum at that size, as implementations in other languages have it.
    pub(crate) expected: f64,
    /// How far a checksum may be off, relatively.
    pub(crate) tolerance: f64,
    build: fn(Variant, usize) -> Option<Box<dyn Case>>,
    specializations: fn(Variant) -> Vec<Specialization>,
}

impl Kernel {
    /// The kernel with data of size `n`, or `None` if there is no such form of it.
    pub(crate) fn case(&self, variant: Variant, n: usize) -> Option<Box<dyn Case>> {
        (self.build)(variant, n)
    }

    /// Whether this form of the kernel is machine code by now. After its first call it is, unless the JIT declined and rustc's
    /// body ran in its place.
    pub(crate) fn is_compiled(&self, variant: Variant) -> bool {
        variant == Variant::Plain || !self.specializations(variant).is_empty()
    }

    /// What has been compiled of this form of the kernel so far: nothing before the first call, nor if the JIT declined.
    /// Kernels that share a function share these.
    pub(crate) fn specializations(&self, variant: Variant) -> Vec<Specialization> {
        (self.specializations)(variant)
    }
}

/// Fills [`KERNELS`]. An entry is
///
/// ```text
/// name = family::function, small size, expect checksum, within tolerance, |f, n| case;
/// ```
///
/// where `f` is the form of the function that was asked for, as a function pointer, and `n` the size.
macro_rules! table {
    ($(
        $name:ident = $family:ident::$function:ident,
        small $small:literal, expect $expected:literal, within $tolerance:literal,
        |$f:ident, $n:ident| $case:expr;
    )*) => {
        /// Every kernel.
        pub(crate) const KERNELS: &[Kernel] = &[$(Kernel {
            name: stringify!($name),
            small: $small,
            expected: $expected,
            tolerance: $tolerance,
            build: |variant, $n| {
                let $f = match variant {
                    Variant::Plain => $family::jit::$function::plain,
                    Variant::Jit => $family::jit::$function,
                    Variant::JitFast => $family::jit_fast::$function,
                    Variant::Unchecked => unchecked::$family::$function,
                    Variant::JitPar => $family::jit_par::$function,
                };
                Some($case)
            },
            specializations: |variant| match variant {
                Variant::Jit => $family::jit::$function::specializations(),
                Variant::JitFast => $family::jit_fast::$function::specializations(),
                Variant::Unchecked => unchecked::$family::$function::specializations(),
                Variant::JitPar => $family::jit_par::$function::specializations(),
                Variant::Plain => Vec::new(),
            },
        }),*];
    };
}

table! {
    sum_f64 = reductions::sum_f64, small 16_384, expect 8197.14170110377, within 1e-9,
        |f, n| number(uniform(n, 1, 0.0, 1.0), move |x| f(x));

    sum_f32 = reductions::sum_f32, small 16_384, expect 8197.1474609375, within 1e-3,
        |f, n| number(uniform_f32(n, 1, 0.0, 1.0), move |x| f(x));

    dot_f64 = reductions::dot_f64, small 16_384, expect 4115.354464169493, within 1e-9,
        |f, n| number((uniform(n, 1, 0.0, 1.0), uniform(n, 2, 0.0, 1.0)), move |(x, y)| f(x, y));

    dot_f32 = reductions::dot_f32, small 16_384, expect 4115.3388671875, within 1e-3,
        |f, n| {
            let state = (uniform_f32(n, 1, 0.0, 1.0), uniform_f32(n, 2, 0.0, 1.0));
            number(state, move |(x, y)| f(x, y))
        };

    where_sum = reductions::where_sum, small 16_384, expect 6136.051889591578, within 1e-9,
        |f, n| number(uniform(n, 1, 0.0, 1.0), move |x| f(x, 0.5));

    axpy = elementwise::axpy, small 8_192, expect 36985.1455912969, within 1e-9,
        |f, n| {
            let x = uniform(n, 1, 0.0, 1.0);
            in_place(uniform(n, 2, 0.0, 1.0), move |y| f(1.25, &x, y), Sum::Signed)
        };

    cact = elementwise::cact, small 10_000, expect 7122.158944403287, within 1e-5,
        |f, n| {
            let state = (uniform_f32(n, 1, -3.0, 3.0), vec![0.0; n]);
            arrays(state, move |(x, out)| f(x, out), Sum::Signed, |(_, out)| vec![wide(out)])
        };

    black_scholes = elementwise::black_scholes, small 10_000, expect 1359334.906181999, within 1e-9,
        |f, n| {
            let s = uniform(n, 1, 5.0, 30.0);
            let x = uniform(n, 2, 1.0, 100.0);
            let t = uniform(n, 3, 0.25, 10.0);
            arrays(
                (vec![0.0; n], vec![0.0; n]),
                move |(call, put)| f(&s, &x, &t, 0.02, 0.3, call, put),
                Sum::Signed,
                |(call, put)| vec![wide(call), wide(put)],
            )
        };

    logistic = elementwise::logistic, small 100, expect 217.9662956526338, within 1e-9,
        |f, n| {
            let r: Vec<f64> = (0..n).map(|i| 2.8 + 0.7 * i as f64 / n as f64).collect();
            arrays(vec![0.0; n], move |out| f(500, &r, out), Sum::Signed, |out| vec![wide(out)])
        };

    horner = elementwise::horner, small 10_000, expect 28078.71620022885, within 1e-9,
        |f, n| {
            let c = uniform(17, 2, -1.0, 1.0);
            let state = (uniform(n, 1, -1.0, 1.0), vec![0.0; n]);
            arrays(state, move |(x, out)| f(&c, x, out), Sum::Absolute, |(_, out)| vec![wide(out)])
        };

    cumsum = elementwise::cumsum, small 16_384, expect 269487775.3578805, within 1e-9,
        |f, n| {
            let state = (uniform(n, 1, 0.0, 1.0), vec![0.0; n]);
            arrays(state, move |(x, out)| f(x, out), Sum::Signed, |(_, out)| vec![wide(out)])
        };

    matmul = matrices::matmul, small 64, expect 263846.5991022625, within 1e-9,
        |f, n| {
            let state = (square(n, 1, 0.0, 1.0), square(n, 2, 0.0, 1.0), vec![0.0; n * n]);
            arrays(state, move |(a, b, c)| f(n, a, b, c), Sum::Signed, |(_, _, c)| vec![wide(c)])
        };

    matmul_ikj = matrices::matmul_ikj, small 128, expect 2104578.821737689, within 1e-9,
        |f, n| {
            let state = (square(n, 1, 0.0, 1.0), square(n, 2, 0.0, 1.0), vec![0.0; n * n]);
            arrays(state, move |(a, b, c)| f(n, a, b, c), Sum::Signed, |(_, _, c)| vec![wide(c)])
        };

    floyd = matrices::floyd, small 100, expect 332314.3005407704, within 1e-12,
        |f, n| {
            let random = square(n, 1, 1.0, 100.0);
            let lengths = square_from(n, |i, j| if i == j { 0.0 } else { random[i * n + j] });
            in_place(lengths, move |d| f(n, d), Sum::Signed)
        };

    lu = matrices::lu, small 100, expect 48689.05363166535, within 1e-9,
        |f, n| {
            let random = square(n, 1, 0.0, 1.0);
            let diagonal = |i, j| if i == j { n as f64 } else { 0.0 };
            let dominant = square_from(n, |i, j| random[i * n + j] + diagonal(i, j));
            in_place(dominant, move |a| f(n, a), Sum::Absolute)
        };

    cholesky = matrices::cholesky, small 100, expect 2443.38548222466, within 1e-9,
        |f, n| {
            let diagonal = |i, j| if i == j { 1.0 } else { 0.0 };
            let positive = |i: usize, j| 1.0 / (1 + i.abs_diff(j)) as f64 + diagonal(i, j);
            in_place(square_from(n, positive), move |a| f(n, a), Sum::Absolute)
        };

    correlation = matrices::correlation, small 60, expect 1727.859195262806, within 1e-9,
        |f, n| {
            let state = (square(n, 1, 0.0, 1.0), vec![0.0; n * n], vec![0.0; n * n]);
            arrays(state, move |(d, w, c)| f(n, d, w, c), Sum::Absolute, |(_, _, c)| vec![wide(c)])
        };

    spmv = matrices::spmv, small 1_000, expect 9629.918147043674, within 1e-9,
        |f, n| {
            let (rows, columns) = sparse_pattern(n);
            let values = uniform(columns.len(), 3, 0.0, 1.0);
            let x = uniform(n, 4, 0.0, 1.0);
            let call = move |y: &mut Vec<f64>| f(&rows, &columns, &values, &x, y);
            arrays(vec![0.0; n], call, Sum::Signed, |y| vec![wide(y)])
        };

    jacobi2d = stencils::jacobi2d, small 100, expect 20027.15389347938, within 1e-9,
        |f, n| to_and_fro(square(n, 1, 0.0, 1.0), move |a, b| f(n, 10, a, b));

    heat3d = stencils::heat3d, small 20, expect 16118.0789444081, within 1e-9,
        |f, n| to_and_fro(uniform(n * n * n, 1, 0.0, 1.0), move |a, b| f(n, 10, a, b));

    seidel2d = stencils::seidel2d, small 100, expect 20020.80917386785, within 1e-9,
        |f, n| in_place(square(n, 1, 0.0, 1.0), move |a| f(n, 10, a), Sum::Signed);

    life = stencils::life, small 100, expect 8302.0, within 0.0,
        |f, n| to_and_fro(cells(n), move |a, b| f(n, 10, a, b));

    blur = stencils::blur, small 100, expect 16994.47424000502, within 1e-4,
        |f, n| {
            let (image, taps) = (uniform_f32(n * n, 1, 0.0, 1.0), gaussian9());
            arrays(
                (vec![0.0; n * n], vec![0.0; n * n]),
                move |(tmp, out)| f(n, &image, &taps, tmp, out),
                Sum::Signed,
                |(_, out)| vec![wide(out)],
            )
        };

    fir16 = stencils::fir, small 10_000, expect 43934.81454306773, within 1e-9,
        |f, n| {
            let state = (uniform(n + 15, 1, -1.0, 1.0), uniform(16, 2, 0.0, 1.0), vec![0.0; n]);
            arrays(state, move |(x, h, y)| f(x, h, y), Sum::Absolute, |(_, _, y)| vec![wide(y)])
        };

    fir64 = stencils::fir, small 10_000, expect 77289.38538597328, within 1e-9,
        |f, n| {
            let state = (uniform(n + 63, 1, -1.0, 1.0), uniform(64, 2, 0.0, 1.0), vec![0.0; n]);
            arrays(state, move |(x, h, y)| f(x, h, y), Sum::Absolute, |(_, _, y)| vec![wide(y)])
        };

    nbody = pairs::nbody, small 200, expect 72353.29635075665, within 1e-9,
        |f, n| {
            let [x, y, z] = [1, 2, 3].map(|seed| uniform(n, seed, -1.0, 1.0));
            let m = uniform(n, 4, 0.0, 1.0);
            arrays(
                (vec![0.0; n], vec![0.0; n], vec![0.0; n]),
                move |(ax, ay, az)| f(&x, &y, &z, &m, ax, ay, az),
                Sum::Absolute,
                |(ax, ay, az)| vec![wide(ax), wide(ay), wide(az)],
            )
        };

    pdist3 = pairs::pdist, small 100, expect 25710.64309090941, within 1e-9,
        |f, n| {
            let state = (uniform(n * 3, 1, 0.0, 1.0), vec![0.0; n * n]);
            arrays(state, move |(x, out)| f(n, 3, x, out), Sum::Signed, |(_, out)| vec![wide(out)])
        };

    pdist64 = pairs::pdist, small 100, expect 128164.2030676816, within 1e-9,
        |f, n| {
            let state = (uniform(n * 64, 1, 0.0, 1.0), vec![0.0; n * n]);
            arrays(state, move |(x, out)| f(n, 64, x, out), Sum::Signed, |(_, out)| vec![wide(out)])
        };

    hist_u8 = searches::hist_u8, small 65_536, expect 260414.0, within 0.0,
        |f, n| {
            let state = (bytes(n, 1, 256), vec![0; 256]);
            arrays(state, move |(x, bins)| f(x, bins), Sum::Signed, |(_, bins)| vec![wide(bins)])
        };

    hist_f64 = searches::hist_f64, small 16_384, expect 65340.0, within 0.0,
        |f, n| {
            let state = (uniform(n, 1, 0.0, 1.0), vec![0; 256]);
            arrays(state, move |(x, bins)| f(x, bins), Sum::Signed, |(_, bins)| vec![wide(bins)])
        };

    mandelbrot = searches::mandelbrot, small 100, expect 2140798.0, within 1e-3,
        |f, n| arrays(vec![0; n * n], move |out| f(n, 200, out), Sum::Signed, |out| vec![wide(out)]);

    mc_pi = searches::mc_pi, small 10_000, expect 3.116185897435897, within 1e-9,
        |f, n| number(n, move |n| f(*n));

    crc16 = searches::crc16, small 10_000, expect 64570.0, within 0.0,
        |f, n| number(bytes(n, 1, 256), move |x| f(x));

    edit_distance = searches::edit_distance, small 200, expect 112.0, within 0.0,
        |f, n| {
            let (a, b) = (bytes(n, 1, 4), bytes(n, 2, 4));
            let rows = (vec![0; n + 1], vec![0; n + 1]);
            number(rows, move |(previous, current)| f(&a, &b, previous, current))
        };

    heapsort = searches::heapsort, small 10_000, expect 20077.90095468169, within 1e-12,
        |f, n| in_place(uniform(n, 1, 0.0, 1.0), f, Sum::Signed);

    sieve = searches::sieve, small 100_000, expect 9592.0, within 0.0,
        |f, n| number(vec![0; n + 1], move |flags| f(n, flags));

    collatz = searches::collatz, small 10_000, expect 6171262.0, within 0.0,
        |f, n| number(vec![0; n], move |lengths| {
            let start = f(n, lengths);
            start * 1000 + lengths[start] as usize
        });
}
