//! `Self` where tokens of an `impl` stand elsewhere, and the parameters of an `impl` beside those of its methods.

use hotloop_ir::ScalarTy;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ItemFn, ItemImpl, Type};

/// Writes `f64` for `Self` in a method of an `impl` for `f64`, and `T` in one for a type parameter: then the capture knows what it is.
pub(crate) fn spell_self(item: &ItemImpl, method: &mut ItemFn) {
    let Some(ident) = plain_type(&item.self_ty) else {
        return;
    };
    let is_param = item
        .generics
        .type_params()
        .any(|param| param.ident == *ident);
    if !is_param && ScalarTy::from_name(&ident.to_string()).is_none() {
        return;
    }
    let path = item.trait_.as_ref().map(|(path, _)| path);
    let tokens = replace_self(method.to_token_stream(), &mut |of, following| {
        let mut ident = ident.clone();
        ident.set_span(of.span());
        Some(match (following, path) {
            (Some(name), Some(path)) if is_type_name(name) => quote!(<#ident as #path>),
            _ => ident.to_token_stream(),
        })
    });
    if let Ok(spelled) = syn::parse2(tokens) {
        *method = spelled;
    }
}

/// The name that a type is.
fn plain_type(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Group(group) => plain_type(&group.elem),
        Type::Paren(paren) => plain_type(&paren.elem),
        Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

pub(super) fn is_type_name(name: &Ident) -> bool {
    let name = name.to_string();
    name.starts_with(char::is_uppercase) && (name.len() == 1 || name.contains(char::is_lowercase))
}

/// Replaces `Self` by what `with` says, which is told the token and the name after `Self::`.
pub(super) fn replace_self(
    tokens: TokenStream,
    with: &mut dyn FnMut(&Ident, Option<&Ident>) -> Option<TokenStream>,
) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut replaced = TokenStream::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                let following = match tokens.get(index + 3) {
                    Some(TokenTree::Ident(name))
                        if is_colon(tokens.get(index + 1)) && is_colon(tokens.get(index + 2)) =>
                    {
                        Some(name)
                    }
                    _ => None,
                };
                replaced.extend(with(ident, following).unwrap_or_else(|| ident.to_token_stream()));
            }
            TokenTree::Group(group) => {
                let inner = replace_self(group.stream(), with);
                let mut group_replaced = proc_macro2::Group::new(group.delimiter(), inner);
                group_replaced.set_span(group.span());
                replaced.extend([TokenTree::Group(group_replaced)]);
            }
            other => replaced.extend([other.clone()]),
        }
    }
    replaced
}

/// The parameters of an `impl` and of its method: lifetimes first, as Rust wants it.
pub(super) fn merge(outer: &syn::Generics, inner: &syn::Generics) -> syn::Generics {
    let mut merged = outer.clone();
    let lifetimes = inner.lifetimes().cloned().map(syn::GenericParam::Lifetime);
    let outer_params: Vec<_> = merged.params.iter().cloned().collect();
    let is_lifetime = |param: &syn::GenericParam| matches!(param, syn::GenericParam::Lifetime(_));
    let (outer_lifetimes, outer_rest): (Vec<_>, Vec<_>) =
        outer_params.into_iter().partition(is_lifetime);
    let inner_rest = inner
        .params
        .iter()
        .filter(|param| !is_lifetime(param))
        .cloned();
    merged.params = (outer_lifetimes.into_iter().chain(lifetimes))
        .chain(outer_rest)
        .chain(inner_rest)
        .collect();
    if let Some(clause) = &inner.where_clause {
        let predicates = clause.predicates.iter().cloned();
        merged.make_where_clause().predicates.extend(predicates);
    }
    merged
}
