//! Type and const parameters: which of them make an instance, and which are closures.

use hotloop_ir::frontend::names_iterator;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericParam, TypeParamBound, WherePredicate};

use super::ours::{as_ours, our_ident};
use crate::describe::mentions;

/// The parameters of a function, those of its `impl` first.
#[derive(Debug)]
pub(super) struct Generics {
    /// All of them.
    all: syn::Generics,
    /// Type parameters that stand for types of values.
    pub(super) types: Vec<Ident>,
    /// Type parameters that stand for closures, bounded by `Fn`, `FnMut` or `FnOnce`, or for iterators. They are no part of an instance.
    pub(super) closures: Vec<Ident>,
    /// Const parameters, with the names of their types.
    consts: Vec<(Ident, TokenStream)>,
}

impl Generics {
    pub(super) fn of(generics: &syn::Generics) -> Self {
        let mut found = Generics {
            all: generics.clone(),
            types: Vec::new(),
            closures: Vec::new(),
            consts: Vec::new(),
        };
        for param in &generics.params {
            match param {
                GenericParam::Type(param) => {
                    let list = if is_closure(&param.ident, &param.bounds, generics) {
                        &mut found.closures
                    } else {
                        &mut found.types
                    };
                    list.push(our_ident(&param.ident));
                }
                GenericParam::Const(param) => {
                    let ty = as_ours(param.ty.to_token_stream());
                    found.consts.push((our_ident(&param.ident), ty));
                }
                GenericParam::Lifetime(_) => {}
            }
        }
        found
    }

    /// Of a function that has no instances: none of the parameters is a part of one.
    pub(super) fn of_none(generics: &syn::Generics) -> Self {
        let mut all = generics.clone();
        all.params = (generics.lifetimes().cloned())
            .map(GenericParam::Lifetime)
            .collect();
        all.where_clause = None;
        Generics {
            all,
            types: Vec::new(),
            closures: Vec::new(),
            consts: Vec::new(),
        }
    }

    /// `(T, U,)`, for `TypeArgs`; with the const parameters, if there are any.
    pub(super) fn type_args(&self) -> TokenStream {
        let types = &self.types;
        let types = quote!((#(#types,)*));
        if self.consts.is_empty() {
            return types;
        }
        let consts = self
            .consts
            .iter()
            .map(|(name, ty)| quote!(::hotloop::__private::const_args::#ty<#name>));
        quote!(::hotloop::__private::WithConsts<#types, (#(#consts,)*)>)
    }

    /// How many slots the dispatcher has.
    pub(super) fn n_slots(&self) -> usize {
        match self.types.len() {
            _ if !self.consts.is_empty() => 0,
            0 => 1,
            1 => 16,
            2 => 256,
            _ => 0,
        }
    }

    /// Whether the function is the same for every call.
    pub(super) fn is_empty(&self) -> bool {
        self.types.is_empty() && self.consts.is_empty()
    }

    /// `::<T, N>`, or nothing; with closures or without.
    pub(super) fn turbofish(generics: &syn::Generics, leave_out: &[Ident]) -> TokenStream {
        let args: Vec<_> = (generics.params.iter())
            .filter_map(|param| match param {
                GenericParam::Type(param) if leave_out.contains(&param.ident) => None,
                GenericParam::Type(param) => Some(our_ident(&param.ident)),
                GenericParam::Const(param) => Some(our_ident(&param.ident)),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        if args.is_empty() {
            TokenStream::new()
        } else {
            quote!(::<#(#args),*>)
        }
    }

    /// The parameters and the `where` clause without closures, as ours: of what stands for an instance.
    pub(super) fn of_instance(&self) -> syn::Generics {
        without(&self.all, &self.closures)
    }
}

/// Generics without some of the type parameters, and without what the `where` clause says about them.
pub(super) fn without(generics: &syn::Generics, leave_out: &[Ident]) -> syn::Generics {
    let mut generics = generics.clone();
    if leave_out.is_empty() {
        return generics;
    }
    generics.params = (generics.params.into_iter())
        .filter(|param| match param {
            GenericParam::Type(param) => !leave_out.contains(&param.ident),
            GenericParam::Const(_) | GenericParam::Lifetime(_) => true,
        })
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = (std::mem::take(&mut clause.predicates).into_iter())
            .filter(|predicate| match predicate {
                WherePredicate::Type(predicate) => !mentions(&predicate.bounded_ty, leave_out),
                _ => true,
            })
            .collect();
    }
    generics
}

fn is_closure(
    name: &Ident,
    bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>,
    generics: &syn::Generics,
) -> bool {
    let is_fn = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| {
                ["Fn", "FnMut", "FnOnce"]
                    .iter()
                    .any(|name| last.ident == name)
            })
        }
        _ => false,
    };
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    names_iterator(bounds)
        || bounds.iter().any(is_fn)
        || predicates.into_iter().any(|predicate| match predicate {
            WherePredicate::Type(predicate) => {
                let bounded = &predicate.bounded_ty;
                matches!(bounded, syn::Type::Path(path) if path.path.is_ident(name))
                    && (predicate.bounds.iter().any(is_fn) || names_iterator(&predicate.bounds))
            }
            _ => false,
        })
}
