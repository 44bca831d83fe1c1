//! The slots that a call reads.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::companion::Source;
use crate::config::config;
use crate::error::Error;

use super::fallback;
use super::first_call::Registry;
use super::instances::{Instances, key_of};
use super::type_args::{GenericArgs, TypeArgs};
use crate::link::{Deps, InstanceFn};

/// The address of the first instruction of loaded code. The code stays loaded for as long as the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct EntryPoint(NonNull<()>);

// SAFETY: an address is only a number; what it leads to never changes, and calling it has conditions of its own.
unsafe impl Send for EntryPoint {}
// SAFETY: as for `Send`.
unsafe impl Sync for EntryPoint {}

impl EntryPoint {
    /// The entry point at this address; `None` for the addresses that mark slots.
    pub(crate) fn new(address: *const ()) -> Option<Self> {
        from_slot(address.cast_mut())
    }

    /// The address.
    pub fn address(self) -> *const () {
        self.0.as_ptr()
    }
}

/// What a slot holds once compilation was declined; no code has this address. Null means "not asked yet".
const DECLINED: *mut () = ptr::without_provenance_mut(1);

#[inline]
fn from_slot(pointer: *mut ()) -> Option<EntryPoint> {
    if pointer.addr() > DECLINED.addr() {
        NonNull::new(pointer).map(EntryPoint)
    } else {
        None
    }
}

/// The way from calls of one jitted function to its entry points; the expansion of `#[jit]` has one in a static.
///
/// `SLOTS` is 16 to the power of the number of type parameters: 1, 16 or 256. With more type parameters it is 0, and the
/// entry points are found by instance, as with const parameters.
#[derive(Debug)]
pub struct Dispatcher<const SLOTS: usize> {
    slots: [AtomicPtr<()>; SLOTS],
    instances: Instances,
    registry: Registry,
}

impl<const SLOTS: usize> Dispatcher<SLOTS> {
    /// A dispatcher for a function that nobody has called yet.
    pub const fn new(source: Source) -> Self {
        Dispatcher {
            slots: [const { AtomicPtr::new(ptr::null_mut()) }; SLOTS],
            instances: Instances::new(),
            registry: Registry::new(source),
        }
    }

    /// What was compiled so far, and what it was compiled from.
    pub const fn registry(&'static self) -> &'static Registry {
        &self.registry
    }

    /// The entry point for these types, if it is there already and no `disabled` scope is open anywhere.
    #[inline]
    pub fn ready<A: TypeArgs>(&'static self) -> Option<EntryPoint> {
        let slot = match A::slot().and_then(|index| self.slots.get(index)) {
            Some(slot) => slot,
            None => self.instances.find(key_of::<A>())?,
        };
        // Acquire pairs with the Release in `fill`: whoever sees the entry point sees the code behind it, which was
        // written and made executable before. (On x86-64 the load is an ordinary one either way.)
        let entry = from_slot(slot.load(Ordering::Acquire))?;
        (!fallback::any_scope()).then_some(entry)
    }

    /// [`Dispatcher::ready`], or else [`Dispatcher::entry`].
    #[inline]
    pub fn call<A: TypeArgs>(&'static self, deps: fn(&mut Deps)) -> Option<EntryPoint> {
        match self.ready::<A>() {
            Some(entry) => Some(entry),
            None => self.entry::<A>(false, deps),
        }
    }

    /// The entry point for these types, or `None` if rustc's body is to run. Compiles on the first call: `deps` says what the names in the
    /// function mean. A call that compiled code has `declined` is not asked for again.
    pub fn entry<A: TypeArgs>(
        &'static self,
        declined: bool,
        deps: fn(&mut Deps),
    ) -> Option<EntryPoint> {
        if declined {
            return None;
        }
        let slot = (A::slot().and_then(|index| self.slots.get(index)))
            .or_else(|| self.instances.find_or_add(key_of::<A>()));
        self.entry_slowly(slot, A::generic_args, InstanceFn::new::<A>, deps)
    }

    /// The instance for these types.
    pub fn instance<A: TypeArgs>(&'static self, deps: fn(&mut Deps)) -> InstanceFn {
        InstanceFn::new::<A>(self.registry.source(), deps)
    }

    #[inline(never)]
    fn entry_slowly(
        &'static self,
        slot: Option<&'static AtomicPtr<()>>,
        generic_args: fn() -> Result<GenericArgs, Error>,
        instance: fn(&'static Source, fn(&mut Deps)) -> InstanceFn,
        deps: fn(&mut Deps),
    ) -> Option<EntryPoint> {
        if fallback::scope_here() {
            return None;
        }
        if let Some(slot) = slot {
            let pointer = slot.load(Ordering::Acquire);
            if let Some(entry) = from_slot(pointer) {
                return Some(entry);
            }
            if pointer == DECLINED && !config().require {
                return None;
            }
        }
        let fill = |pointer| {
            if let Some(slot) = slot {
                slot.store(pointer, Ordering::Release);
            }
        };
        let outcome = generic_args().and_then(|args| {
            (self.registry).specialization(&args, || instance(self.registry.source(), deps))
        });
        match outcome {
            Ok(specialization) => {
                let entry = specialization.entry_point();
                fill(entry.0.as_ptr());
                Some(entry)
            }
            Err(Error::Busy { .. }) => None,
            // The slot stays as it is, so that the next call says so as well.
            Err(error @ (Error::Requirement { .. } | Error::Prange { .. })) => panic!("{error}"),
            Err(error) => {
                fill(DECLINED);
                fallback::report(self.registry.source().name, &error);
                None
            }
        }
    }
}

impl<const SLOTS: usize> Dispatcher<SLOTS> {
    /// Notes a call of a function that is left to rustc: the first one, so that it is said why.
    #[inline]
    pub fn left(&'static self) {
        let slot = self.slots.first();
        if slot.is_some_and(|slot| slot.load(Ordering::Relaxed).is_null()) {
            self.left_slowly();
        }
    }

    #[cold]
    #[inline(never)]
    fn left_slowly(&'static self) {
        if !fallback::scope_here() {
            if let Some(slot) = self.slots.first() {
                slot.store(DECLINED, Ordering::Relaxed);
            }
            // A reason, always.
            let _ = (self.registry).specialization(&GenericArgs::default(), || {
                self.instance::<()>(crate::link::no_deps)
            });
        }
    }
}
