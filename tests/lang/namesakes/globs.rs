// Two globs of functions that have their modules' names export no name twice.
#![deny(ambiguous_glob_reexports)]

mod less;
mod more;

pub use self::less::*;
pub use self::more::*;

pub(super) fn both(n: u32) -> u32 {
    less(n) + more(n)
}
