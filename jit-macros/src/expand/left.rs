//! Functions that are left to rustc, because a type parameter of theirs is surely no number: then nothing of them is captured.
//!
//! What they are is said where a call is asked about, by `f::report()` and `f::declined()`, and to jitted callers, which call them as they call
//! all that is not jitted.

use hotloop_ir::frontend::names_iterator;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, ItemFn, Signature, Type, TypeParamBound, WherePredicate};

use super::generics::Generics;
use super::ours::{as_ours, our_ident};
use super::{Function, deps, namesake, tools};
use crate::attributes;
use crate::describe::mentions;
use crate::options::{JitOptions, Problem};

/// Why a function is left to rustc; `outer` are the parameters of its `impl`.
pub(crate) fn reason(signature: &Signature, outer: Option<&syn::Generics>) -> Option<String> {
    let all: Vec<_> = outer.into_iter().chain([&signature.generics]).collect();
    let mut bounded = Vec::new();
    for (generics, is_outer) in (all.iter().rev()).zip([false, true]) {
        for param in &generics.params {
            if let GenericParam::Type(param) = param {
                bounded.push((
                    param.ident.to_string(),
                    is_outer,
                    param.bounds.iter().collect(),
                ));
            }
        }
        let predicates = (generics.where_clause.iter()).flat_map(|clause| &clause.predicates);
        for predicate in predicates {
            if let WherePredicate::Type(predicate) = predicate
                && let Type::Path(path) = &predicate.bounded_ty
                && let Some(name) = path.path.get_ident()
            {
                bounded.push((
                    name.to_string(),
                    is_outer,
                    predicate.bounds.iter().collect(),
                ));
            }
        }
    }
    let of_bounds =
        (bounded.iter()).find_map(|(name, is_outer, bounds): &(String, bool, Vec<_>)| {
            let what = match *is_outer && is_open(bounds) {
                // Only the function's own are parts of its callers.
                true => "is a closure's or an iterator's",
                false => no_number(bounds)?,
            };
            Some(format!(
                "its type parameter `{name}` {what}, which no number is"
            ))
        });
    of_bounds.or_else(|| {
        (signature.inputs.iter()).find_map(|input| match input {
            syn::FnArg::Typed(typed) => {
                let (bounds, by_ref) = impl_bounds(&typed.ty)?;
                let pat = &typed.pat;
                let what = match (no_number(&bounds), by_ref) {
                    (Some(what), _) => what,
                    (None, true) if !is_open(&bounds) => {
                        "is a reference to whatever has these traits"
                    }
                    (None, _) => return None,
                };
                let pat = pat.to_token_stream();
                Some(format!("its parameter `{pat}` {what}, which no number is"))
            }
            syn::FnArg::Receiver(_) => None,
        })
    })
}

/// What keeps a type with these bounds from being a number's.
fn no_number(bounds: &[&TypeParamBound]) -> Option<&'static str> {
    if is_open(bounds) {
        return None;
    }
    let is_unsized = |bound: &&TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some());
    (bounds.iter())
        .any(is_unsized)
        .then_some("may be a type without a size")
}

/// Whether it is a closure or an iterator, which jitted callers know.
fn is_open(bounds: &[&TypeParamBound]) -> bool {
    let is_callable = bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => (bound.path.segments.last())
            .is_some_and(|last| ["Fn", "FnMut", "FnOnce"].iter().any(|it| last.ident == it)),
        _ => false,
    });
    is_callable || names_iterator(bounds.iter().copied())
}

/// Whether a function takes an iterator.
pub(crate) fn takes_iterator(signature: &Signature) -> bool {
    let generics = Generics::of(&signature.generics);
    let names_one = |ty: &Type| match impl_bounds(ty) {
        Some((bounds, _)) => names_iterator(bounds),
        None => mentions(ty, &generics.closures),
    };
    (signature.inputs.iter())
        .any(|input| matches!(input, syn::FnArg::Typed(typed) if names_one(&typed.ty)))
}

/// Why a function is compiled as a part of its jitted callers only: what it takes.
pub(super) fn contained(signature: &Signature) -> &'static str {
    if takes_iterator(signature) {
        "it takes a closure or an iterator, and is compiled as a part of its jitted callers only"
    } else {
        "what it takes or returns passes between compiled functions only: it is a part of its jitted callers"
    }
}

/// The bounds of `impl Trait`, and whether it is behind a reference.
fn impl_bounds(ty: &Type) -> Option<(Vec<&TypeParamBound>, bool)> {
    match ty {
        Type::Paren(inner) => impl_bounds(&inner.elem),
        Type::Group(inner) => impl_bounds(&inner.elem),
        Type::Reference(reference) => Some((impl_bounds(&reference.elem)?.0, true)),
        Type::ImplTrait(imp) => Some((imp.bounds.iter().collect(), false)),
        _ => None,
    }
}

/// Replaces `#[jit] fn shuffle<R: Rng + ?Sized>(x: &mut [f64], rng: &mut R) { .. }` by
///
/// ```text
/// fn shuffle<R: Rng + ?Sized>(x: &mut [f64], rng: &mut R) {
///     shuffle::__hotloop().left();
///     shuffle::plain::<R>(x, rng)
/// }
/// enum shuffle {}
/// impl shuffle {
///     fn plain<R: Rng + ?Sized>(x: &mut [f64], rng: &mut R) { .. }      // the user's body
///     fn report() -> Report { .. }                                      // and the other tools
///     fn __hotloop_instance_of<R: Rng + ?Sized>(x: &mut [f64], rng: &mut R) -> NotJitted { any() }
///     fn __hotloop() -> &'static Dispatcher<1> { .. }
/// }
/// impl JitFunction for shuffle { .. }
/// ```
///
/// # Errors
///
/// If the options ask for what only compiled code has.
pub(crate) fn expand_left(
    item: &ItemFn,
    reason: &str,
    options: &JitOptions,
) -> Result<TokenStream, Vec<Problem>> {
    if let Some(require) = options.require {
        return Err(vec![Problem::new(
            require.span,
            format!("`require` on a function that is left to rustc: {reason}"),
            "remove `require(..)`",
        )]);
    }
    let function = Function::left(item)?;
    let attributes = attributes::sort(&item.attrs);
    let (vis, companion) = (&item.vis, &function.companion);
    let (function_attrs, plain_attrs, item_attrs) =
        (&attributes.function, &attributes.plain, &attributes.item);
    let signature = function.shim_signature(item);
    let call = function.call_plain(item);
    let mut plain = item.sig.clone();
    plain.ident = Ident::new("plain", item.sig.ident.span());
    let plain_vis = match function.is_namesake {
        true => as_ours(vis.to_token_stream()),
        false => vis.to_token_stream(),
    };
    let block = &item.block;
    let tools_vis = as_ours(vis.to_token_stream());
    let companion_vis = (!function.is_namesake).then_some(&tools_vis);
    let beside = (function.is_namesake)
        .then(|| namesake::beside(&function, item, &attributes.item, &attributes.trap));
    let doc = format!(
        "What hotloop knows of [`{0}()`], which is left to rustc.",
        function.name
    );
    let tools = tools::tools(&tools_vis, &function);
    let twin = function.twin(&tools_vis, item, &format_ident!("{}", deps::TWIN));
    let table = table(&function.name, reason);
    Ok(quote! {
        #(#function_attrs)*
        #vis #signature {
            #companion::__hotloop().left();
            #call
        }
        #(#item_attrs)*
        #[doc = #doc]
        #companion_vis enum #companion {}
        #(#item_attrs)*
        impl #companion {
            #[doc = "The function as rustc compiled it.\n\n# Panics\n\nAs the function itself."]
            #(#plain_attrs)*
            #plain_vis #plain #block
            #tools
            #twin
            #[inline(always)]
            fn __hotloop() -> &'static ::hotloop::__private::Dispatcher<1> {
                #table
                &__HOTLOOP
            }
        }
        #beside
        #(#item_attrs)*
        impl ::hotloop::JitFunction for #companion {
            #[inline]
            fn __registry() -> &'static ::hotloop::__private::Registry {
                #companion::__hotloop().registry()
            }
        }
    })
}

/// What a method that is left to rustc does first.
pub(crate) fn left_prologue(name: &Ident, reason: &str) -> TokenStream {
    let table = table(&our_ident(name).to_string(), reason);
    quote! {{
        #table
        __HOTLOOP.left();
    }}
}

/// The static that knows the reason.
fn table(name: &str, reason: &str) -> TokenStream {
    quote! {
        static __HOTLOOP: ::hotloop::__private::Dispatcher<1> =
            ::hotloop::__private::Dispatcher::new(::hotloop::__private::Source::left(
                #name,
                ::core::module_path!(),
                #reason,
            ));
    }
}
