//! Which methods rustc takes before a jitted one of the same name.
//!
//! rustc looks at the receiver's type first by value, then by `&`, then by `&mut`, and then does the same with what it leads to; so a method that
//! takes `self` comes before a type's own one that takes `&self`. What a twin says of a jitted method does not show that. The expansion
//! therefore calls a method of a trait of its own that stands at one of the earlier places: rustc finds it ambiguous if there is another one. That may be
//! asked only where the jitted method is at a later place, so the receiver of the question is the user's or, where it is not, a type that
//! has nothing but this method: [`asked`] tells by what the jitted method takes.

use std::marker::PhantomData;

use super::deps::{TraitTwin, any};

/// A type with a jitted method of its own; `NAME` is the hash of the method's name.
pub trait OwnMethod<const NAME: u128> {
    /// What the method takes.
    type Takes;
}

/// `self`.
#[derive(Debug)]
pub struct TakesSelf;

/// `self`, of a trait; whether references have it, too, is known (`Jitted::for_references`).
#[derive(Debug)]
pub struct TakesSelfKnown;

/// `&self`.
#[derive(Debug)]
pub struct TakesRef;

/// `&mut self`.
#[derive(Debug)]
pub struct TakesMut;

/// What a method takes is among these.
pub trait Among<Set> {}

macro_rules! sets {
    ($($(#[$doc:meta])* $set:ident = $($takes:ident)*;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $set;
        $(impl Among<$set> for $takes {})*
    )* };
}
sets! {
    /// All.
    AnyTakes = TakesSelf TakesRef TakesMut;
    /// What comes after the value.
    AfterValue = TakesRef TakesMut;
    /// What comes after the shared reference.
    AfterRef = TakesMut;
    /// What a mutable reference comes before.
    AfterMutRef = TakesSelf TakesRef;
    /// `self`.
    OnlySelf = TakesSelf;
    /// `&self`.
    OnlyRef = TakesRef;
}

/// A question about a method of `V`: the receiver is an `R` if the jitted method takes what is in `Set`, else an `N`.
#[allow(clippy::type_complexity)]
#[derive(Debug)]
pub struct Asked<const NAME: u128, Set, V, R, N>(PhantomData<fn() -> (Set, V, R, N)>);

/// The question. The closures never run.
pub fn asked<const NAME: u128, Set, V, R, N>(
    _of: impl FnOnce() -> V,
    _receiver: impl FnOnce(V) -> R,
    _otherwise: impl FnOnce() -> N,
) -> Asked<NAME, Set, V, R, N> {
    Asked(PhantomData)
}

/// The receiver where the type has the jitted method itself. rustc takes the first of the three traits that fits.
pub trait ReceiverOfOwn<R> {
    /// The receiver, for an expression that is never run.
    fn __hotloop_receiver(&self) -> R;
}

impl<const NAME: u128, Set, V: OwnMethod<NAME, Takes: Among<Set>>, R, N> ReceiverOfOwn<R>
    for &&Asked<NAME, Set, V, R, N>
{
    fn __hotloop_receiver(&self) -> R {
        any()
    }
}

/// The receiver where the type has the jitted method from a trait.
pub trait ReceiverOfTrait<R, M> {
    /// The receiver, for an expression that is never run.
    fn __hotloop_receiver(&self) -> R;
}

impl<const NAME: u128, Set, V: TraitTwin<NAME, M, Takes: Among<Set>>, R, N, M> ReceiverOfTrait<R, M>
    for &Asked<NAME, Set, V, R, N>
{
    fn __hotloop_receiver(&self) -> R {
        any()
    }
}

/// The receiver where nothing is asked.
pub trait ReceiverOfNone<N> {
    /// The receiver, for an expression that is never run.
    fn __hotloop_receiver(&self) -> N;
}

impl<const NAME: u128, Set, V, R, N> ReceiverOfNone<N> for Asked<NAME, Set, V, R, N> {
    fn __hotloop_receiver(&self) -> N {
        any()
    }
}
