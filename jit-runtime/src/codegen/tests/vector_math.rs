//! Approximated library functions: how far off they are at each width, and that loops with them are vectorized.

use hotloop_ir::{ExprKind, FastMath, Function, Intrinsic, ScalarTy, Ty};

use super::build::{Builder, slice};
use super::{alone, optimized};
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
