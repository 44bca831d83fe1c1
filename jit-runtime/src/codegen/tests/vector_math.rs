//! Approximated library functions: how far off they are at each width, and that loops with them are vectorized.

use std::fmt::Write;

use hotloop_ir::{BinaryOp, ExprKind, FastMath, Function, Intrinsic, ScalarTy, Ty};

use super::build::{Builder, slice};
use super::double_double::Dd;
use super::{Loaded, alone, optimized, slice_arg};
use crate::codegen::packed::{PackedArg, PackedOutcome};
use crate::codegen::vector_math::trig::{LIMIT_F32, LIMIT_F64};
use crate::pipeline::{CompileRequest, compile};

/// `for i in 0..y.len() { y[i] = x[i].method() }`, or `x[i].method(z[i])`.
fn elementwise(intrinsic: Intrinsic, ty: ScalarTy, fastmath: FastMath) -> Function {
    let mut b = Builder::new("elementwise", Ty::Unit);
    b.func.fastmath = fastmath;
    let x = b.param(slice(ty, false));
    let z = b.param(slice(ty, false));
    let y = b.param(slice(ty, true));
    let (start, end) = (b.int(ScalarTy::Usize, 0), b.len(y));
    b.for_range(start, end, |b, i| {
        let args = [x, z][..intrinsic.info().args.len()]
            .iter()
            .map(|&slice| {
                let at = b.get(i);
                b.get_element(slice, at)
            })
            .collect();
        let call = ExprKind::Call {
            intrinsic,
            args,
            site: None,
        };
        let value = b.expr(call, ty);
        let at = b.get(i);
        b.set_element(y, at, value);
    });
    b.finish()
}

/// Every function that has a vector form here.
const FUNCTIONS: &[Intrinsic] = &[
    Intrinsic::Sin,
    Intrinsic::Cos,
    Intrinsic::Tan,
    Intrinsic::Exp,
    Intrinsic::Exp2,
    Intrinsic::ExpM1,
    Intrinsic::Ln,
    Intrinsic::Log2,
    Intrinsic::Log10,
    Intrinsic::Ln1p,
    Intrinsic::Powf,
    Intrinsic::Sinh,
    Intrinsic::Cosh,
    Intrinsic::Tanh,
    Intrinsic::Asin,
    Intrinsic::Acos,
    Intrinsic::Atan,
    Intrinsic::Atan2,
    Intrinsic::Asinh,
    Intrinsic::Acosh,
    Intrinsic::Atanh,
    Intrinsic::Cbrt,
    Intrinsic::Hypot,
];

#[test]
fn loops_with_approximated_functions_are_vectorized() {
    for &intrinsic in FUNCTIONS {
        for ty in [ScalarTy::F32, ScalarTy::F64] {
            let text = optimized(&alone(&elementwise(intrinsic, ty, FastMath::ALGEBRAIC)));
            let ty = if ty == ScalarTy::F32 {
                "float"
            } else {
                "double"
            };
            let stores_vectors = text
                .lines()
                .any(|line| line.contains("store <") && line.contains(&format!("x {ty}>")));
            assert!(stores_vectors, "{intrinsic:?} {ty}: {text}");
        }
    }
}

#[test]
fn only_approximated_functions_have_vector_forms() {
    for &intrinsic in FUNCTIONS {
        let program = alone(&elementwise(intrinsic, ScalarTy::F64, FastMath::STRICT));
        let object = compile(&program, &CompileRequest::default()).unwrap();
        assert!(!object.scalar_math.is_empty(), "{intrinsic:?}");
        let program = alone(&elementwise(intrinsic, ScalarTy::F64, FastMath::ALGEBRAIC));
        let object = compile(&program, &CompileRequest::default()).unwrap();
        assert!(object.scalar_math.is_empty(), "{:?}", object.scalar_math);
    }
}

/// Powers with constant exponents are what the general ones are, or close to it.
#[test]
fn constant_powers_are_products_and_roots() {
    for exponent in [0.5, 1.5, 2.5, 2.0, 3.0, 4.0, -0.5, -1.0, -1.5, -2.0] {
        let mut b = Builder::new("halves", Ty::Scalar(ScalarTy::F64));
        b.func.fastmath = FastMath::ALGEBRAIC;
        let x = b.param(ScalarTy::F64);
        let args = vec![b.get(x), b.f64(exponent)];
        let call = ExprKind::Call {
            intrinsic: Intrinsic::Powf,
            args,
            site: None,
        };
        let value = b.expr(call, ScalarTy::F64);
        b.ret(value);
        let func = b.finish();
        assert!(!optimized(&alone(&func)).contains("pow"), "{exponent}");
        let loaded = Loaded::new(&func);
        for x in [
            0.0,
            0.3,
            1.0,
            7.5,
            1e-200,
            1e-310,
            1e200,
            5e-324,
            -2.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            let outcome = loaded.call(&[PackedArg::Scalar(f64::to_bits(x).into())]);
            let PackedOutcome::Returned(bits) = outcome else {
                panic!("{outcome:?}");
            };
            let got = f64::from_bits(bits[0] as u64);
            let exact = x.powf(exponent);
            let close = (got - exact).abs() <= exact.abs() * 1e-15 + 1e-323;
            assert!(
                close || got == exact || got.is_nan() && exact.is_nan(),
                "{x} {exponent}: {got} {exact}"
            );
        }
    }
}

/// A function, where it is swept, and how it is known exactly.
struct Case {
    intrinsic: Intrinsic,
    /// Arguments are of these sizes, of both signs, and more of them within `dense`.
    dense: (f64, f64),
    exact: fn(f64, f64) -> Dd,
    /// The bound that is documented, in ULP.
    bound: f64,
}

/// The polynomials: the functions whose errors are ours.
fn cases() -> Vec<Case> {
    let case = |intrinsic, dense, exact, bound| Case {
        intrinsic,
        dense,
        exact,
        bound,
    };
    vec![
        case(Intrinsic::Exp, (-5.0, 5.0), |x, _| Dd::from(x).exp(), 1.5),
        case(Intrinsic::Exp2, (-5.0, 5.0), |x, _| Dd::from(x).exp2(), 1.5),
        case(
            Intrinsic::ExpM1,
            (-2.0, 2.0),
            |x, _| Dd::from(x).exp_m1(),
            2.0,
        ),
        case(Intrinsic::Ln, (0.5, 2.0), |x, _| Dd::from(x).ln(), 1.0),
        case(Intrinsic::Log2, (0.5, 2.0), |x, _| Dd::from(x).log2(), 1.5),
        case(
            Intrinsic::Log10,
            (0.5, 2.0),
            |x, _| Dd::from(x).log10(),
            1.0,
        ),
        case(
            Intrinsic::Ln1p,
            (-0.9, 2.0),
            |x, _| Dd::from(x).ln_1p(),
            1.5,
        ),
        case(
            Intrinsic::Sin,
            (-100.0, 100.0),
            |x, _| Dd::from(x).sin_cos().0,
            2.5,
        ),
        case(
            Intrinsic::Cos,
            (-100.0, 100.0),
            |x, _| Dd::from(x).sin_cos().1,
            2.5,
        ),
        case(
            Intrinsic::Tan,
            (-100.0, 100.0),
            |x, _| {
                let (sin, cos) = Dd::from(x).sin_cos();
                sin / cos
            },
            4.0,
        ),
        case(Intrinsic::Sinh, (-3.0, 3.0), |x, _| Dd::from(x).sinh(), 2.5),
        case(Intrinsic::Cosh, (-3.0, 3.0), |x, _| Dd::from(x).cosh(), 2.0),
        case(Intrinsic::Tanh, (-3.0, 3.0), |x, _| Dd::from(x).tanh(), 4.0),
        case(Intrinsic::Powf, (0.5, 2.0), |x, y| Dd::from(x).pow(y), 2.0),
    ]
}

/// A float type, as sweeps need it.
trait Sweep: Copy + PartialOrd + std::fmt::Debug {
    const SCALAR: ScalarTy;
    const MANTISSA_BITS: i32;
    const MIN_EXPONENT: i32;
    const NAME: &'static str;
    fn of(x: f64) -> Self;
    fn wide(self) -> f64;
    fn from_random(bits: u64) -> Self;
    /// What std's method says.
    fn library(self, intrinsic: Intrinsic, y: Self) -> Self;
}

macro_rules! sweep {
    ($ty:ident, $scalar:expr, $bits:ident, $min:expr) => {
        impl Sweep for $ty {
            const SCALAR: ScalarTy = $scalar;
            const MANTISSA_BITS: i32 = $ty::MANTISSA_DIGITS as i32;
            const MIN_EXPONENT: i32 = $min;
            const NAME: &'static str = stringify!($ty);
            fn of(x: f64) -> Self {
                x as $ty
            }
            fn wide(self) -> f64 {
                self.into()
            }
            fn from_random(bits: u64) -> Self {
                $ty::from_bits(bits as $bits)
            }
            fn library(self, intrinsic: Intrinsic, y: Self) -> Self {
                match intrinsic {
                    Intrinsic::Exp => self.exp(),
                    Intrinsic::Exp2 => self.exp2(),
                    Intrinsic::ExpM1 => self.exp_m1(),
                    Intrinsic::Ln => self.ln(),
                    Intrinsic::Log2 => self.log2(),
                    Intrinsic::Log10 => self.log10(),
                    Intrinsic::Ln1p => self.ln_1p(),
                    Intrinsic::Sin => self.sin(),
                    Intrinsic::Cos => self.cos(),
                    Intrinsic::Tan => self.tan(),
                    Intrinsic::Sinh => self.sinh(),
                    Intrinsic::Cosh => self.cosh(),
                    Intrinsic::Tanh => self.tanh(),
                    Intrinsic::Powf => self.powf(y),
                    _ => panic!("{intrinsic:?} is not swept"),
                }
            }
        }
    };
}
sweep!(f32, ScalarTy::F32, u32, -126);
sweep!(f64, ScalarTy::F64, u64, -1022);

/// The arguments: special values, neighbours of what formulas turn at, all exponents, and many within the dense interval.
fn arguments<T: Sweep>(case: &Case, count: usize) -> (Vec<T>, Vec<T>) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let special = [
        0.0,
        1.0,
        2.0,
        3.0,
        0.5,
        1.5,
        10.0,
        0.25,
        100.0,
        1e-30,
        1e30,
        5e-324,
        1e-310,
        1e-40,
        1.4e-45,
        f64::MIN_POSITIVE,
        f32::MIN_POSITIVE.into(),
        f64::MAX,
        f32::MAX.into(),
        f64::INFINITY,
        f64::NAN,
        709.78,
        709.79,
        710.4,
        710.5,
        745.0,
        745.2,
        746.0,
        88.72,
        88.73,
        89.4,
        89.42,
        103.9,
        104.0,
        1023.9,
        1024.0,
        1074.0,
        1075.0,
        127.9,
        128.0,
        149.0,
        150.0,
        0.7071067811865475,
        0.7071067811865476,
        1.4142135623730950,
        1.4142135623730951,
        0.34657359,
        0.346573590279972,
        3.141592653589793,
        1.5707963267948966,
        262143.9,
        262144.0,
        262145.0,
        6.9e13,
        7.0e13,
        7.1e13,
        1e22,
        1e300,
        3e38,
    ];
    let mut x: Vec<T> = Vec::new();
    let mut y: Vec<T> = Vec::new();
    if case.intrinsic == Intrinsic::Powf {
        for &a in &special {
            for &b in &special {
                for (a, b) in [(a, b), (-a, b), (a, -b), (-a, -b)] {
                    x.push(T::of(a));
                    y.push(T::of(b));
                }
            }
        }
    }
    for &a in &special {
        x.extend([T::of(a), T::of(-a)]);
    }
    while x.len() < count / 2 {
        x.push(T::from_random(random()));
    }
    let (low, high) = case.dense;
    while x.len() < count {
        let share = (random() >> 11) as f64 / (1_u64 << 53) as f64;
        x.push(T::of(low + (high - low) * share));
    }
    // Exponents such that powers neither all overflow nor are all about one.
    for &x in &x[y.len()..] {
        let most = 1100.0 / (x.wide().abs().log2().abs() + 1e-3);
        let share = (random() >> 11) as f64 / (1_u64 << 53) as f64;
        y.push(T::of(most * (2.0 * share - 1.0)));
    }
    (x, y)
}

/// How far `got` is from the truth, in units in the last place.
fn ulps<T: Sweep>(got: T, exact: Dd) -> f64 {
    let rounded = T::of(exact.0).wide();
    let got = got.wide();
    if rounded.is_nan() || got.is_nan() {
        let agree = rounded.is_nan() && got.is_nan();
        return if agree { 0.0 } else { f64::INFINITY };
    }
    let largest = if T::NAME == "f32" {
        f32::MAX.into()
    } else {
        f64::MAX
    };
    if rounded.is_infinite() || got.is_infinite() {
        // What is just beyond the largest number may be that number, and the other way round.
        let near = |value: f64| {
            value.abs() >= largest * (1.0 - 1e-6) && T::NAME == "f32"
                || value.abs() >= largest * (1.0 - 1e-15)
        };
        let agree =
            rounded == got || (near(rounded) && near(got) && rounded.signum() == got.signum());
        return if agree { 0.0 } else { f64::INFINITY };
    }
    let exponent = (rounded.abs().to_bits() >> 52) as i32 - 1023;
    let unit = 2_f64.powi(
        exponent.max(T::MIN_EXPONENT) + 1 - T::MANTISSA_BITS
            + if T::NAME == "f64" { 200 } else { 0 },
    );
    let scale = if T::NAME == "f64" {
        2_f64.powi(200)
    } else {
        1.0
    };
    // Differences of neighbours are exact; subnormal units are scaled up to be numbers.
    (((got - exact.0) - exact.1) * scale / unit).abs()
}

fn call_elementwise<T>(loaded: &Loaded, x: &mut [T], z: &mut [T], y: &mut [T]) {
    let outcome = loaded.call(&[slice_arg(x), slice_arg(z), slice_arg(y)]);
    assert_eq!(outcome, PackedOutcome::Returned(Vec::new()));
}

/// The worst error of a case at some width.
fn worst<T: Sweep>(
    case: &Case,
    bits: u32,
    args: &mut (Vec<T>, Vec<T>),
    exact: &[Dd],
) -> (f64, T, T, T) {
    let program = alone(&elementwise(case.intrinsic, T::SCALAR, FastMath::ALGEBRAIC));
    let loaded = Loaded::with_width(&program, Some(bits));
    let (x, z) = args;
    let mut got = vec![T::of(0.0); x.len()];
    call_elementwise(&loaded, x, z, &mut got);
    let mut worst = (0.0, T::of(0.0), T::of(0.0), T::of(0.0));
    for (i, &got) in got.iter().enumerate() {
        let error = ulps(got, exact[i]);
        if error > worst.0 {
            worst = (error, x[i], z[i], got);
        }
    }
    worst
}

/// Special values and results that no double is close to: what the library says; elsewhere the exact value.
fn truth<T: Sweep>(case: &Case, x: T, y: T) -> Dd {
    let library = x.library(case.intrinsic, y).wide();
    let limit = if T::NAME == "f32" {
        LIMIT_F32
    } else {
        LIMIT_F64
    };
    let reduced = matches!(
        case.intrinsic,
        Intrinsic::Sin | Intrinsic::Cos | Intrinsic::Tan
    );
    if !library.is_finite() || library == 0.0 || reduced && x.wide().abs() > limit {
        return library.into();
    }
    let is_pow = case.intrinsic == Intrinsic::Powf;
    let pow_is_exact = is_pow && (!y.wide().is_finite() || y.wide() == 0.0 || x.wide() == 0.0);
    if !x.wide().is_finite() || pow_is_exact {
        return library.into();
    }
    if is_pow && x.wide() < 0.0 {
        let size = (case.exact)(-x.wide(), y.wide());
        return if library < 0.0 { -size } else { size };
    }
    let exact = (case.exact)(x.wide(), y.wide());
    // The exact value of an `f64` that is subnormal or tiny has no second part.
    match exact.0.is_finite() && exact.1.is_finite() {
        true => exact,
        false => library.into(),
    }
}

fn sweep<T: Sweep>(count: usize, table: &mut String) {
    let widths: Vec<u32> = [0, 128, 256, 512]
        .into_iter()
        .filter(|&bits| bits <= crate::cpu::target(crate::cpu::CpuLevel::Native).vector_bits)
        .collect();
    let mut failures = Vec::new();
    for case in cases() {
        let mut args = arguments::<T>(&case, count);
        let exact: Vec<Dd> = (args.0.iter().zip(&args.1))
            .map(|(&x, &y)| truth(&case, x, y))
            .collect();
        let _ = write!(table, "| {} | {} |", case.intrinsic.name(), T::NAME);
        for &bits in &widths {
            let (error, x, y, got) = worst(&case, bits, &mut args, &exact);
            let _ = write!(table, " {error:.2} |");
            if error > case.bound {
                failures.push(format!(
                    "{:?} of {x:?}, {y:?} at {bits} bits: {got:?} is {error} ULP off, not {}; {:?}",
                    case.intrinsic,
                    case.bound,
                    truth(&case, x, y)
                ));
            }
        }
        let _ = writeln!(table, " {} |", case.bound);
    }
    assert!(failures.is_empty(), "{}\n{table}", failures.join("\n"));
}

/// Prints the table of docs/vector-math.md: `cargo test -p hotloop-runtime --lib -- --nocapture vector_math::errors`.
#[test]
fn errors_are_within_the_documented_bounds() {
    if !crate::cpu::target(crate::cpu::CpuLevel::Native).fma {
        return;
    }
    let count = if cfg!(debug_assertions) {
        20_000
    } else {
        1_000_000
    };
    let mut table = String::new();
    sweep::<f32>(count, &mut table);
    sweep::<f64>(count, &mut table);
    println!("{table}");
}

/// `y[i] = tanh(exp(sin(x[i]) * cos(x[i])))`
fn chain(ty: ScalarTy) -> Function {
    let mut b = Builder::new("chain", Ty::Unit);
    b.func.fastmath = FastMath::ALGEBRAIC;
    let x = b.param(slice(ty, false));
    let y = b.param(slice(ty, true));
    let (start, end) = (b.int(ScalarTy::Usize, 0), b.len(y));
    b.for_range(start, end, |b, i| {
        let call = |b: &mut Builder, intrinsic, arg| {
            let call = ExprKind::Call {
                intrinsic,
                args: vec![arg],
                site: None,
            };
            b.expr(call, ty)
        };
        let [first, second] = [(); 2].map(|()| {
            let at = b.get(i);
            b.get_element(x, at)
        });
        let (sin, cos) = (
            call(b, Intrinsic::Sin, first),
            call(b, Intrinsic::Cos, second),
        );
        let product = b.binary(BinaryOp::Mul, sin, cos);
        let exp = call(b, Intrinsic::Exp, product);
        let value = call(b, Intrinsic::Tanh, exp);
        let at = b.get(i);
        b.set_element(y, at, value);
    });
    b.finish()
}

/// A chain of polynomials is one vector loop, with the widest vectors, that calls nothing but what it needs for large arguments of `sin` and `cos`.
#[test]
fn chains_of_polynomials_use_the_widest_vectors() {
    let target = crate::cpu::target(crate::cpu::CpuLevel::Native);
    if !target.fma {
        return;
    }
    for (ty, name) in [(ScalarTy::F32, "float"), (ScalarTy::F64, "double")] {
        let observed = CompileRequest {
            observe: true,
            ..CompileRequest::default()
        };
        assert!(compile(&alone(&chain(ty)), &observed).is_ok());
        let text = optimized(&alone(&chain(ty)));
        let vector = format!("<{} x {name}>", target.vector_bits / ty.bits());
        assert!(text.contains(&format!("store {vector}")), "{text}");
        let calls = text.lines().filter(|line| line.contains(" call "));
        for line in calls.filter(|line| !line.contains("@llvm.")) {
            assert!(
                ["@hotloop_lanes_", "@sin", "@cos"]
                    .iter()
                    .any(|name| line.contains(name)),
                "{line}"
            );
        }
        assert!(text.contains("@hotloop_lanes_sin"), "{text}");
    }
}

/// The functions that the platform's library computes: called at each width, and no further from libm than both may be off.
#[test]
fn platform_functions_are_close_to_libm() {
    fn check<T: Sweep>(intrinsic: Intrinsic, of: fn(f64, f64) -> f64) {
        let program = alone(&elementwise(intrinsic, T::SCALAR, FastMath::ALGEBRAIC));
        let mut x: Vec<T> = (0..4000)
            .map(|i| T::of(f64::from(i) * 0.0037 - 7.0))
            .collect();
        let mut z: Vec<T> = (0..4000)
            .map(|i| T::of(3.0 - f64::from(i) * 0.0011))
            .collect();
        for bits in [0, 128, 256, 512] {
            let loaded = Loaded::with_width(&program, Some(bits));
            let mut got = vec![T::of(0.0); x.len()];
            call_elementwise(&loaded, &mut x, &mut z, &mut got);
            for (i, &got) in got.iter().enumerate() {
                let exact = of(x[i].wide(), z[i].wide());
                let error = ulps(got, exact.into());
                assert!(
                    error <= 5.0,
                    "{intrinsic:?} {} {bits}: {:?} {:?} {got:?} {exact}",
                    T::NAME,
                    x[i],
                    z[i]
                );
            }
        }
    }
    type Exact = fn(f64, f64) -> f64;
    let cases: [(Intrinsic, Exact); 9] = [
        (Intrinsic::Asin, |x, _| x.asin()),
        (Intrinsic::Acos, |x, _| x.acos()),
        (Intrinsic::Atan, |x, _| x.atan()),
        (Intrinsic::Atan2, f64::atan2),
        (Intrinsic::Asinh, |x, _| x.asinh()),
        // std's own formulas lose more than the library does.
        (Intrinsic::Acosh, |x, _| {
            let above = x - 1.0;
            (above + (above * (above + 2.0)).sqrt()).ln_1p()
        }),
        (Intrinsic::Atanh, |x, _| {
            let size = (2.0 * x.abs() / (1.0 - x.abs())).ln_1p() / 2.0;
            size.copysign(x)
        }),
        (Intrinsic::Cbrt, |x, _| x.cbrt()),
        (Intrinsic::Hypot, f64::hypot),
    ];
    for (intrinsic, of) in cases {
        check::<f32>(intrinsic, of);
        check::<f64>(intrinsic, of);
    }
}

/// `for i in 0..x.len() { sum += x[i].exp() }`, as in a softmax.
#[test]
fn sums_of_exponentials_are_vectorized() {
    let mut b = Builder::new("sum", Ty::Scalar(ScalarTy::F64));
    b.func.fastmath = FastMath::ALGEBRAIC;
    let x = b.param(slice(ScalarTy::F64, false));
    let sum = b.local(ScalarTy::F64);
    let zero = b.f64(0.0);
    b.set(sum, zero);
    let (start, end) = (b.int(ScalarTy::Usize, 0), b.len(x));
    b.for_range(start, end, |b, i| {
        let at = b.get(i);
        let args = vec![b.get_element(x, at)];
        let call = ExprKind::Call {
            intrinsic: Intrinsic::Exp,
            args,
            site: None,
        };
        let (before, term) = (b.get(sum), b.expr(call, ScalarTy::F64));
        let value = b.binary(BinaryOp::Add, before, term);
        b.set(sum, value);
    });
    let value = b.get(sum);
    b.ret(value);
    let func = b.finish();
    let text = optimized(&alone(&func));
    let vector = format!(
        "<{} x double>",
        crate::cpu::target(crate::cpu::CpuLevel::Native).vector_bits / 64
    );
    assert!(
        text.contains(&format!("@llvm.vector.reduce.fadd.v{}", &vector[1..2])),
        "{text}"
    );
    let mut x: Vec<f64> = (0..1003).map(|i| f64::from(i) * 0.01 - 8.0).collect();
    let exact: f64 = x.iter().map(|x| x.exp()).sum();
    let outcome = Loaded::new(&func).call(&[slice_arg(&mut x)]);
    let PackedOutcome::Returned(bits) = outcome else {
        panic!("{outcome:?}");
    };
    let got = f64::from_bits(bits[0] as u64);
    assert!((got / exact - 1.0).abs() < 1e-14, "{got} {exact}");
}
