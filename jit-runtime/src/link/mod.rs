//! Gathers a function and all that it calls.
//!
//! The expansion of each function has a function that says what the names in it mean ([`Deps`]); a callee is itself a captured function
//! with such a function ([`InstanceFn`]). `link` follows them from the first one: each function is gathered once for its type arguments.

mod constant_memory;
mod deps;
mod host;
mod methods;
mod numbers;
mod operands;
mod outside;
pub mod precedence;
mod receiver;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::ptr;
use std::sync::Arc;

use hotloop_ir::hir;
use hotloop_ir::instance::{Extern, HostInfo, Instance, TypeInfo};

pub use deps::{
    Binding, Called, Deps, Gives, InstanceFn, Jitted, Marker, NotJitted, StdOrdering, TraitTwin,
    Twin, any, array_of, called, is_ordering, iter_of, like, mut_of, no_deps, ref_of,
    same_function, shared, slice_of, slice_of_mut, value_of, within,
};
pub(crate) use host::resume_host_panic;
pub use host::{HostCall, HostFn, Print, PrintFn};
pub use methods::{Defaults, JittedImpl, Methods, NoDefaults, Takes, method_id, method_id_for};
pub use operands::{
    AnyHost, AnyOperands, Operands, Operator, Unhosted, operands, operands_of, operators,
};
pub use outside::{
    AsItIs, ByDescription, ByIdentity, Crossed, Crossing, HostArgs, Left, Lifted, Returned,
    WriteByDescription, WriteByIdentity, Written, crossed, passed,
};
pub use receiver::{
    Address, ByCopy, ByMove, CopiedReceiver, OtherReceiver, PassedReceiver, Receiver, address_of,
};

use crate::companion::Source;
use crate::error::Error;
use deps::ExternFn;

/// A function and all that it calls, each with what its names mean, before anything of it is read.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The function that is called, then those that it calls.
    found: Vec<InstanceFn>,
    /// What the names of each mean.
    externs: Vec<BTreeMap<u32, Extern>>,
    /// The trampolines, by the names that the externs' [`HostInfo`]s have.
    pub(crate) hosts: HashMap<String, HostCall>,
}

impl Gathered {
    /// Each function, with what its names mean.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&InstanceFn, &BTreeMap<u32, Extern>)> {
        self.found.iter().zip(&self.externs)
    }

    /// Where each function comes from.
    pub(crate) fn sources(&self) -> Vec<&'static Source> {
        self.found.iter().map(|found| found.source).collect()
    }

    /// What is lowered.
    ///
    /// # Errors
    ///
    /// [`Error::Bug`] if what the macro recorded cannot be read.
    pub(crate) fn instances(&self) -> Result<Vec<Instance>, Error> {
        let mut known: Vec<(&'static Source, Arc<hir::Function>)> = Vec::new();
        let instances = self.functions().map(|(found, externs)| {
            let read = known
                .iter()
                .find(|(source, _)| ptr::eq(*source, found.source));
            let function = match read {
                Some((_, function)) => Arc::clone(function),
                None => {
                    let function = Arc::new(found.source.decode()?);
                    known.push((found.source, Arc::clone(&function)));
                    function
                }
            };
            Ok(Instance {
                function,
                module: found.source.module.to_owned(),
                type_args: found.type_args.clone(),
                const_args: found.const_args.clone(),
                externs: externs.clone(),
                build: found.source.options,
            })
        });
        instances.collect()
    }
}

/// The most instances that one function may consist of: a generic function may call itself for ever larger types.
const MAX_INSTANCES: usize = 4096;

/// Gathers the functions that `root` needs, itself first.
///
/// # Errors
///
/// [`Error::Type`] if there are too many.
pub(crate) fn gather(root: InstanceFn) -> Result<Gathered, Error> {
    let mut gathered = Gathered::default();
    gathered.number_of(root);
    let mut next = 0;
    while let Some(instance) = gathered.found.get(next).cloned() {
        if next >= MAX_INSTANCES {
            return Err(Error::Type {
                function: gathered.found[0].source.name.to_owned(),
                message: format!("it consists of more than {MAX_INSTANCES} functions"),
            });
        }
        let externs = gathered.externs_of(&instance);
        gathered.externs.push(externs);
        next += 1;
    }
    Ok(gathered)
}

impl Gathered {
    /// The number of an instance, a new one if it is new.
    fn number_of(&mut self, instance: InstanceFn) -> usize {
        // Types may share name and layout: items of two `const _`, or of two versions of a crate. What the names mean for them is asked by two
        // functions.
        let is_plain = |ty: &TypeInfo| matches!(ty, TypeInfo::Scalar(_));
        let known = self.found.iter().position(|known| {
            ptr::eq(known.source, instance.source)
                && known.type_args == instance.type_args
                && known.const_args == instance.const_args
                && (known.type_args.iter().all(is_plain)
                    || ptr::fn_addr_eq(known.deps, instance.deps))
        });
        known.unwrap_or_else(|| {
            self.found.push(instance);
            self.found.len() - 1
        })
    }

    /// What the names of a function mean; new callees get numbers.
    fn externs_of(&mut self, found: &InstanceFn) -> BTreeMap<u32, Extern> {
        let mut deps = Deps::default();
        (found.deps)(&mut deps);
        let mut externs = BTreeMap::new();
        for (node, meaning) in deps.into_list() {
            let meaning = match meaning {
                ExternFn::Type(ty) => Extern::Type(ty),
                ExternFn::Const(value) => Extern::Const(value),
                ExternFn::Callee(instance) => Extern::Callee(self.number_of(instance)),
                ExternFn::Host(info, call) => Extern::Host(self.host(info, call)),
                ExternFn::NotJitted => Extern::NotJitted,
                ExternFn::OfNumbers => Extern::OfNumbers,
                ExternFn::OutOfReach(fact) => Extern::OutOfReach(fact),
            };
            externs.insert(node, meaning);
        }
        externs
    }

    /// Makes the name of a host function the name of one trampoline only.
    fn host(&mut self, mut info: HostInfo, call: HostCall) -> HostInfo {
        let path = info.name.clone();
        let mut n = 1;
        while (self.hosts.get(&info.name)).is_some_and(|known| !ptr::fn_addr_eq(*known, call)) {
            n += 1;
            info.name = format!("{path}#{n}");
        }
        self.hosts.insert(info.name.clone(), call);
        info
    }
}
