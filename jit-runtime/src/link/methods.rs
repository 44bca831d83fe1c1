//! Jitted methods of traits, by what they are: how a call finds one whose type is another crate's, or a type parameter.
//!
//! Inside of a generic function, `x.half()` is the method of a trait, and which `impl` it comes from is known only when the function has been
//! instantiated: too late for rustc to be asked for a twin. But the method itself, `T::half`, has a type of its own, which tells apart trait,
//! method and what they are for, and which is the same for whoever names it. So each jitted `impl` of a trait says for its methods which
//! instance they are, before `main`, and a call asks.

use std::any::TypeId;
use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use hotloop_ir::instance::TypeInfo;

use super::deps::{InstanceFn, Jitted};

/// The type of a function.
pub fn method_id<F>(_method: F) -> TypeId {
    typeid::of::<F>()
}

/// The type of a function that takes such arguments, `args` is never run.
pub fn method_id_for<F: Takes<A>, A>(_method: F, _args: impl FnOnce() -> A) -> TypeId {
    typeid::of::<F>()
}

/// A function that takes these arguments.
pub trait Takes<A> {}

macro_rules! takes {
    ($(($($param:ident)*))*) => {
        $(impl<Function: Fn($($param),*) -> R, R, $($param),*> Takes<($($param,)*)> for Function {})*
    };
}
takes! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
    (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

/// The methods of jitted `impl`s.
#[derive(Debug, Default)]
pub struct Methods {
    found: HashMap<TypeId, Found>,
}

#[derive(Clone, Debug)]
struct Found {
    instance: fn() -> InstanceFn,
    for_references: bool,
    /// Of a trait's own method: the type that has it.
    for_type: Option<TypeInfo>,
}

impl Methods {
    /// A method, which is jitted under this marker with the type arguments `A`.
    pub fn add<M: Jitted<A>, A, F>(&mut self, _method: F) {
        let found = Found {
            instance: M::instance,
            for_references: M::for_references(),
            for_type: None,
        };
        self.found.insert(typeid::of::<F>(), found);
    }

    /// A method that a type has from the trait.
    pub fn add_default<M: Jitted<A>, A, F>(&mut self, _method: F, info: &TypeInfo) {
        // Of such a type, compiled code has no values.
        if let TypeInfo::Unknown(_) = info {
            return;
        }
        let found = Found {
            instance: M::instance,
            for_references: false,
            for_type: Some(info.clone()),
        };
        self.found.insert(typeid::of::<F>(), found);
    }

    /// The methods that a type has from a trait, but for those that its `impl` has `written`. The type of what `_trait_` would give says which
    /// they are; it never runs. `conditional` adds those that ask more of the type than the trait does.
    pub fn defaults<D: Defaults>(
        &mut self,
        _trait_: impl FnOnce() -> D,
        conditional: impl FnOnce(D, &mut Self, &[&str], &TypeInfo),
        written: &[&str],
        info: &TypeInfo,
    ) {
        D::add(self, written, info);
        conditional(D::new(), self, written, info);
    }
}

/// The methods with bodies of a trait, for a type. The expansion of `#[jit] trait` implements it.
pub trait Defaults {
    /// What stands for them.
    fn new() -> Self;

    /// Adds them, but for those that are `written` in the `impl`.
    fn add(methods: &mut Methods, written: &[&str], info: &TypeInfo);
}

/// The methods of a trait that is not jitted.
#[derive(Debug)]
pub struct NoDefaults;

impl Defaults for NoDefaults {
    fn new() -> Self {
        NoDefaults
    }

    fn add(_methods: &mut Methods, _written: &[&str], _info: &TypeInfo) {}
}

/// What an `impl` says of its methods: a static of the expansion.
#[derive(Debug)]
pub struct JittedImpl {
    say: fn(&mut Methods),
    next: AtomicPtr<JittedImpl>,
}

/// The `impl`s of this process: each points to the next.
static FIRST: AtomicPtr<JittedImpl> = AtomicPtr::new(ptr::null_mut());

impl JittedImpl {
    /// An `impl` that says this.
    pub const fn new(say: fn(&mut Methods)) -> Self {
        JittedImpl {
            say,
            next: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Puts an `impl` in front of the others. It is called once, before `main` or when a library is loaded, so it does as little as that.
    pub fn register(&'static self) {
        let this = ptr::from_ref(self).cast_mut();
        let mut first = FIRST.load(Ordering::Acquire);
        loop {
            self.next.store(first, Ordering::Relaxed);
            match FIRST.compare_exchange(first, this, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }
}

/// What the `impl`s have said so far, and the first of them then.
static KNOWN: Mutex<Option<(usize, Methods)>> = Mutex::new(None);

/// The instance of a method of a jitted `impl`, and whether references to its type have the method, too.
pub(super) fn jitted_method(id: TypeId) -> Option<(InstanceFn, bool)> {
    let first = FIRST.load(Ordering::Acquire);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let (heard, methods) = known.get_or_insert_with(|| (0, Methods::default()));
    if *heard != first.addr() {
        let mut next = first;
        // Where it stopped the last time, all others have been heard.
        while next.addr() != *heard {
            // SAFETY: only `register` puts a pointer here, to a static of code that is linked with this very copy of hotloop: a library that is
            // opened at run time has a copy and a list of its own, and takes both with it when it is closed. Where hotloop itself is in a shared
            // library (`-C prefer-dynamic`), a library that has jitted `impl`s must stay open: to close it is `unsafe`, as its code is in use.
            let Some(said) = (unsafe { next.as_ref() }) else {
                break;
            };
            (said.say)(methods);
            next = said.next.load(Ordering::Acquire);
        }
        *heard = first.addr();
    }
    let found = methods.found.get(&id).cloned();
    drop(known);
    let Found {
        instance,
        for_references,
        for_type,
    } = found?;
    let mut instance = instance();
    if let Some(info) = for_type {
        // The trait's own parameters come behind `Self`.
        if let Some(of_self) = instance.type_args.first_mut() {
            *of_self = info;
        }
    }
    Some((instance, for_references))
}

/// Registers a jitted `impl` of a trait before `main`: `say` tells its methods.
///
/// Where the platform is unknown, nothing does, and the methods are called as functions that are not jitted.
#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    ($say:expr) => {
        const _: () = {
            static __HOTLOOP_IMPL: $crate::link::JittedImpl = $crate::link::JittedImpl::new($say);
            extern "C" fn __hotloop_register() {
                __HOTLOOP_IMPL.register();
            }
            #[used]
            #[cfg_attr(
                any(
                    target_os = "linux",
                    target_os = "android",
                    target_os = "freebsd",
                    target_os = "netbsd",
                    target_os = "openbsd",
                    target_os = "dragonfly",
                    target_os = "illumos"
                ),
                unsafe(link_section = ".init_array")
            )]
            #[cfg_attr(
                any(target_os = "macos", target_os = "ios"),
                unsafe(link_section = "__DATA,__mod_init_func")
            )]
            #[cfg_attr(target_os = "windows", unsafe(link_section = ".CRT$XCU"))]
            static __HOTLOOP_REGISTER: extern "C" fn() = __hotloop_register;
        };
    };
}
