//! Capture: a function as syn parsed it becomes [`crate::hir`], is looked at by [`crate::lower::check`], and is kept with its tokens.

mod attributes;
mod convert;
mod diag;
mod lets;
mod nodes;
mod pranges;
mod show;
#[cfg(test)]
mod tests;

pub use convert::ty::{into_target, names_iterator};
pub use diag::Diagnostic;
pub use nodes::{NodeTable, PanicMacro, PanicNode, PanicNodeKind};
pub use pranges::SerialPrange;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::hir;
pub use crate::lower::{
    ArrayLen, CaptureUse, Code, ExternKind, ExternUse, IterMade, Leaves, Made, Returned, Witness,
};
use crate::lower::{ReliedOn, check};

/// A function that was captured.
#[derive(Debug)]
pub struct Captured {
    /// Its syntax.
    pub function: hir::Function,
    /// The user's function, with the types that were inferred for its `let`s written in, so that a disagreement with rustc is
    /// a compile error at that `let`.
    pub retained: syn::ItemFn,
    /// What the capture took for granted: that a type parameter (by its index) has a trait, a path below num-traits' root. The
    /// user's bounds imply it, unless a trait of theirs has the name of one of num-traits.
    pub relied_on: Vec<(usize, TokenStream)>,
    /// What has to be asked of rustc.
    pub extern_uses: Vec<ExternUse>,
    /// The tokens of the nodes.
    pub nodes: NodeTable,
    /// Every node that may panic.
    pub panics: Vec<PanicNode>,
    /// The nodes among them that are methods of num-traits.
    pub generic_methods: Vec<u32>,
    /// The nodes among them that are indices by ranges.
    pub range_indices: Vec<u32>,
    /// The uses of `prange` and `par`.
    pub requests: Vec<Request>,
    /// The function as IR, if nothing in it depends on what only rustc knows.
    pub lowered: Option<crate::Function>,
}

/// A word that asks for a parallel loop, `prange` or `par`.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its token.
    pub name: Span,
    /// The word.
    pub word: &'static str,
    /// The places of the loops that it asks for.
    pub loops: Vec<crate::Span>,
}

impl Captured {
    /// The token at a place in the source, the first of the node that starts there.
    pub fn token_at(&self, place: crate::Span) -> Option<Span> {
        let node = (self.function.spans.iter()).position(|span| *span == place)?;
        self.nodes.spans.get(node).copied()
    }
}

/// Captures a function that calls jitted functions only.
///
/// # Errors
/// All problems of the function, in the order of the source.
pub fn capture(item: &syn::ItemFn) -> Result<Captured, Vec<Diagnostic>> {
    capture_with(item, &[], None)
}

/// Captures a function. `hosts` are the paths of functions that it may call although they are not jitted.
///
/// # Errors
/// All problems of the function, in the order of the source.
pub fn capture_function(
    item: &syn::ItemFn,
    hosts: &[syn::Path],
) -> Result<Captured, Vec<Diagnostic>> {
    capture_with(item, hosts, None)
}

/// Captures a method or an associated function of an `impl` with these parameters for this type.
///
/// # Errors
/// All problems of the function, in the order of the source.
pub fn capture_method(
    item: &syn::ItemFn,
    hosts: &[syn::Path],
    generics: &syn::Generics,
    self_ty: &syn::Type,
) -> Result<Captured, Vec<Diagnostic>> {
    capture_with(item, hosts, Some((generics, self_ty)))
}

fn capture_with(
    item: &syn::ItemFn,
    hosts: &[syn::Path],
    header: Option<(&syn::Generics, &syn::Type)>,
) -> Result<Captured, Vec<Diagnostic>> {
    // The addresses of `let`s identify them between the conversion and the writing of their types, so convert the copy.
    let mut retained = item.clone();
    let mut converted = convert::convert(&retained, header).map_err(|span| {
        let name = &item.sig.ident;
        vec![Diagnostic {
            code: Code::Expression,
            message: format!("`{name}` is nested too deeply to be captured by `#[jit]`"),
            help: "split the innermost blocks off, or turn a long `else if` chain around"
                .to_owned(),
            span,
        }]
    })?;
    converted.function.hosts = (hosts.iter())
        .map(|path| path.to_token_stream().to_string().replace(' ', ""))
        .collect();
    let nodes = converted.nodes;
    let checked = check(&converted.function).map_err(|problems| {
        (problems.into_iter())
            .map(|problem| Diagnostic {
                code: problem.code,
                message: problem.message,
                help: problem.help,
                span: nodes.span(problem.span),
            })
            .collect::<Vec<_>>()
    })?;
    let generics = (header.iter()).map(|(generics, _)| *generics);
    let params: Vec<Ident> = (generics.chain([&item.sig.generics]))
        .flat_map(syn::Generics::type_params)
        .map(|param| param.ident.clone())
        .collect();
    let lets = &converted.lets;
    let let_types: Vec<_> = (checked.let_types.iter())
        .filter_map(|(node, ty)| {
            let (address, _) = lets.iter().find(|(_, known)| known == node)?;
            Some((*address, ty))
        })
        .collect();
    lets::write_let_types(&mut retained, &params, &let_types);
    let relied_on = (checked.relied_on.iter())
        .map(|relied_on| (relied_on.param, trait_path(relied_on, &nodes)))
        .collect();
    // An index that is no user's panics at its other node.
    let is_asked = |node: u32| {
        (checked.extern_uses.iter())
            .any(|of| of.node == node && !matches!(of.kind, ExternKind::Shared(_)))
    };
    let panics = (converted.panics.into_iter())
        .filter(|panic| match nodes.operators.get(&panic.node) {
            Some((_, "index_mut")) => is_asked(panic.node),
            _ => true,
        })
        .collect();
    let requests = (checked.requests.iter()).map(|request| Request {
        name: nodes.span(request.name),
        word: request.word,
        loops: request.loops.clone(),
    });
    Ok(Captured {
        requests: requests.collect(),
        lowered: checked.function,
        function: converted.function,
        retained,
        relied_on,
        extern_uses: checked.extern_uses,
        nodes,
        panics,
        generic_methods: checked.generic_methods,
        range_indices: checked.range_indices,
    })
}

/// The syntax of a function, whether or not it can be captured.
#[cfg(test)]
pub(crate) fn convert_unchecked(item: &syn::ItemFn) -> Option<hir::Function> {
    Some(convert::convert(item, None).ok()?.function)
}

/// The path of a trait of num-traits below its root, with the arguments that the user gave it.
fn trait_path(relied_on: &ReliedOn, nodes: &NodeTable) -> TokenStream {
    let modules = (relied_on.module.split("::"))
        .filter(|name| !name.is_empty())
        .map(|name| format_ident!("{name}"));
    let name = format_ident!("{}", relied_on.name);
    let arguments = (nodes.paths.get(&relied_on.node.0))
        .and_then(|path| path.segments.last())
        .map(|last| last.arguments.to_token_stream());
    quote!(#(#modules::)* #name #arguments)
}
