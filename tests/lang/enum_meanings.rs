//! Enums without fields are integers in compiled code. What their traits do is the user's to say.

use std::cmp::Ordering;

use hotloop::{JitType, jit};
use num_traits::{FromPrimitive, ToPrimitive};

use super::harness::compare;

#[derive(Clone, Copy, Debug, PartialEq, Eq, JitType)]
#[repr(u8)]
enum E {
    A = 1,
    B = 2,
    C = 3,
}

impl From<u8> for E {
    fn from(x: u8) -> E {
        if x > 10 { E::C } else { E::B }
    }
}

impl From<f64> for E {
    fn from(x: f64) -> E {
        if x > 10.0 { E::C } else { E::B }
    }
}

impl From<char> for E {
    fn from(_: char) -> E {
        E::A
    }
}

impl From<E> for f64 {
    fn from(e: E) -> f64 {
        e as i32 as f64 * 100.0
    }
}

impl From<E> for i32 {
    fn from(e: E) -> i32 {
        e as i32 * 100 + 7
    }
}

impl TryFrom<E> for u16 {
    type Error = u8;

    fn try_from(e: E) -> Result<u16, u8> {
        if e == E::A { Err(9) } else { Ok(33) }
    }
}

impl FromPrimitive for E {
    fn from_i64(x: i64) -> Option<E> {
        match x {
            10 => Some(E::A),
            20 => Some(E::B),
            _ => None,
        }
    }

    fn from_u64(x: u64) -> Option<E> {
        E::from_i64(x as i64)
    }
}

impl ToPrimitive for E {
    fn to_i64(&self) -> Option<i64> {
        Some(*self as i64 * 10)
    }

    fn to_u64(&self) -> Option<u64> {
        Some(*self as u64 * 10)
    }
}

impl num_traits::NumCast for E {
    fn from<T: ToPrimitive>(x: T) -> Option<E> {
        E::from_i64(x.to_i64()?)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, JitType)]
#[repr(u32)]
enum Surrogate {
    Low = 0xD800,
    High = 0x7fff_ffff,
}

impl From<Surrogate> for char {
    fn from(_: Surrogate) -> char {
        's'
    }
}

#[jit]
fn of_bytes(x: u8) -> E {
    x.into()
}

#[jit]
fn of_floats(x: f64) -> E {
    x.into()
}

#[jit]
fn of_chars(x: char) -> E {
    x.into()
}

#[jit]
fn to_chars(x: Surrogate) -> char {
    x.into()
}

#[jit]
fn all_of_bytes(xs: &[u8], out: &mut [E]) {
    for i in 0..xs.len() {
        out[i] = xs[i].into();
    }
}

#[jit]
fn by_numbers(x: u8) -> Option<E> {
    let e: Option<E> = FromPrimitive::from_u8(x);
    e
}

#[jit]
fn by_casts(x: i32) -> Option<E> {
    num_traits::cast(x)
}

#[jit]
fn to_floats(e: E) -> f64 {
    e.into()
}

#[jit]
fn from_enums(e: E) -> f64 {
    f64::from(e)
}

#[jit]
fn summed(es: &[E]) -> i32 {
    es.iter().map(|e| i32::from(*e)).sum::<i32>() + es.iter().copied().map(i32::from).sum::<i32>()
}

#[jit]
fn tried(e: E) -> u16 {
    u16::try_from(e).unwrap_or(1)
}

#[jit]
fn counted(e: E) -> i32 {
    e.to_i32().unwrap()
}

/// All values are equal, and the order is turned around.
#[derive(Clone, Copy, Debug, JitType)]
enum Turned {
    A,
    B,
    C,
}

impl PartialEq for Turned {
    fn eq(&self, _: &Turned) -> bool {
        true
    }
}

impl Eq for Turned {}

impl PartialOrd for Turned {
    fn partial_cmp(&self, other: &Turned) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Turned {
    fn cmp(&self, other: &Turned) -> Ordering {
        (*other as i32).cmp(&(*self as i32))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JitType)]
enum Derived {
    A,
    B,
    C,
}

macro_rules! comparisons {
    ($module:ident $ty:ident) => {
        mod $module {
            use super::*;

            #[jit]
            pub(super) fn direct(a: $ty, b: $ty) -> [bool; 4] {
                [a == b, a != b, a < b, a >= b]
            }

            #[jit]
            pub(super) fn nested(a: $ty, b: $ty) -> [bool; 5] {
                [
                    Some(a) == Some(b),
                    (a, 1) == (b, 1),
                    [a, b] == [b, a],
                    (a, 1) < (b, 1),
                    Some(a) < Some(b),
                ]
            }

            #[jit]
            pub(super) fn ordered(a: $ty, b: $ty) -> i8 {
                match a.cmp(&b) {
                    Ordering::Less => -1,
                    Ordering::Equal => 0,
                    Ordering::Greater => 1,
                }
            }

            #[jit]
            pub(super) fn searched(xs: &[$ty], a: $ty) -> (bool, bool, bool, bool) {
                (
                    xs.contains(&a),
                    xs.starts_with(&[a]),
                    xs.is_sorted(),
                    xs.binary_search(&a).is_ok(),
                )
            }

            #[jit]
            pub(super) fn extreme(xs: &[$ty]) -> (Option<$ty>, Option<$ty>) {
                (xs.iter().copied().max(), xs.iter().copied().min())
            }

            #[jit]
            pub(super) fn keyed(xs: &[($ty, i32)]) -> Option<i32> {
                xs.iter().min_by_key(|p| p.0).map(|p| p.1)
            }

            #[jit]
            pub(super) fn within(a: $ty, b: $ty) -> ($ty, bool) {
                (std::cmp::max(a, b), (a..=b).contains(&$ty::B))
            }

            #[jit]
            pub(super) fn matched(xs: &[$ty]) -> i32 {
                let mut n = 0;
                for x in xs {
                    n = n * 5
                        + match x {
                            $ty::A => 1,
                            $ty::B | $ty::C => 2,
                        };
                    if matches!(x, $ty::C) {
                        n += 1;
                    }
                }
                n
            }

            pub(super) fn agree() {
                let all = [$ty::A, $ty::B, $ty::C];
                let shown = |x: &dyn std::fmt::Debug| format!("{x:?}").into_bytes();
                for a in all {
                    for b in all {
                        compare(
                            (),
                            |()| shown(&direct(a, b)),
                            |()| shown(&direct::plain(a, b)),
                        );
                        compare(
                            (),
                            |()| shown(&nested(a, b)),
                            |()| shown(&nested::plain(a, b)),
                        );
                        compare(
                            (),
                            |()| shown(&ordered(a, b)),
                            |()| shown(&ordered::plain(a, b)),
                        );
                        compare(
                            (),
                            |()| shown(&within(a, b)),
                            |()| shown(&within::plain(a, b)),
                        );
                        let xs = [a, b];
                        compare(
                            (),
                            |()| shown(&searched(&xs, $ty::A)),
                            |()| shown(&searched::plain(&xs, $ty::A)),
                        );
                        compare(
                            (),
                            |()| shown(&extreme(&xs)),
                            |()| shown(&extreme::plain(&xs)),
                        );
                        let keys = [(a, 1), (b, 2)];
                        compare(
                            (),
                            |()| shown(&keyed(&keys)),
                            |()| shown(&keyed::plain(&keys)),
                        );
                    }
                }
                compare(
                    (),
                    |()| shown(&matched(&all)),
                    |()| shown(&matched::plain(&all)),
                );
                assert!(!matched::specializations().is_empty());
                assert!(!direct::specializations().is_empty());
            }
        }
    };
}

comparisons!(turned Turned);
comparisons!(derived Derived);

#[test]
fn comparisons_are_the_users() {
    turned::agree();
    derived::agree();
    // What is derived is compared as integers are.
    assert!(!derived::nested::specializations().is_empty());
    assert!(!derived::searched::specializations().is_empty());
    assert!(!derived::extreme::specializations().is_empty());
}

#[test]
fn conversions_are_the_users() {
    for x in [0, 10, 20, 99, 200] {
        compare(
            (),
            |()| vec![of_bytes(x) as u8],
            |()| vec![of_bytes::plain(x) as u8],
        );
        let f = f64::from(x);
        compare(
            (),
            |()| vec![of_floats(f) as u8],
            |()| vec![of_floats::plain(f) as u8],
        );
        let stored = |f: fn(&[u8], &mut [E])| {
            let mut out = [E::A; 2];
            f(&[x, 7], &mut out);
            out.map(|e| e as u8).to_vec()
        };
        compare(
            (),
            |()| stored(all_of_bytes),
            |()| stored(all_of_bytes::plain),
        );
        let shown = |e: Option<E>| format!("{:?}", e.map(|e| e as u8)).into_bytes();
        compare(
            (),
            |()| shown(by_numbers(x)),
            |()| shown(by_numbers::plain(x)),
        );
        let x = i32::from(x);
        compare((), |()| shown(by_casts(x)), |()| shown(by_casts::plain(x)));
    }
    compare(
        (),
        |()| vec![of_chars('ÿ') as u8],
        |()| vec![of_chars::plain('ÿ') as u8],
    );
    for x in [Surrogate::Low, Surrogate::High] {
        compare(
            (),
            |()| vec![to_chars(x) as u32],
            |()| vec![to_chars::plain(x) as u32],
        );
    }
    for e in [E::A, E::B, E::C] {
        compare((), |()| vec![to_floats(e)], |()| vec![to_floats::plain(e)]);
        compare(
            (),
            |()| vec![from_enums(e)],
            |()| vec![from_enums::plain(e)],
        );
        compare((), |()| vec![tried(e)], |()| vec![tried::plain(e)]);
        compare((), |()| vec![counted(e)], |()| vec![counted::plain(e)]);
    }
    let es = [E::B, E::C];
    compare((), |()| vec![summed(&es)], |()| vec![summed::plain(&es)]);
}
