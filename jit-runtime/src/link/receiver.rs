//! Receivers of methods that are not jitted.
//!
//! A method takes `self`, `&self` or `&mut self`, and a call does not show which. So the trampoline is given the address of the receiver itself, of
//! no copy, since a method may keep what it borrows (`&'static self`), and `(*address).method()` is each of the three where the type is `Copy`:
//! rustc borrows as the method asks, and only so. Where it is not, `self` would be moved out of what the address leads to: there rustc checks
//! the call with a box, out of which a value can be moved, and the description says that the receiver does not pass.

use hotloop_ir::instance::TypeInfo;

use super::deps::any;
use super::outside::{Passed, identified};
use crate::types::JitType;

/// The address of a receiver, which the method may borrow as it likes: for a shared receiver no `&mut` is made.
#[repr(transparent)]
#[derive(Debug)]
pub struct Address<T>(*mut T);

/// The address of a value, for an expression that is typed and never run.
pub fn address_of<T>(_value: T) -> Address<T> {
    any()
}

/// The receiver of a call.
#[allow(missing_debug_implementations, reason = "it is in the expansion only")]
pub struct Receiver<T>(Address<T>);

impl<T> Receiver<T> {
    /// The receiver at an address.
    pub fn new(receiver: Address<T>) -> Self {
        Receiver(receiver)
    }
}

/// Receivers that can be copied.
pub trait ByCopy<T> {
    /// Where the receiver is.
    fn place(&self) -> *mut T;

    /// The receiver, for an expression that is typed and never run.
    fn held<'a>(&self) -> &'a mut T {
        any()
    }

    /// What the method returned.
    fn give<R>(&self, result: R) -> R {
        result
    }
}

/// All receivers.
pub trait ByMove<T> {
    /// A place from which the receiver could be moved. There is none: this is for rustc to check.
    fn place(&self) -> Box<T>;

    /// As `place`.
    fn held(&self) -> Box<T> {
        any()
    }

    /// Nothing of what the method returned: it may be a part of the receiver.
    fn give<R>(&self, _result: R) {}
}

impl<T: Copy> ByCopy<T> for Receiver<T> {
    fn place(&self) -> *mut T {
        self.0.0
    }
}

impl<T> ByMove<T> for &Receiver<T> {
    fn place(&self) -> Box<T> {
        any()
    }
}

/// Calls a method of a receiver.
#[doc(hidden)]
#[macro_export]
macro_rules! __of_receiver {
    ([$($by:tt)*] $receiver:ident $($call:tt)*) => {{
        // That rustc borrows as the method asks is the point.
        #[allow(dangerous_implicit_autorefs, unreachable_code, clippy::all)]
        // SAFETY: only the expansion uses this macro, in a trampoline that compiled code gives the address of the receiver of this very call: a
        // value of the type that the description says, which is alive as long as rustc's body would have it alive, and which is borrowed as
        // rustc's body would borrow it. Rust has seen that body, so the borrow is allowed there, and nothing else of the arguments conflicts with
        // it. A receiver without an address is a box.
        let returned = unsafe { ($($by)* *(&$receiver).place())$($call)* };
        returned
    }};
}

/// Receivers that pass. Of the three traits rustc takes the first that fits, where the method is called on `&&Passed`.
pub trait PassedReceiver {
    /// The type.
    fn receiver_type(&self) -> TypeInfo;
}

impl<T: JitType + Copy> PassedReceiver for &Passed<Address<T>> {
    fn receiver_type(&self) -> TypeInfo {
        crate::types::describe_ref(T::describe, true)
    }
}

/// Receivers that pass if they are numbers: a type parameter.
pub trait CopiedReceiver {
    /// The type.
    fn receiver_type(&self) -> TypeInfo;
}

impl<T: Copy> CopiedReceiver for &&Passed<Address<T>> {
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
