//! Where the user's attributes go: the function that is called, rustc's version of it, or every item of the expansion.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// The user's attributes, sorted by what they belong to.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    /// All of them, for the function that is called; `expect(..)` weakened to `allow(..)`, because what it expects is in
    /// the body.
    pub(crate) function: Vec<TokenStream>,
    /// Those for the function that holds the body: lints, inlining, `track_caller`, `must_use`.
    pub(crate) plain: Vec<TokenStream>,
    /// Those for the function that replays panics: `track_caller`, which moves their locations to the caller.
    pub(crate) trap: Vec<TokenStream>,
    /// Those for every item: `cfg`.
    pub(crate) item: Vec<TokenStream>,
}

/// Sorts the attributes of a function.
pub(crate) fn sort(attributes: &[Attribute]) -> Attributes {
    let mut sorted = Attributes::default();
    for attribute in attributes {
        if let Some(groups) = sort_cfg_attr(attribute) {
            sorted.function.extend(groups.function);
            sorted.plain.extend(groups.plain);
            sorted.trap.extend(groups.trap);
            sorted.item.extend(groups.item);
            continue;
        }
        let whole = attribute.to_token_stream();
        let place = place_of(&attribute.meta);
        sorted.function.push(match weakened(&attribute.meta) {
            Some(meta) => quote!(#[#meta]),
            None => whole.clone(),
        });
        if place.plain {
            sorted.plain.push(whole.clone());
        }
        if place.trap {
            sorted.trap.push(whole.clone());
        }
        if place.item {
            sorted.item.push(whole);
        }
    }
    sorted
}

#[derive(Clone, Copy, Default)]
struct Place {
    plain: bool,
    trap: bool,
    item: bool,
}

fn place_of(meta: &Meta) -> Place {
    let path = meta.path();
    let is = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
    let first_is = |name: &str| {
        path.segments
            .first()
            .is_some_and(|first| first.ident == name)
    };
    let doc_hidden = path.is_ident("doc")
        && matches!(meta, Meta::List(list) if list.tokens.to_string() == "hidden");
    Place {
        plain: is(&[
            "allow",
            "warn",
            "deny",
            "forbid",
            "expect",
            "inline",
            "cold",
            "must_use",
            "track_caller",
            "optimize",
        ]) || first_is("clippy"),
        trap: is(&["track_caller"]),
        item: is(&["cfg"]) || doc_hidden,
    }
}

/// `allow(..)` for `expect(..)`.
fn weakened(meta: &Meta) -> Option<TokenStream> {
    match meta {
        Meta::List(list) if list.path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        _ => None,
    }
}

/// `cfg_attr(condition, a, b)` goes where `a` and `b` go, each under the condition.
fn sort_cfg_attr(attribute: &Attribute) -> Option<Attributes> {
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    let metas = attribute
        .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        .ok()?;
    let mut metas = metas.iter();
    let condition = metas.next()?;
    let mut sorted = Attributes::default();
    for meta in metas {
        let whole = quote!(#[cfg_attr(#condition, #meta)]);
        let place = place_of(meta);
        sorted.function.push(match weakened(meta) {
            Some(meta) => quote!(#[cfg_attr(#condition, #meta)]),
            None => whole.clone(),
        });
        if place.plain {
            sorted.plain.push(whole.clone());
        }
        if place.trap {
            sorted.trap.push(whole.clone());
        }
        if place.item {
            sorted.item.push(whole);
        }
    }
    Some(sorted)
}
