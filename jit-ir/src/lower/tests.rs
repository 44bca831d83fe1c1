//! What is unknown agrees with everything, and is told to rustc as far as it is known.

use super::externs::Witness;
use super::infer::{ITy, Inference, Unknown};
use crate::hir::Span;
use crate::ty::ScalarTy;

const F32: ITy = ITy::Scalar(ScalarTy::F32);

#[test]
fn unknown_types_agree_with_everything() {
    let mut infer = Inference::default();
    let unknown = infer.unknown(Unknown::Const(Span(7)));
    let (literal, open) = (infer.fresh_float(), infer.fresh());
    for ty in [&F32, &ITy::BOOL, &literal, &open, &ITy::Tuple(vec![F32])] {
        infer.unify(&unknown, ty).expect("agrees");
        infer.unify(ty, &unknown).expect("agrees");
    }
    // What a variable had to agree with is not decided by a default.
    assert!(infer.solve(|_| {}).is_empty());
    assert!(infer.has_unknown(&literal) && infer.has_unknown(&open));
    assert_eq!(infer.resolve(&literal), None);
    let field = infer.unknown(Unknown::Field(open, "x".to_owned()));
    let witness = Witness::Field(Box::new(Witness::Const(7)), "x".to_owned());
    assert_eq!(infer.witness(&field, 3), witness);
    let cut = Witness::Field(Box::new(Witness::Unknown), "x".to_owned());
    assert_eq!(infer.witness(&field, 1), cut);
}

#[test]
fn what_rustc_is_asked_about_gets_no_default() {
    let mut infer = Inference::default();
    let (asked, kept, late) = (
        infer.fresh_integer(),
        infer.fresh_integer(),
        infer.fresh_float(),
    );
    infer.unify(&late, &F32).expect("a float");
    let mut witnesses = Vec::new();
    infer.solve(|infer| {
        witnesses.extend([&asked, &late].map(|ty| infer.witness(ty, 9)));
    });
    assert_eq!(witnesses, [Witness::Int, Witness::Scalar(ScalarTy::F32)]);
    assert!(infer.has_unknown(&asked));
    assert_eq!(infer.shallow(&kept), ITy::Scalar(ScalarTy::I32));
}

#[test]
fn bound_type_parameters_are_their_types() {
    let mut infer = Inference::default();
    infer.bound = vec![Some(ScalarTy::F32), None];
    infer.unify(&ITy::Param(0), &F32).expect("bound");
    infer.unify(&F32, &ITy::Param(0)).expect("bound");
    infer
        .unify(&ITy::Param(0), &ITy::BOOL)
        .expect_err("another");
    infer.unify(&ITy::Param(1), &F32).expect_err("not bound");
}
