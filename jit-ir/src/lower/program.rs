//! From instances to a program.

use std::cell::{Cell, RefCell};

use crate::func::{Host, HostTy, Program};
use crate::instance::Instance;
use crate::span::Span;
use crate::specialize::BuildOptions;
use crate::ty::ScalarTy;

use super::body::Context;
use super::local_fns::LocalFns;
use super::{finish, state};

/// Why instances cannot be lowered. What can be known at build time was reported then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{function}` at {}:{}: {message}", position.line, position.column)]
pub struct LowerError {
    /// The function.
    pub function: String,
    /// The token that stands in the way.
    pub position: Span,
    /// The fact.
    pub message: String,
}

/// A program, with what the instances say of its functions.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The program. Type parameters that stand for a known type are replaced.
    pub program: Program,
    /// For each function the number of its instance.
    pub instances: Vec<usize>,
    /// For each function what it has to be specialized with.
    pub builds: Vec<BuildOptions>,
    /// Whether the first function's result has another name for `()`, `Option` or `Result` in it: then it cannot be called by what is written.
    pub is_renamed: bool,
}

/// What a program consists of, found as it is lowered.
#[derive(Default)]
pub(super) struct Linkage {
    /// The instance of each function, and its number among those that are written inside of others.
    functions: RefCell<Vec<(usize, Option<usize>)>>,
    pub(super) local_fns: LocalFns,
    hosts: RefCell<Vec<Host>>,
    is_renamed: Cell<bool>,
    /// Whether no copy stands for a shared reference.
    pub(super) keeps_refs: bool,
}

impl Linkage {
    /// The number of the function that an instance becomes.
    pub(super) fn function(&self, instance: usize) -> u32 {
        self.number(instance, None)
    }

    /// The number of a function that is written inside of an instance.
    pub(super) fn local_function(&self, instance: u32, local: usize) -> u32 {
        self.number(instance as usize, Some(local))
    }

    fn number(&self, instance: usize, local: Option<usize>) -> u32 {
        let key = (instance, local);
        let mut functions = self.functions.borrow_mut();
        let known = functions.iter().position(|known| *known == key);
        known.unwrap_or_else(|| {
            functions.push(key);
            functions.len() - 1
        }) as u32
    }

    /// Notes that the result of an instance is written by another name.
    pub(super) fn note_renamed(&self, instance: u32) {
        if instance == 0 {
            self.is_renamed.set(true);
        }
    }

    /// The number of a macro that prints: each has one of its own.
    pub(super) fn print(&self, host: Host) -> u32 {
        let mut hosts = self.hosts.borrow_mut();
        hosts.push(host);
        hosts.len() as u32 - 1
    }

    /// Says what a macro prints.
    pub(super) fn set_params(&self, host: u32, params: Vec<ScalarTy>) {
        if let Some(host) = self.hosts.borrow_mut().get_mut(host as usize) {
            host.params = params.into_iter().map(HostTy::Scalar).collect();
        }
    }

    /// The number of a host function.
    pub(super) fn host(&self, host: Host) -> u32 {
        let mut hosts = self.hosts.borrow_mut();
        let known = hosts.iter().position(|known| *known == host);
        known.unwrap_or_else(|| {
            hosts.push(host);
            hosts.len() - 1
        }) as u32
    }
}

/// Lowers instances: the first, which is called from outside, and all that it really calls, directly or not. Functions that take closures
/// are no functions of the program, but parts of those that call them.
///
/// # Errors
///
/// The first problem of the first function that has one.
pub fn lower_program(instances: &[Instance]) -> Result<Lowered, LowerError> {
    lower(instances, Linkage::default())
}

/// As [`lower_program`], of a program of which [`lets_copies_out`](crate::lets_copies_out) holds: in no variable is a copy of what a reference
/// points to instead of the reference.
///
/// # Errors
///
/// As [`lower_program`].
pub fn lower_keeping_references(instances: &[Instance]) -> Result<Lowered, LowerError> {
    let linkage = Linkage {
        keeps_refs: true,
        ..Linkage::default()
    };
    lower(instances, linkage)
}

fn lower(instances: &[Instance], linkage: Linkage) -> Result<Lowered, LowerError> {
    linkage.function(0);
    let mut functions = Vec::new();
    let mut builds = Vec::new();
    loop {
        let next = linkage.functions.borrow().get(functions.len()).copied();
        let Some((number, local)) = next else {
            break;
        };
        let Some(instance) = instances.get(number) else {
            break;
        };
        let written = local.and_then(|local| linkage.local_fns.get(local));
        let item = written.unwrap_or(&instance.function);
        let context = Context {
            instances,
            number: number as u32,
            linkage: &linkage,
        };
        let lowered = state::lower(item, Some(context))
            .and_then(|mut lowering| {
                builds.push(lowering.settle_build());
                finish::finish(lowering)
            })
            .map_err(|problems| to_error(instances, instance, &problems))?;
        functions.push(lowered);
    }
    Ok(Lowered {
        program: Program {
            functions,
            hosts: linkage.hosts.into_inner(),
        },
        instances: (linkage.functions.into_inner().into_iter())
            .map(|(instance, _)| instance)
            .collect(),
        builds,
        is_renamed: linkage.is_renamed.get(),
    })
}

fn to_error(
    instances: &[Instance],
    instance: &Instance,
    problems: &[super::Diagnostic],
) -> LowerError {
    let first = problems.first();
    // The problem may be in the body of another function that is a part of this one.
    let function = match first.and_then(|first| instances.get(first.origin as usize)) {
        Some(instance) => &instance.function,
        None => &instance.function,
    };
    let (position, message) = match first {
        Some(first) => (function.position(first.span), first.message.clone()),
        None => (Span::UNKNOWN, "it cannot be lowered".to_owned()),
    };
    LowerError {
        function: function.name().to_owned(),
        position,
        message,
    }
}
