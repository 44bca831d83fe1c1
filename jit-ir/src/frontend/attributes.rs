//! Attributes inside a function.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;

/// The attributes that could remove code, each with its name; others do not change what is computed. An attribute may be on any
/// statement, expression, argument or field, and in the arguments of a macro, so this looks at the tokens.
pub(super) fn refused_attributes(syntax: &impl ToTokens) -> Vec<(String, Span)> {
    let mut refused = Vec::new();
    collect(syntax.to_token_stream(), &mut refused);
    refused
}

fn collect(tokens: TokenStream, refused: &mut Vec<(String, Span)>) {
    let mut after_hash = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if after_hash
                && let Some(TokenTree::Ident(name)) = group.stream().into_iter().next()
                && matches!(name.unraw().to_string().as_str(), "cfg" | "cfg_attr")
            {
                refused.push((name.to_string(), name.span()));
            }
            collect(group.stream(), refused);
        }
        // Of an inner attribute, `#![..]`, too.
        after_hash = matches!(&token, TokenTree::Punct(punct)
            if punct.as_char() == '#' || after_hash && punct.as_char() == '!');
    }
}
