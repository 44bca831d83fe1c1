//! Loops that are asked to run in parallel.

use std::iter::{Rev, StepBy};
use std::ops::{Range, RangeInclusive};

/// A range of integers, and what `rev` and `step_by` make of one: what a loop that runs in parallel counts through.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no range of integers",
    label = "not a range",
    note = "`prange` takes `a..b`, `a..=b`, and these with `rev` or `step_by`"
)]
pub trait ParallelRange: Iterator + sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! ranges {
    ($($integer:ty)*) => { $(
        impl sealed::Sealed for Range<$integer> {}
        impl ParallelRange for Range<$integer> {}
        impl sealed::Sealed for RangeInclusive<$integer> {}
        impl ParallelRange for RangeInclusive<$integer> {}
    )* };
}
ranges!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl<R: ParallelRange + DoubleEndedIterator> sealed::Sealed for Rev<R> {}
impl<R: ParallelRange + DoubleEndedIterator> ParallelRange for Rev<R> {}
impl<R: ParallelRange> sealed::Sealed for StepBy<R> {}
impl<R: ParallelRange> ParallelRange for StepBy<R> {}

/// In a function with `#[jit(parallel)]`, `for i in prange(0..n)` asks that this loop runs in parallel; anywhere else it is the range that it is
/// given.
///
/// Without it, hotloop chooses the loops that run in parallel: the outermost ones for which that is proved to be right and that have enough to do. A
/// loop over a `prange` has to be right in parallel. Where it can be seen while the crate is built that it is not, that is a compile error at the two
/// accesses that are in conflict; what depends on types or on other functions is seen at the first call, which panics with the reason then, as for
/// `require(parallel)`. Short loops run on one thread all the same, and the results never depend on how many threads there are.
///
/// ```
/// use hotloop::{jit, prange};
///
/// #[jit(parallel)]
/// fn squares(a: &mut [f64]) {
///     for i in prange(0..a.len()) {
///         a[i] = a[i] * a[i];
///     }
/// }
///
/// let mut a = [1.0, 2.0, 3.0];
/// squares(&mut a);
/// assert_eq!(a, [1.0, 4.0, 9.0]);
/// ```
///
/// Here each iteration changes what the next one reads:
///
/// ```compile_fail
/// use hotloop::{jit, prange};
///
/// #[jit(parallel)]
/// fn sums(a: &mut [f64]) {
///     for i in prange(1..a.len()) {
///         a[i] = a[i] + a[i - 1];
///     }
/// }
/// ```
#[inline]
#[must_use]
pub fn prange<R: ParallelRange>(range: R) -> R {
    range
}

/// `par` behind an iterator asks that the loop over it runs in parallel, as [`prange`] does of a range; anywhere else it is the iterator itself.
///
/// It may stand anywhere in what a `for` runs over, and in what `sum`, `for_each`, `fold` and their like consume. All that is said of
/// [`prange`] holds: where such a loop is seen not to be right in parallel, that is a compile error or a panic of the first call. What does not
/// become one counted loop, such as `chain` or `peekable`, cannot be asked for.
///
/// ```
/// use hotloop::{Par, jit};
///
/// #[jit(fastmath, parallel)]
/// fn normalize(a: &mut [f64]) {
///     let sum: f64 = a.iter().par().sum();
///     for x in a.iter_mut().par() {
///         *x /= sum;
///     }
/// }
///
/// let mut a = [1.0, 3.0];
/// normalize(&mut a);
/// assert_eq!(a, [0.25, 0.75]);
/// ```
///
/// Without `fastmath`, the order of a sum of floats may not change:
///
/// ```compile_fail
/// use hotloop::{Par, jit};
///
/// #[jit(parallel)]
/// fn sum(a: &[f64]) -> f64 {
///     a.iter().par().sum()
/// }
/// ```
pub trait Par: Iterator + Sized {
    /// The iterator itself.
    #[inline]
    #[must_use]
    fn par(self) -> Self {
        self
    }
}

impl<I: Iterator> Par for I {}
