//! Spans of what the user did not write.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

/// A name of the user's in a place where the user did not write it.
pub(super) fn our_ident(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(our_span(ident.span()));
    ident
}

/// The user's tokens in a place where the user did not write them.
pub(super) fn as_ours(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut ours = Group::new(group.delimiter(), as_ours(group.stream()));
                ours.set_span(our_span(group.span()));
                TokenTree::Group(ours)
            }
            mut token => {
                token.set_span(our_span(token.span()));
                token
            }
        })
        .collect()
}

/// Points to the user's token, and says that the macro wrote it: rustc's and clippy's lints pass over such tokens.
pub(super) fn our_span(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}
