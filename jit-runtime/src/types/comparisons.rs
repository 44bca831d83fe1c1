//! How the values of an enum without fields compare: as their integers, which compiled code compares, or as the user wrote it.
//!
//! A derive cannot see whether the traits are derived, too. There are few values, so all pairs are compared.

use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Of how many variants all pairs are compared. Of more than these, nothing is known.
const MAX_VARIANTS: usize = 128;

/// A value of an enum without fields, with its discriminant.
pub type EnumValue<T> = (fn() -> T, i128);

/// The values of an enum without fields, and how to get a value's discriminant.
#[derive(Debug)]
pub struct EnumValues<'a, T>(pub &'a [EnumValue<T>], pub fn(T) -> i128);

impl<T> EnumValues<'_, T> {
    /// Whether it holds for all pairs. What panics does not.
    fn holds(&self, test: impl Fn(fn() -> T, fn() -> T, Ordering) -> bool) -> bool {
        let all = || {
            (self.0.iter())
                .all(|(a, left)| (self.0.iter()).all(|(b, right)| test(*a, *b, left.cmp(right))))
        };
        self.0.len() <= MAX_VARIANTS && catch_unwind(AssertUnwindSafe(all)).unwrap_or(false)
    }
}

impl<T: PartialEq> EnumValues<'_, T> {
    /// Whether the values are equal where the discriminants are.
    pub fn equality(&self) -> bool {
        self.holds(|a, b, order| (a() == b()) == order.is_eq() && (a() != b()) == order.is_ne())
    }
}

/// [`EnumValues::equality`] of values that cannot be compared.
pub trait NoEquality {
    /// Nobody can tell otherwise.
    fn equality(&self) -> bool {
        true
    }
}

impl<T> NoEquality for EnumValues<'_, T> {}

impl<T: PartialOrd> EnumValues<'_, T> {
    /// Whether the operators order the values as their discriminants.
    pub fn partial_order(&self) -> bool {
        self.holds(|a, b, order| {
            a().partial_cmp(&b()) == Some(order)
                && (a() < b()) == order.is_lt()
                && (a() <= b()) == order.is_le()
                && (a() > b()) == order.is_gt()
                && (a() >= b()) == order.is_ge()
        })
    }
}

/// [`EnumValues::partial_order`] of values without order.
pub trait NoPartialOrder {
    /// Methods of these names are others.
    fn partial_order(&self) -> bool {
        false
    }
}

impl<T> NoPartialOrder for EnumValues<'_, T> {}

impl<T: Ord> EnumValues<'_, T> {
    /// Whether `cmp`, `min` and `max` order the values as their discriminants.
    pub fn total_order(&self) -> bool {
        let number = self.1;
        self.holds(|a, b, order| {
            let (a_number, b_number) = (number(a()), number(b()));
            a().cmp(&b()) == order
                && number(a().max(b())) == a_number.max(b_number)
                && number(a().min(b())) == a_number.min(b_number)
        })
    }
}

/// [`EnumValues::total_order`] of values without it.
pub trait NoTotalOrder {
    /// Methods of these names are others.
    fn total_order(&self) -> bool {
        false
    }
}

impl<T> NoTotalOrder for EnumValues<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Derived {
        A,
        B,
    }

    #[derive(Clone, Copy)]
    enum Reversed {
        A,
        B,
    }

    impl PartialEq for Reversed {
        fn eq(&self, _: &Self) -> bool {
            true
        }
    }

    impl PartialOrd for Reversed {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            (*other as u8).partial_cmp(&(*self as u8))
        }
    }

    enum Plain {
        A,
        B,
    }

    #[test]
    fn derived_traits_are_those_of_integers() {
        let derived = EnumValues(&[(|| Derived::A, 0), (|| Derived::B, 1)], |v| v as i128);
        assert!(derived.equality() && derived.partial_order() && derived.total_order());
        let reversed = EnumValues(&[(|| Reversed::A, 0), (|| Reversed::B, 1)], |v| v as i128);
        assert!(!reversed.equality() && !reversed.partial_order() && !reversed.total_order());
        let plain = EnumValues(&[(|| Plain::A, 0), (|| Plain::B, 1)], |v| v as i128);
        assert!(plain.equality() && !plain.partial_order() && !plain.total_order());
    }
}
