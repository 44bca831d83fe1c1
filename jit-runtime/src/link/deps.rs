//! What the expansion says about the names of a function.

use std::any::TypeId;
use std::marker::PhantomData;

use hotloop_ir::instance::{ConstInfo, HostInfo, TypeInfo};

use super::constant_memory::is_constant_memory;
use super::host::{HostCall, HostFn, Print, PrintFn};
use super::methods::jitted_method;
use super::numbers;
use super::operands::Unhosted;
use super::outside::{Crossed, Crossing, HostArgs, outside};
use crate::companion::Source;
use crate::dispatch::TypeArgs;
use crate::types::{ConstWriter, JitType, describe_param, write_param};

/// A jitted function for these types: what is needed to gather it.
#[derive(Clone, Debug)]
pub struct InstanceFn {
    /// What was captured.
    pub(crate) source: &'static Source,
    /// What its type parameters stand for.
    pub(crate) type_args: Vec<TypeInfo>,
    /// The values of its const parameters.
    pub(crate) const_args: Vec<ConstInfo>,
    /// What its names mean.
    pub(crate) deps: fn(&mut Deps),
}

impl InstanceFn {
    /// The instance for the type arguments `A`.
    pub fn new<A: TypeArgs>(source: &'static Source, deps: fn(&mut Deps)) -> Self {
        InstanceFn {
            source,
            type_args: A::infos(),
            const_args: A::consts(),
            deps,
        }
    }
}

/// What the names of a function mean, each by its node.
#[derive(Debug, Default)]
pub struct Deps {
    list: Vec<(u32, ExternFn)>,
    /// The node of a method that is none of a jitted `impl`'s, as far as these say, and its type.
    asked: Option<(u32, TypeId)>,
    /// The method whose receiver was last said to be a reference.
    by_reference: Option<u32>,
}

#[derive(Debug)]
pub(super) enum ExternFn {
    Type(TypeInfo),
    Const(ConstInfo),
    Callee(InstanceFn),
    Host(HostInfo, HostCall),
    NotJitted,
    OfNumbers,
    OutOfReach(String),
}

impl Deps {
    pub(super) fn into_list(self) -> Vec<(u32, ExternFn)> {
        self.list
    }

    /// The name is a type.
    pub fn ty(&mut self, node: u32, ty: TypeInfo) {
        self.list.push((node, ExternFn::Type(ty)));
    }

    /// The name is a constant.
    pub fn constant<T: JitType>(&mut self, node: u32, value: &T) {
        self.list.push((node, ExternFn::Const(value.constant())));
    }

    /// The name is what looks like a constant and is used in `unsafe`, where it may be a `static mut`: then it is none. What else there is does not
    /// change, and lies in memory that nobody can write to.
    pub fn constant_in_unsafe<T>(
        &mut self,
        node: u32,
        value: &T,
        constant: impl FnOnce(&mut Self, &T),
    ) {
        match is_constant_memory(std::ptr::from_ref(value).cast(), size_of::<T>()) {
            true => constant(self, value),
            false => {
                let fact = "it may change, as a `static mut`".to_owned();
                self.list.push((node, ExternFn::OutOfReach(fact)));
            }
        }
    }

    /// The name is a function of `std::mem`, whose value is the same each time.
    pub fn value<T: JitType, F: Fn() -> T>(&mut self, node: u32, function: F) {
        let meaning = match std::any::type_name::<F>().starts_with("core::mem::") {
            true => ExternFn::Const(function().constant()),
            false => another(),
        };
        self.list.push((node, meaning));
    }

    /// The name is a type: that of what `_made` makes, which never runs.
    pub fn made<T: JitType>(&mut self, node: u32, _made: impl FnOnce() -> T) {
        self.list.push((node, ExternFn::Type(T::describe())));
    }

    /// The name is a constant that a type parameter has: nothing is known of its type but what it is.
    pub fn param_constant<T>(&mut self, node: u32, value: &T) {
        let mut out = ConstWriter::new(size_of::<T>());
        write_param(value, &mut out);
        let constant = out.finish(describe_param::<T>());
        self.list.push((node, ExternFn::Const(constant)));
    }

    /// The name is a function. The closure calls its twin; it never runs, its result type is what it is for.
    pub fn callee<M: Marker>(&mut self, node: u32, _twin: impl FnOnce() -> M) {
        let meaning = match M::instance() {
            Some(_) if self.has_found_another::<M>(node) => another(),
            Some(instance) => ExternFn::Callee(instance),
            None => ExternFn::NotJitted,
        };
        self.list.push((node, meaning));
    }

    /// The name is a function that is called with `args`: by its twin a jitted one, or else one of Rust's, which `host` calls. Neither `args`
    /// nor `twin` ever runs; `types` says what passes.
    ///
    /// A twin is found by its name among the types, where the function's name may have come another way: it counts if it is that of the very
    /// function, which `host` tells.
    pub fn call<M: Marker, A: HostArgs, G, R, F: Fn(A) -> Called<G, R> + Copy>(
        &mut self,
        node: u32,
        path: &str,
        _args: impl FnOnce() -> A,
        _twin: impl FnOnce(A) -> M,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) {
        let host = move |args| host(args).result;
        let meaning = match M::meaning(path, host, types).0 {
            ExternFn::Callee(_) if !M::is_twin_of::<G>() => another(),
            meaning => meaning,
        };
        self.list.push((node, meaning));
    }

    /// As [`Deps::call`], of an associated function.
    pub fn call_associated<M: Marker, A: HostArgs, G, R, F: Fn(A) -> Called<G, R> + Copy>(
        &mut self,
        node: u32,
        path: &str,
        _args: impl FnOnce() -> A,
        _twin: impl FnOnce(A) -> M,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) {
        let host = move |args| host(args).result;
        let meaning = match M::meaning(path, host, types).0 {
            ExternFn::Callee(_) if is_another::<M>(typeid::of::<G>()) => another(),
            meaning => meaning,
        };
        self.list.push((node, meaning));
    }

    /// The name is a method that is called with `args`, the first of them the receiver: by its twin a jitted one, or else one of Rust's.
    pub fn method<M: Marker, A: HostArgs, R, F: Fn(A) -> R + Copy>(
        &mut self,
        node: u32,
        name: &str,
        _twin: impl FnOnce() -> M,
        _args: impl FnOnce() -> A,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) {
        let meaning = match M::meaning(name, host, types).0 {
            ExternFn::Callee(_) if self.has_found_another::<M>(node) => another(),
            meaning => meaning,
        };
        self.list.push((node, meaning));
    }

    /// The receiver of a method is a reference: if references have the method, too, it is theirs.
    pub fn by_reference(&mut self, node: u32) {
        self.by_reference = Some(node);
    }

    /// Whether a method's name was found to mean another method than this.
    fn has_found_another<M: Marker>(&self, node: u32) -> bool {
        if self.by_reference == Some(node) && M::for_references() {
            return true;
        }
        (self.asked).is_some_and(|(asked, id)| asked == node && is_another::<M>(id))
    }

    /// The token is an operator: by its twin a jitted one, or else one of Rust's, which `host` calls.
    pub fn operator<M: Marker, A: HostArgs, R, F: Fn(A) -> R + Copy>(
        &mut self,
        node: u32,
        name: &str,
        _twin: impl FnOnce() -> M,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) {
        let meaning = match M::meaning(name, host, types).0 {
            ExternFn::Callee(instance) => ExternFn::Callee(instance),
            _ if typeid::of::<R>() == std::any::TypeId::of::<Unhosted>() => ExternFn::NotJitted,
            // These lie in memory as rustc has them.
            ExternFn::Host(info, _)
                if matches!(info.result, TypeInfo::Option(_) | TypeInfo::Result(..)) =>
            {
                ExternFn::NotJitted
            }
            meaning => meaning,
        };
        self.list.push((node, meaning));
    }

    /// The name is a method of std, which `host` calls as it is written. `args` never runs; `types` says what passes.
    pub fn std_method<A: HostArgs, R, F: Fn(A) -> R + Copy>(
        &mut self,
        node: u32,
        name: &str,
        args: impl FnOnce() -> A,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) {
        self.outside(node, name, args, host, types);
    }

    /// The name is a method or a function of a number, which lowering takes for std's: `id` is that of what it is.
    pub fn meant(&mut self, node: u32, id: TypeId) {
        if !numbers::is_of_std(id) {
            self.list.push((node, another()));
        }
    }

    /// The name is a method of a type that cannot be told.
    pub fn untold(&mut self, node: u32) {
        let fact = "too little is known of its receiver's type".to_owned();
        self.list.push((node, ExternFn::OutOfReach(fact)));
    }

    /// Whether the name is a method of a jitted `impl`, or one of num-traits that lowering knows: then nothing else has to be said of it. `id` is [`method_id`](super::method_id)'s.
    pub fn is_jitted_method(&mut self, node: u32, id: TypeId) -> bool {
        let found = match jitted_method(id) {
            Some((_, true)) if self.by_reference == Some(node) => Some(another()),
            Some((instance, _)) => Some(ExternFn::Callee(instance)),
            None => numbers::is_known(id).then_some(ExternFn::OfNumbers),
        };
        let is_found = found.is_some();
        if !is_found {
            self.asked = Some((node, id));
        }
        self.list.extend(found.map(|meaning| (node, meaning)));
        is_found
    }

    /// The same of a method of `_receiver`, if that has the type `T`.
    pub fn is_jitted_method_of<T, R>(
        &mut self,
        node: u32,
        _receiver: impl FnOnce() -> R,
        id: TypeId,
    ) -> bool {
        typeid::of::<T>() == typeid::of::<R>() && self.is_jitted_method(node, id)
    }

    /// The name is a function that has no twin, called with `args`, which never runs.
    pub fn outside<A: HostArgs, R, F: Fn(A) -> R + Copy>(
        &mut self,
        node: u32,
        path: &str,
        _args: impl FnOnce() -> A,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) {
        let meaning = NotJitted::meaning(path, host, types);
        self.list.push((node, meaning.0));
    }

    /// The name is a function that is passed as a value; `twin` is its twin.
    pub fn function<A, M: Marker, F: TwinFn<A, M>>(&mut self, node: u32, _twin: F) {
        let meaning = match M::instance() {
            Some(instance) => ExternFn::Callee(instance),
            None => ExternFn::NotJitted,
        };
        self.list.push((node, meaning));
    }

    /// The name is a function of Rust's that is called through a trampoline.
    pub fn host<M, F: HostFn<M>>(&mut self, node: u32, path: &str, function: F) {
        let (info, call) = function.host(path);
        self.list.push((node, ExternFn::Host(info, call)));
    }

    /// The name is a macro that prints, done by `print`.
    pub fn print<P: Print>(&mut self, node: u32, name: &str, print: P) {
        let (info, call) = PrintFn::of(name, print);
        self.list.push((node, ExternFn::Host(info, call)));
    }
}

/// What a name means if the function is not the one that is jitted by the name.
fn another() -> ExternFn {
    ExternFn::OutOfReach("another function of its name is jitted, or std's".to_owned())
}

/// Whether a marker is known to be another function's than the one of this type.
fn is_another<M: Marker>(id: TypeId) -> bool {
    M::function().is_some_and(|function| function != id)
}

/// What a function of the type `G` returned.
#[derive(Debug)]
pub struct Called<G, R> {
    result: R,
    function: PhantomData<fn() -> G>,
}

/// What a function returned.
pub fn called<G, R>(_function: G, result: R) -> Called<G, R> {
    Called {
        result,
        function: PhantomData,
    }
}

/// The twin of a function, for which rustc finds out what it takes and what marker it returns.
pub trait TwinFn<A, M> {}

macro_rules! twin_fns {
    ($(($($param:ident)*))*) => {
        $(impl<F: Fn($($param),*) -> M, M, $($param),*> TwinFn<fn($($param),*), M> for F {})*
    };
}
twin_fns!(() (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) (A B C D E G H) (A B C D E G H I));

/// What a twin returns: stands for an instance.
pub trait Marker {
    /// The instance; `None` for what is not jitted.
    fn instance() -> Option<InstanceFn>;

    /// The type of the method that is jitted, if it can be told.
    fn function() -> Option<TypeId> {
        None
    }

    /// Whether it is a method by value of a trait that references to its type have, too.
    fn for_references() -> bool {
        false
    }

    /// Whether it is a free function's, and that has this type.
    fn is_twin_of<Item>() -> bool {
        true
    }

    /// What a call means whose twin returns this. Of a jitted function there is no trampoline, so rustc compiles none.
    #[doc(hidden)]
    fn meaning<A: HostArgs, R, F: Fn(A) -> R + Copy>(
        path: &str,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) -> Meaning;
}

/// What a call means.
#[derive(Debug)]
pub struct Meaning(ExternFn);

/// A jitted function or method that has the type arguments `A`. The expansion implements it for the companion type.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a jitted function")]
pub trait Jitted<A> {
    /// The instance for these types.
    fn instance() -> InstanceFn;

    /// The type of the method that is jitted, if it can be told: another one of its name has another. Companions are not asked, as they stand
    /// beside their functions.
    fn function() -> Option<TypeId> {
        None
    }

    /// Whether it is a method by value of a trait that references to its type have, too.
    fn for_references() -> bool {
        false
    }
}

/// The marker of `F` with the type arguments `A`. `R` is `Told`, or `Gives` the result where only that tells all of them.
#[derive(Debug)]
#[allow(clippy::type_complexity)]
pub struct Twin<F, A, R = Told>(PhantomData<fn() -> (F, A, R)>);

/// The arguments of a function tell its type arguments.
#[derive(Debug)]
pub struct Told;

/// The result of a function tells its type arguments.
#[derive(Debug)]
pub struct Gives<R>(PhantomData<fn() -> R>);

impl<F, A> Twin<F, A> {
    /// The same; the result is expected to be of this type.
    pub fn giving<R>(self, _like: impl FnOnce() -> R) -> Self {
        self
    }
}

impl<F, A, R> Twin<F, A, Gives<R>> {
    /// The same; the result is expected to be of this type.
    pub fn giving(self, _like: impl FnOnce() -> R) -> Self {
        self
    }
}

/// The value, in the place where the closure has one of its type.
pub fn within<T>(_place: impl FnOnce(&T), value: T) -> T {
    value
}

/// A type that several questions have in common, by a closure that never runs.
pub fn shared<T>(_shared: impl FnOnce() -> T) -> Shared<T> {
    Shared(PhantomData)
}

/// A type. Trampolines may capture it, as there is nothing in it.
#[derive(Debug)]
pub struct Shared<T>(PhantomData<fn() -> T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

impl<T> Shared<T> {
    /// A value of it, in what never runs.
    pub fn get(&self) -> T {
        any()
    }
}

/// The value, where one of the type of another is expected.
pub fn like<T>(_like: impl FnOnce() -> T, value: T) -> T {
    value
}

impl<F: Jitted<A>, A, G> Marker for Twin<F, A, G> {
    fn instance() -> Option<InstanceFn> {
        Some(F::instance())
    }

    fn function() -> Option<TypeId> {
        F::function()
    }

    fn for_references() -> bool {
        F::for_references()
    }

    fn is_twin_of<Item>() -> bool {
        stands_beside(std::any::type_name::<F>(), std::any::type_name::<Item>())
    }

    fn meaning<B: HostArgs, R, H: Fn(B) -> R + Copy>(
        _path: &str,
        _host: H,
        _types: impl FnOnce(Crossing<B, R>) -> Crossed,
    ) -> Meaning {
        Meaning(ExternFn::Callee(F::instance()))
    }
}

/// Whether a companion's path is that of the function. Both are items of one module, or of one function's body, so that nothing but what the function
/// is generic for tells their names apart.
fn stands_beside(companion: &str, function: &str) -> bool {
    const NAMESAKE: &str = "__hotloop_companion_of_";
    // What num-complex's functions mean is said in one place, and not beside them.
    if companion.starts_with("hotloop::complex::") {
        return true;
    }
    let (path, name) = companion.rsplit_once("::").unwrap_or(("", companion));
    let name = name.strip_prefix(NAMESAKE).unwrap_or(name);
    let rest = (function.strip_prefix(path))
        .map(|rest| rest.strip_prefix("::").unwrap_or(rest))
        .and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('<'))
}

/// A type with a jitted method of one of its traits; `NAME` is the hash of the method's name, `M` the marker of the method, since several traits may
/// have methods of a name.
pub trait TraitTwin<const NAME: u128, M> {
    /// What the method's twin returns.
    type Twin: Marker;

    /// What the method takes: one of [`precedence`](super::precedence)'s.
    type Takes;
}

/// The marker of what is not jitted.
#[derive(Debug)]
pub struct NotJitted;

impl NotJitted {
    /// The same; the result is expected to be of this type.
    pub fn giving<R>(self, _like: impl FnOnce() -> R) -> Self {
        self
    }
}

impl Marker for NotJitted {
    fn instance() -> Option<InstanceFn> {
        None
    }

    fn meaning<A: HostArgs, R, F: Fn(A) -> R + Copy>(
        path: &str,
        host: F,
        types: impl FnOnce(Crossing<A, R>) -> Crossed,
    ) -> Meaning {
        Meaning(match outside(path, host, types) {
            Ok((info, call)) => ExternFn::Host(info, call),
            Err(fact) => ExternFn::OutOfReach(fact),
        })
    }
}

/// Says nothing: for functions without names that need a meaning.
pub fn no_deps(_deps: &mut Deps) {}

/// A value of any type, for expressions that are typed and never run.
pub fn any<T>() -> T {
    unreachable!("hotloop evaluates no witness")
}

/// A value of the type of a value.
pub fn value_of<T>(_value: &T) -> T {
    any()
}

/// An array of any length.
pub fn array_of<T, const N: usize>(_elem: T) -> [T; N] {
    any()
}

/// An iterator with items of this type, whose own type has no name.
#[derive(Debug)]
pub struct AnyIter<T>(std::marker::PhantomData<T>);

impl<T> Clone for AnyIter<T> {
    fn clone(&self) -> Self {
        any()
    }
}

impl<T> Iterator for AnyIter<T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        any()
    }
}

impl<T> DoubleEndedIterator for AnyIter<T> {
    fn next_back(&mut self) -> Option<T> {
        any()
    }
}

impl<T> ExactSizeIterator for AnyIter<T> {}

impl<T> std::iter::FusedIterator for AnyIter<T> {}

/// Such an iterator.
pub fn iter_of<T>(_item: T) -> AnyIter<T> {
    any()
}

/// A slice.
pub fn slice_of<'a, T>(_elem: T) -> &'a [T] {
    any()
}

/// A mutable slice.
pub fn slice_of_mut<'a, T>(_elem: T) -> &'a mut [T] {
    any()
}

/// A reference.
pub fn ref_of<'a, T>(_to: T) -> &'a T {
    any()
}

/// A mutable reference.
pub fn mut_of<'a, T>(_to: T) -> &'a mut T {
    any()
}

/// Says that a type is `std::cmp::Ordering`, which lowering takes it for by its name.
pub fn is_ordering<T: StdOrdering>() {}

/// Says that two names mean one function.
pub fn same_function<F>(_function: F, _other: F) {}

/// The type of what a pattern binds: that of no constant.
#[derive(Debug)]
pub enum Binding {}

/// `std::cmp::Ordering`.
#[diagnostic::on_unimplemented(
    message = "`#[jit]` takes `{Self}` for `std::cmp::Ordering` by its name",
    label = "not `std::cmp::Ordering`",
    note = "give the type another name here: `use {Self} as Order;`"
)]
pub trait StdOrdering {}

impl StdOrdering for std::cmp::Ordering {}

#[cfg(test)]
mod tests {
    use super::stands_beside;

    #[test]
    fn companions_stand_beside_their_functions() {
        assert!(stands_beside("a::b::scale", "a::b::scale"));
        assert!(stands_beside("a::b::scale", "a::b::scale<f64>"));
        assert!(stands_beside(
            "a::floor::__hotloop_companion_of_floor",
            "a::floor::floor"
        ));
        assert!(!stands_beside("a::b::scale", "a::scale"));
        assert!(!stands_beside("a::b::scale", "a::b::scale2"));
        assert!(!stands_beside("a::b::scale", "a::c::scale"));
    }
}
