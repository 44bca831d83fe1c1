//! Small kernels: arithmetic, loops, indices, traps.

use hotloop_ir::{BinaryOp, FastMath, Function, ScalarTy, Ty};

use super::build::{Builder, slice, status};
use super::{Loaded, alone, emitted, slice_arg};
use crate::codegen::packed::{PackedArg, PackedOutcome};

fn returned(bits: u128) -> PackedOutcome {
    PackedOutcome::Returned(vec![bits])
}

/// `for i in 0..a.len() { acc += a[i] * b[i] } acc`
pub(crate) fn dot(fastmath: FastMath) -> Function {
    let mut b = Builder::new("dot", ScalarTy::F64.into());
    b.func.fastmath = fastmath;
    let x = b.param(slice(ScalarTy::F64, false));
    let y = b.param(slice(ScalarTy::F64, false));
    let acc = b.local(ScalarTy::F64);
    let zero = b.f64(0.0);
    b.set(acc, zero);
    let (start, end) = (b.int(ScalarTy::Usize, 0), b.len(x));
    b.for_range(start, end, |b, i| {
        let (at_x, at_y) = (b.get(i), b.get(i));
        let (lhs, rhs) = (b.get_element(x, at_x), b.get_element(y, at_y));
        let product = b.binary(BinaryOp::Mul, lhs, rhs);
        let old = b.get(acc);
        let sum = b.binary(BinaryOp::Add, old, product);
        b.set(acc, sum);
    });
    let result = b.get(acc);
    b.ret(result);
    b.finish()
}

#[test]
fn dot_returns_the_sum_or_traps_with_index_and_length() {
    dot_works();
}

pub(super) fn dot_works() {
    let dot = Loaded::new(&dot(FastMath::STRICT));
    let (mut x, mut y) = (vec![1.5, 2.0, -3.0], vec![2.0, 0.5, 1.0]);
    let args = [slice_arg(&mut x), slice_arg(&mut y)];
    assert_eq!(dot.call(&args), returned(1.0_f64.to_bits().into()));
    let args = [slice_arg(&mut x), slice_arg(&mut y[..2])];
    let PackedOutcome::Trapped(at, payload) = dot.call(&args) else {
        panic!("index 2 is outside");
    };
    assert_eq!((at, &payload.operands[..2]), (status(1), &[2, 2][..]));
}

#[test]
fn checked_addition_traps_with_both_operands() {
    let mut b = Builder::new("add", ScalarTy::I8.into());
    let (x, y) = (b.param(ScalarTy::I8), b.param(ScalarTy::I8));
    let (lhs, rhs) = (b.get(x), b.get(y));
    let sum = b.binary(BinaryOp::Add, lhs, rhs);
    b.ret(sum);
    let add = Loaded::new(&b.finish());
    let call = |x: i8, y: i8| {
        add.call(&[
            PackedArg::Scalar((x as u8).into()),
            PackedArg::Scalar((y as u8).into()),
        ])
    };
    assert_eq!(call(100, 27), returned(127));
    assert_eq!(call(-100, 27), returned((-73_i8 as u8).into()));
    let PackedOutcome::Trapped(at, payload) = call(-100, -100) else {
        panic!("-200 is no `i8`");
    };
    assert_eq!(
        (at, &payload.operands[..3]),
        (status(0), &[156, 156, 0][..])
    );
}

#[test]
fn counted_loops_end_at_the_ends_of_the_type() {
    for (start, end, step, inclusive, reversed) in [
        (0, 255, 1, true, false),
        (0, 255, 1, true, true),
        (0, 255, 1, false, true),
        (3, 250, 7, false, false),
        (3, 250, 7, true, true),
        (3, 250, 100, true, false),
        (9, 9, 1, true, true),
        (9, 9, 5, false, true),
        (10, 9, 1, true, false),
        (10, 9, 3, false, true),
        (0, 255, 1 << 40, true, true),
    ] {
        let mut b = Builder::new("trips", Ty::Tuple(vec![ScalarTy::U64.into(); 2]));
        let (from, to) = (b.param(ScalarTy::U8), b.param(ScalarTy::U8));
        let (count, digest) = (b.local(ScalarTy::U64), b.local(ScalarTy::U64));
        for local in [count, digest] {
            let zero = b.int(ScalarTy::U64, 0);
            b.set(local, zero);
        }
        let (from, to) = (b.get(from), b.get(to));
        let step_expr = b.int(ScalarTy::Usize, step);
        b.for_loop(from, to, step_expr, (inclusive, reversed), |b, i| {
            let (old, one) = (b.get(count), b.int(ScalarTy::U64, 1));
            let next = b.binary(BinaryOp::Add, old, one);
            b.set(count, next);
            let (old, factor) = (b.get(digest), b.int(ScalarTy::U64, 31));
            let scaled = b.binary_with(BinaryOp::Mul, old, factor, false);
            let i = b.get(i);
            let i = b.expr(hotloop_ir::ExprKind::Cast { operand: i }, ScalarTy::U64);
            let next = b.binary_with(BinaryOp::Add, scaled, i, false);
            b.set(digest, next);
        });
        let parts = vec![b.get(count), b.get(digest)];
        let pair = Ty::Tuple(vec![ScalarTy::U64.into(); 2]);
        let pair = b.expr(hotloop_ir::ExprKind::Tuple(parts), pair);
        b.ret(pair);

        let last = if inclusive { end } else { end - 1 };
        let mut values: Vec<u64> = (start..=last).step_by(step as usize).collect();
        if reversed {
            values.reverse();
        }
        let digest = values
            .iter()
            .fold(0_u64, |digest, &i| digest.wrapping_mul(31).wrapping_add(i));
        let args = [
            PackedArg::Scalar(start.into()),
            PackedArg::Scalar(end.into()),
        ];
        let expected = PackedOutcome::Returned(vec![values.len() as u128, digest.into()]);
        let outcome = Loaded::new(&b.finish()).call(&args);
        assert_eq!(
            outcome, expected,
            "{start}..{end} {step} {inclusive} {reversed}"
        );
    }
}

/// `for i in 0..y.len() { y[i] = y[i] + a * x[i] }`
pub(crate) fn axpy() -> Function {
    let mut b = Builder::new("axpy", Ty::Unit);
    let a = b.param(ScalarTy::F64);
    let x = b.param(slice(ScalarTy::F64, false));
    let y = b.param(slice(ScalarTy::F64, true));
    let (start, end) = (b.int(ScalarTy::Usize, 0), b.len(x));
    b.for_range(start, end, |b, i| {
        let at = b.get(i);
        let old = b.get_element(y, at);
        let (a, at) = (b.get(a), b.get(i));
        let x = b.get_element(x, at);
        let product = b.binary(BinaryOp::Mul, a, x);
        let sum = b.binary(BinaryOp::Add, old, product);
        let at = b.get(i);
        b.set_element(y, at, sum);
    });
    b.finish()
}

/// `for i in 1..rows - 1 { for j in 1..cols - 1 { out[i * cols + j] = 0.25 * (..four neighbours..) } }`
pub(crate) fn stencil(checked: bool) -> Function {
    let mut b = Builder::new("stencil", Ty::Unit);
    let rows = b.param(ScalarTy::Usize);
    let cols = b.param(ScalarTy::Usize);
    let a = b.param(slice(ScalarTy::F64, false));
    let out = b.param(slice(ScalarTy::F64, true));
    let minus_one = |b: &mut Builder, local| {
        let (value, one) = (b.get(local), b.int(ScalarTy::Usize, 1));
        b.binary_with(BinaryOp::Sub, value, one, checked)
    };
    let (start, end) = (b.int(ScalarTy::Usize, 1), minus_one(&mut b, rows));
    b.for_range(start, end, |b, i| {
        let (start, end) = (b.int(ScalarTy::Usize, 1), minus_one(b, cols));
        b.for_range(start, end, |b, j| {
            // `a[(i + di) * cols + j + dj]`
            let at = |b: &mut Builder, di: i128, dj: i128| {
                let shift = |b: &mut Builder, value, by: i128| match by {
                    0 => value,
                    1 => {
                        let one = b.int(ScalarTy::Usize, 1);
                        b.binary_with(BinaryOp::Add, value, one, checked)
                    }
                    _ => {
                        let one = b.int(ScalarTy::Usize, 1);
                        b.binary_with(BinaryOp::Sub, value, one, checked)
                    }
                };
                let row = b.get(i);
                let row = shift(b, row, di);
                let cols = b.get(cols);
                let row = b.binary_with(BinaryOp::Mul, row, cols, checked);
                let j = b.get(j);
                let sum = b.binary_with(BinaryOp::Add, row, j, checked);
                shift(b, sum, dj)
            };
            let mut sum = None;
            for (di, dj) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                let index = at(b, di, dj);
                let value = b.get_element(a, index);
                sum = Some(match sum {
                    None => value,
                    Some(sum) => b.binary(BinaryOp::Add, sum, value),
                });
            }
            let quarter = b.f64(0.25);
            let value = b.binary(BinaryOp::Mul, quarter, sum.expect("four were added"));
            let index = at(b, 0, 0);
            b.set_element(out, index, value);
        });
    });
    b.finish()
}

fn optimized(func: &Function) -> String {
    super::optimized(&alone(func))
}

/// Whether some line has all of these.
fn has_line(text: &str, parts: &[&str]) -> bool {
    text.lines()
        .any(|line| parts.iter().all(|part| line.contains(part)))
}

#[test]
fn a_strict_sum_is_not_regrouped() {
    let text = optimized(&dot(FastMath::STRICT));
    assert!(!has_line(&text, &["fadd", "x double>"]), "{text}");
    assert!(!text.contains("reassoc") && !text.contains("contract"));
}

#[test]
fn fastmath_sums_in_vectors() {
    let text = optimized(&dot(FastMath::ALGEBRAIC));
    let accumulators = text
        .lines()
        .filter(|line| line.contains("fadd reassoc") && line.contains("x double>"))
        .filter(|line| !line.contains("rdx"))
        .count();
    assert!(accumulators >= 2, "{text}");
}

/// Although indices are checked: LLVM leaves the last iterations, which may trap, to the loop with the checks.
#[test]
fn strict_stores_are_vectorized_under_checks() {
    for func in [axpy(), stencil(false)] {
        let text = optimized(&func);
        assert!(has_line(&text, &["store <", "x double>"]), "{text}");
    }
}

/// `for i in 0..y.len()`, stepped or from the back, needs no checks of `y[i]`, and is vectorized.
#[test]
fn checks_against_the_end_of_the_loop_vanish() {
    for (step, reversed) in [(1, false), (1, true), (2, false), (2, true), (5, false)] {
        let mut b = Builder::new("scale", Ty::Unit);
        let y = b.param(slice(ScalarTy::F64, true));
        let (start, end) = (b.int(ScalarTy::Usize, 0), b.len(y));
        let step_expr = b.int(ScalarTy::Usize, step);
        b.for_loop(start, end, step_expr, (false, reversed), |b, i| {
            let at = b.get(i);
            let (value, factor) = (b.get_element(y, at), b.f64(1.5));
            let value = b.binary(BinaryOp::Mul, value, factor);
            let at = b.get(i);
            b.set_element(y, at, value);
        });
        let text = optimized(&b.finish());
        assert!(!text.contains("store i128"), "{step} {reversed}: {text}");
        assert!(
            has_line(&text, &["fmul <"]) || step > 2,
            "{step} {reversed}"
        );
    }
}

/// The checks of the stencil's one store, those of overflow included, are one branch; behind it the statement has none.
#[test]
fn a_statement_has_one_branch_for_its_checks() {
    for checked in [false, true] {
        let text = emitted(&alone(&stencil(checked)));
        assert_eq!(
            text.matches("label %failing, label %checked").count(),
            1,
            "{text}"
        );
        let (_, behind) = text.split_once("\nchecked:").expect("there is a guard");
        let statement = behind.split("\n\n").next().unwrap_or_default();
        assert!(statement.contains("store double"), "{statement}");
        assert!(!statement.contains("br i1"), "{statement}");
    }
}
