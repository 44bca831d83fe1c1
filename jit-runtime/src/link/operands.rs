//! How calls find jitted operators: by the types of both operands, as rustc finds the `impl`.
//!
//! A method's twin is a method of the same type, but `impl Mul<V> for f64` has a type that is not the user's, and `impl Mul<f64> for V` stands
//! beside `impl Mul<V> for V`. So an operator has an `impl` of a trait instead, with the parameters of the user's: what is coherent there is coherent
//! here.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign,
    Mul, MulAssign, Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

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

impl<Op, Lhs, Rhs> Clone for Operands<Op, Lhs, Rhs> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Op, Lhs, Rhs> Copy for Operands<Op, Lhs, Rhs> {}

/// Operands of the types of these values, for which their `call` is run. `witness` is not.
pub fn operands_of<Op, Lhs, Rhs>(_witness: impl FnOnce() -> (Lhs, Rhs)) -> Operands<Op, Lhs, Rhs> {
    Operands(PhantomData, PhantomData)
}

/// The result of an operator that rustc does not know.
#[derive(Debug)]
pub struct Unhosted;

/// What rustc finds where the operands have no such operator.
pub trait AnyHost<Lhs, Rhs>: Sized {
    /// Nothing that could be called.
    fn call(&self, _operands: (Lhs, Rhs)) -> Unhosted {
        Unhosted
    }
}

impl<Op, Lhs, Rhs> AnyHost<Lhs, Rhs> for Operands<Op, Lhs, Rhs> {}

// The operators that are not jitted, derived ones for instance, which compiled code calls. They may ask for the place of their caller, which is the user's
// operator.

macro_rules! arithmetic {
    ($($name:ident $Trait:ident)*) => { $(
        impl<Lhs: $Trait<Rhs>, Rhs> Operands<operators::$name, Lhs, Rhs> {
            /// The operator.
            #[track_caller]
            pub fn call(&self, (lhs, rhs): (Lhs, Rhs)) -> Lhs::Output {
                lhs.$name(rhs)
            }
        }
    )* };
}
arithmetic! { add Add sub Sub mul Mul div Div rem Rem bitand BitAnd bitor BitOr bitxor BitXor shl Shl shr Shr }

macro_rules! unary {
    ($($name:ident $Trait:ident)*) => { $(
        impl<Lhs: $Trait> Operands<operators::$name, Lhs, ()> {
            /// The operator.
            #[track_caller]
            pub fn call(&self, (lhs,): (Lhs,)) -> Lhs::Output {
                lhs.$name()
            }
        }
    )* };
}
unary! { neg Neg not Not }

macro_rules! assigning {
    ($($name:ident $Trait:ident)*) => { $(
        impl<Lhs: $Trait<Rhs>, Rhs> Operands<operators::$name, Lhs, Rhs> {
            /// The operator.
            #[track_caller]
            pub fn call(&self, (lhs, rhs): (&mut Lhs, Rhs)) {
                lhs.$name(rhs);
            }
        }
    )* };
}
assigning! {
    add_assign AddAssign sub_assign SubAssign mul_assign MulAssign div_assign DivAssign rem_assign RemAssign
    bitand_assign BitAndAssign bitor_assign BitOrAssign bitxor_assign BitXorAssign shl_assign ShlAssign shr_assign ShrAssign
}

macro_rules! comparisons {
    ($($name:ident $Trait:ident)*) => { $(
        impl<Lhs: $Trait<Rhs>, Rhs> Operands<operators::$name, Lhs, Rhs> {
            /// The operator. It is given copies, as which they are not dropped.
            #[track_caller]
            pub fn call(&self, (lhs, rhs): (Lhs, Rhs)) -> bool {
                ManuallyDrop::new(lhs).$name(&*ManuallyDrop::new(rhs))
            }
        }
    )* };
}
comparisons! { eq PartialEq ne PartialEq lt PartialOrd le PartialOrd gt PartialOrd ge PartialOrd }

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
    ne lt le gt ge
}
