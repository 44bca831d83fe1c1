//! Entry points of instances that have no slot by number: those with const arguments, and with many type parameters.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::type_args::TypeArgs;

/// As many as programs mostly have of one function. Others are looked up under a lock.
const CELLS: usize = 8;

/// A few instances, in the order in which they were called first.
#[derive(Debug)]
pub(super) struct Instances {
    cells: [Cell; CELLS],
}

/// Its key is set once, before the entry point.
#[derive(Debug)]
struct Cell {
    key: AtomicPtr<()>,
    entry: AtomicPtr<()>,
}

/// What tells generic arguments from others: the address of a function that says what they are. Where a linker makes one of two such functions,
/// they say the same; where one function is there twice, there are two keys.
pub(super) fn key_of<A: TypeArgs>() -> *mut () {
    let says: fn() -> _ = A::generic_args;
    (says as *const ()).cast_mut()
}

impl Instances {
    pub(super) const fn new() -> Self {
        Instances {
            cells: [const {
                Cell {
                    key: AtomicPtr::new(ptr::null_mut()),
                    entry: AtomicPtr::new(ptr::null_mut()),
                }
            }; CELLS],
        }
    }

    /// Where the entry point of this instance is, if it was called before.
    #[inline]
    pub(super) fn find(&self, key: *mut ()) -> Option<&AtomicPtr<()>> {
        for cell in &self.cells {
            // Nothing depends on what else the thread that set it has done: the entry point has an order of its own.
            let known = cell.key.load(Ordering::Relaxed);
            if known == key {
                return Some(&cell.entry);
            }
            if known.is_null() {
                return None;
            }
        }
        None
    }

    /// The same, or a place for it, if there is one left.
    pub(super) fn find_or_add(&self, key: *mut ()) -> Option<&AtomicPtr<()>> {
        let mut cells = self.cells.iter();
        let cell = cells.find(|cell| {
            let was = cell.key.compare_exchange(
                ptr::null_mut(),
                key,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            was.map_or_else(|known| known == key, |_| true)
        });
        cell.map(|cell| &cell.entry)
    }
}

#[cfg(test)]
mod tests {
    use super::super::type_args::{WithConsts, const_args};
    use super::*;

    type Of<const N: usize> = WithConsts<(f64,), (const_args::usize<N>,)>;

    #[test]
    fn each_has_its_own_place_as_long_as_there_are_some() {
        let instances = Instances::new();
        let keys = [
            key_of::<Of<1>>(),
            key_of::<Of<2>>(),
            key_of::<Of<3>>(),
            key_of::<Of<4>>(),
            key_of::<Of<5>>(),
            key_of::<Of<6>>(),
            key_of::<Of<7>>(),
            key_of::<Of<8>>(),
        ];
        for (number, &key) in keys.iter().enumerate() {
            assert!(instances.find(key).is_none());
            let Some(entry) = instances.find_or_add(key) else {
                panic!("no place for {number}");
            };
            entry.store(ptr::without_provenance_mut(100 + number), Ordering::Release);
        }
        for (number, &key) in keys.iter().enumerate() {
            for entry in [instances.find(key), instances.find_or_add(key)] {
                let address = entry.map(|entry| entry.load(Ordering::Acquire).addr());
                assert_eq!(address, Some(100 + number));
            }
        }
        let other = key_of::<Of<9>>();
        assert!(instances.find(other).is_none() && instances.find_or_add(other).is_none());
    }
}
