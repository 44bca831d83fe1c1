//! From syn's syntax to [`crate::hir`].
//!
//! Nothing is judged here: what cannot be represented becomes a [`hir::Refusal`], which lowering reports when it gets there. Every node gets a
//! number, and the tokens that the expansion needs again are kept by it.

mod desugar;
mod expr;
mod mac;
mod panics;
mod pat;
mod signature;
mod stmt;
pub(crate) mod ty;

use std::collections::HashMap;

use proc_macro2::Span;
use syn::spanned::Spanned;

use super::attributes::refused_attributes;
use super::nodes::{NodeTable, PanicNode};
use crate::hir::{self, MAX_NESTING};
use crate::lower::Code;

/// A converted function, with what belongs to its nodes.
pub(super) struct Converted {
    pub(super) function: hir::Function,
    pub(super) nodes: NodeTable,
    pub(super) panics: Vec<PanicNode>,
    /// The nodes of `let`s by the address of their syntax.
    pub(super) lets: Vec<(*const syn::Local, hir::Span)>,
}

/// The state of a conversion.
#[derive(Default)]
pub(super) struct Converter {
    nodes: NodeTable,
    panics: Vec<PanicNode>,
    lets: Vec<(*const syn::Local, hir::Span)>,
    /// The number of each hygiene, by rustc's text of it.
    hygienes: HashMap<String, u32>,
    depth: usize,
    /// How many blocks are around.
    block_depth: usize,
    too_deep: bool,
    /// The name of the type of the `impl`, if it has parameters.
    self_name: Option<syn::Ident>,
    /// The type parameter that the `impl` is for, `T` of `impl<T: Float> Shape for T`: another name of `Self`.
    self_param: Option<syn::Ident>,
    /// Whether calls of `unsafe fn`s are allowed here.
    in_unsafe: bool,
    /// Whether the pattern at hand decides where the function goes on.
    in_test: bool,
}

/// Which macro a token comes from: names of different hygiene are different names. rustc tells no other way than `Debug`, which prints
/// `#7 bytes(100..101)`; without such a text, all tokens are alike.
fn hygiene_text(span: Span) -> String {
    format!("{span:?}")
        .split_once(" bytes(")
        .map(|(hygiene, _)| hygiene.to_owned())
        .unwrap_or_default()
}

/// Converts a function; with the header of its `impl`, a method.
///
/// # Errors
///
/// The span of its name if it is nested too deep.
pub(super) fn convert(
    item: &syn::ItemFn,
    header: Option<(&syn::Generics, &syn::Type)>,
) -> Result<Converted, Span> {
    let mut converter = Converter::default();
    // The function's own hygiene is 0.
    converter.hygiene(item.sig.ident.span());
    if let Some((_, syn::Type::Path(ty))) = header
        && let Some(last) = ty.path.segments.last()
        && !last.arguments.is_none()
    {
        converter.self_name = Some(last.ident.clone());
    }
    if let Some((generics, syn::Type::Path(ty))) = header
        && let Some(name) = ty.path.get_ident()
        && generics.type_params().any(|param| param.ident == *name)
    {
        converter.self_param = Some(name.clone());
    }
    let self_ty = header.map(|(_, ty)| converter.ty(ty));
    let sig = converter.signature(&item.sig, header.map(|(generics, _)| generics));
    converter.in_unsafe = matches!(item.sig.safety, syn::Safety::Unsafe(_));
    let block = converter.block(&item.block);
    let refusals = refused_attributes(&item.block)
        .into_iter()
        .map(|(name, span)| hir::Refusal {
            code: Code::Attribute,
            message: format!("`#[{name}]` inside a function cannot be captured by `#[jit]`"),
            help: "put the attribute on the function, or use `if cfg!(debug_assertions)`"
                .to_owned(),
            span: converter.node(span),
        })
        .collect();
    let spans = (converter.nodes.spans.iter())
        .map(|span| {
            let start = span.start();
            crate::Span::new(start.line as u32, start.column as u32 + 1)
        })
        .collect();
    let function = hir::Function {
        file: item.sig.ident.span().file(),
        spans,
        self_ty,
        hosts: Vec::new(),
        refusals,
        sig,
        block,
    };
    if converter.too_deep || hir::encode(&function).is_err() {
        return Err(item.sig.ident.span());
    }
    Ok(Converted {
        function,
        nodes: converter.nodes,
        panics: converter.panics,
        lets: converter.lets,
    })
}

impl Converter {
    /// A new node.
    fn node(&mut self, span: Span) -> hir::Span {
        self.nodes.spans.push(span);
        hir::Span(self.nodes.spans.len() as u32 - 1)
    }

    /// A new node for all of some syntax.
    fn node_of(&mut self, syntax: &impl Spanned) -> hir::Span {
        self.node(syntax.span())
    }

    fn hygiene(&mut self, span: Span) -> u32 {
        let next = self.hygienes.len() as u32;
        *self.hygienes.entry(hygiene_text(span)).or_insert(next)
    }

    fn ident(&mut self, ident: &syn::Ident) -> hir::Ident {
        hir::Ident {
            name: ident.to_string(),
            hygiene: self.hygiene(ident.span()),
            span: self.node(ident.span()),
        }
    }

    fn lifetime(&mut self, lifetime: &syn::Lifetime) -> hir::Lifetime {
        hir::Lifetime {
            ident: hir::Ident {
                name: lifetime.ident.to_string(),
                hygiene: self.hygiene(lifetime.ident.span()),
                span: self.node(lifetime.span()),
            },
        }
    }

    fn label(&mut self, label: &syn::Label) -> hir::Label {
        hir::Label {
            name: self.lifetime(&label.name),
        }
    }

    fn member(&mut self, member: &syn::Member) -> hir::Member {
        match member {
            syn::Member::Named(ident) => hir::Member::Named(self.ident(ident)),
            syn::Member::Unnamed(index) => hir::Member::Unnamed(hir::Index {
                index: index.index,
                span: self.node(index.span),
            }),
        }
    }

    fn refusal(&mut self, code: Code, span: Span, what: &str, help: &str) -> hir::Refusal {
        hir::Refusal {
            code,
            message: format!("{what} cannot be captured by `#[jit]`"),
            help: help.to_owned(),
            span: self.node(span),
        }
    }

    /// Runs one level deeper; gives `otherwise` beyond the limit.
    fn nested<R>(
        &mut self,
        otherwise: impl FnOnce(hir::Span) -> R,
        run: impl FnOnce(&mut Self) -> R,
    ) -> R {
        if self.depth >= MAX_NESTING {
            self.too_deep = true;
            return otherwise(hir::Span::default());
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }
}
