//! How calls find jitted operators: by the types of both operands, as rustc finds the `impl`.
//!
//! A method's twin is a method of the same type, but `impl Mul<V> for f64` has a type that is not the user's, and `impl Mul<f64> for V` stands
//! beside `impl Mul<V> for V`. So an operator has an `impl` of a trait instead, with the parameters of the user's: what is coherent there is coherent
//! here.

use std::marker::PhantomData;

use super::any;
use super::deps::{Deps, Marker};
use crate::replay::TrapInfo;

/// The method `Op` of an operator's trait, for a `Self` on the left and an `Rhs` on the right (`()` if there is none), is jitted. The expansion
/// implements it beside the user's `impl`.
pub trait Operator<Op, Rhs> {
    /// The instance's marker.
    type Twin: Marker;
    /// The dispatcher.
    type Table: 'static;

    /// The static that calls go through.
    fn table() -> &'static Self::Table;

    /// What the names in its body mean.
    fn deps(deps: &mut Deps);

    /// Panics as the body does.
    fn replay(trap: &TrapInfo) -> !;
}

/// The types of operands.
#[derive(Debug)]
pub struct Operands<Op, Lhs, Rhs>(PhantomData<fn() -> Op>, PhantomData<fn() -> (Lhs, Rhs)>);

/// Operands of the types of these values. It is never run.
pub fn operands<Op, Lhs, Rhs>(_lhs: Lhs, _rhs: Rhs) -> Operands<Op, Lhs, Rhs> {
    any()
}

impl<Op, Lhs: Operator<Op, Rhs>, Rhs> Operands<Op, Lhs, Rhs> {
    /// The marker of the operator, which is jitted.
    pub fn twin<M>(self, _otherwise: impl FnOnce() -> M) -> Lhs::Twin {
        any()
    }
}

/// What rustc finds where there is no such operator.
pub trait AnyOperands: Sized {
    /// The marker that is found in another way.
    fn twin<M>(self, _otherwise: impl FnOnce() -> M) -> M {
        any()
    }
}

impl<Op, Lhs, Rhs> AnyOperands for Operands<Op, Lhs, Rhs> {}

macro_rules! methods {
    ($($name:ident)*) => {
        /// The methods of operators' traits, as types.
        #[allow(non_camel_case_types)]
        pub mod operators {
            $(
                /// The method of this name.
                #[derive(Debug)]
                pub enum $name {}
            )*
        }
    };
}
methods! {
    add sub mul div rem bitand bitor bitxor shl shr neg not
    add_assign sub_assign mul_assign div_assign rem_assign bitand_assign bitor_assign bitxor_assign shl_assign shr_assign
    index index_mut eq partial_cmp
}
