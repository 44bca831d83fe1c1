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

/// Whether a macro of this name is none whose arguments the capture looks at, and the name no keyword in front of a `!`.
fn is_macro_of_others(name: &str) -> bool {
    let is_known = name.starts_with("assert")
        || name.starts_with("debug_assert")
        || matches!(
            name,
            "panic"
                | "unreachable"
                | "todo"
                | "unimplemented"
                | "println"
                | "print"
                | "eprintln"
                | "eprint"
                | "dbg"
                | "vec"
                | "matches"
                | "azip"
                | "s"
        );
    let is_keyword = matches!(
        name,
        "if" | "while" | "return" | "in" | "match" | "else" | "break" | "move" | "as"
    );
    !is_known && !is_keyword
}

fn collect(tokens: TokenStream, refused: &mut Vec<(String, Span)>) {
    let mut after_hash = false;
    // Of a macro that is called: what only rustc expands decides about its own tokens.
    let mut before: [Option<TokenTree>; 2] = [None, None];
    for token in tokens {
        let [name, bang] = &before;
        let is_others = matches!((name, bang), (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(bang)))
            if bang.as_char() == '!' && is_macro_of_others(&name.unraw().to_string()));
        if is_others && matches!(token, TokenTree::Group(_)) {
            before = [None, None];
            continue;
        }
        before = [before[1].take(), Some(token.clone())];
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
