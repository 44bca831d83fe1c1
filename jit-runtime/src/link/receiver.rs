//! Receivers of methods that are not jitted.
//!
//! A method takes `self`, `&self` or `&mut self`, and a call does not show which. So the trampoline is given a pointer, and `(*pointer).method()`
//! is each of the three where the type is `Copy`. Where it is not, `self` would be moved out of what the pointer leads to: there rustc checks
//! the call with a box, out of which a value can be moved, and the description says that the receiver does not pass.

use std::cell::Cell;

use hotloop_ir::instance::TypeInfo;

use super::deps::any;
use super::outside::{Passed, identified};
use crate::types::JitType;

/// The receiver of a call.
#[allow(missing_debug_implementations, reason = "it is in the expansion only")]
pub struct Receiver<'a, T>(Cell<Option<&'a mut T>>);

impl<'a, T> Receiver<'a, T> {
    /// The receiver that a pointer leads to.
    pub fn new(receiver: &'a mut T) -> Self {
        Receiver(Cell::new(Some(receiver)))
    }
}

/// Receivers that can be copied.
pub trait ByCopy<'a, T> {
    /// Where the receiver is.
    fn place(&self) -> &'a mut T;

    /// What the method returned.
    fn give<R>(&self, result: R) -> R {
        result
    }
}

/// All receivers.
pub trait ByMove<T> {
    /// A place from which the receiver could be moved. There is none: this is for rustc to check.
    fn place(&self) -> Box<T>;

    /// Nothing of what the method returned: it may be a part of the receiver.
    fn give<R>(&self, _result: R) {}
}

impl<'a, T: Copy> ByCopy<'a, T> for Receiver<'a, T> {
    fn place(&self) -> &'a mut T {
        match self.0.take() {
            Some(place) => place,
            None => any(),
        }
    }
}

impl<T> ByMove<T> for &Receiver<'_, T> {
    fn place(&self) -> Box<T> {
        any()
    }
}

/// Receivers that pass. Of the three traits rustc takes the first that fits, where the method is called on `&&Passed`.
pub trait PassedReceiver {
    /// The type.
    fn receiver_type(&self) -> TypeInfo;
}

impl<'a, T: JitType + Copy> PassedReceiver for &Passed<&'a mut T>
where
    &'a mut T: JitType,
{
    fn receiver_type(&self) -> TypeInfo {
        <&mut T>::describe()
    }
}

/// Receivers that pass if they are numbers: a type parameter.
pub trait CopiedReceiver {
    /// The type.
    fn receiver_type(&self) -> TypeInfo;
}

impl<T: Copy> CopiedReceiver for &&Passed<&mut T> {
    fn receiver_type(&self) -> TypeInfo {
        identified::<&mut T>()
    }
}

/// Receivers that do not.
pub trait OtherReceiver {
    /// The type.
    fn receiver_type(&self) -> TypeInfo;
}

impl<T> OtherReceiver for Passed<T> {
    fn receiver_type(&self) -> TypeInfo {
        TypeInfo::Unknown(std::any::type_name::<T>().to_owned())
    }
}
