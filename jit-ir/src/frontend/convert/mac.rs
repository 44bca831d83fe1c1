//! Macros.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;

use super::Converter;
use crate::frontend::show::show_expr;
use crate::hir::{self, MacroArgs};

/// What may stand in a macro of std, parsed.
enum Parsed {
    List(Vec<syn::Expr>),
    Repeat(Box<syn::Expr>, Box<syn::Expr>),
    Matches(Box<syn::Expr>, Box<syn::Pat>, Option<Box<syn::Expr>>),
}

impl Converter {
    pub(super) fn mac(&mut self, mac: &syn::Macro) -> hir::Macro {
        let path = self.path(&mac.path);
        self.nodes.macros.insert(path.span.0, mac.clone());
        let span = self.node_of(mac);
        let name = (mac.path.segments.last()).map_or_else(String::new, |it| it.ident.to_string());
        // What comes from elsewhere than std is known to rustc only, whatever its name.
        let known = if path.may_be_of_std() {
            name.as_str()
        } else {
            ""
        };
        let args = match self.macro_args(known, mac, path.span) {
            Ok(args) => args,
            Err(span) => MacroArgs::Malformed(self.node(span)),
        };
        hir::Macro { path, args, span }
    }

    /// The arguments of a macro whose name has this node; or where they cannot be parsed.
    fn macro_args(
        &mut self,
        name: &str,
        mac: &syn::Macro,
        node: hir::Span,
    ) -> Result<MacroArgs, Span> {
        let tokens = &mac.tokens;
        Ok(match name {
            "panic" | "unreachable" | "todo" | "unimplemented" => {
                let args = parse_list(tokens)?;
                self.macro_may_panic(mac, node, None, 0, &args);
                MacroArgs::Message(self.format(&args))
            }
            "println" | "print" | "eprintln" | "eprint" => {
                MacroArgs::Message(self.format(&parse_list(tokens)?))
            }
            "assert" | "debug_assert" => {
                let args = parse_list(tokens)?;
                let Some((condition, message)) = args.split_first() else {
                    return Ok(MacroArgs::Unknown);
                };
                let text = show_expr(condition);
                self.macro_may_panic(mac, node, Some(&text), 1, &args);
                MacroArgs::Assert {
                    condition: self.boxed_expr(condition),
                    text,
                    message: self.format(message),
                }
            }
            "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => {
                let args = parse_list(tokens)?;
                let [left, right, message @ ..] = args.as_slice() else {
                    return Ok(MacroArgs::Unknown);
                };
                self.macro_may_panic(mac, node, None, 2, &args);
                MacroArgs::AssertEq {
                    left: self.boxed_expr(left),
                    right: self.boxed_expr(right),
                    message: self.format(message),
                }
            }
            "dbg" | "vec" | "matches" => {
                let parse = |input: ParseStream<'_>| parse_special(name, input);
                match parse.parse2(tokens.clone()).map_err(|it| it.span())? {
                    Parsed::List(list) => {
                        MacroArgs::List(list.iter().map(|it| self.expr(it)).collect())
                    }
                    Parsed::Repeat(expr, len) => MacroArgs::Repeat {
                        expr: self.boxed_expr(&expr),
                        len: self.boxed_expr(&len),
                    },
                    Parsed::Matches(expr, pat, guard) => MacroArgs::Matches {
                        expr: self.boxed_expr(&expr),
                        pat: Box::new(self.test(&pat)),
                        guard: guard.map(|guard| self.boxed_expr(&guard)),
                    },
                }
            }
            "cfg" => MacroArgs::Cfg(tokens.to_string()),
            _ => self.macro_of_others(tokens, node),
        })
    }

    /// The arguments of a macro that only rustc knows.
    fn macro_of_others(&mut self, tokens: &TokenStream, node: hir::Span) -> MacroArgs {
        if self.in_unsafe {
            self.nodes.in_unsafe.insert(node.0);
        }
        let mut names = Vec::new();
        let leaves = has_ident(tokens, &["break", "continue"]) || has_question(tokens);
        if has_ident(tokens, &["await", "yield"]) || leaves && has_label(tokens) {
            return MacroArgs::Unknown;
        }
        each_name(tokens, &mut |name, span| {
            let hygiene = self.hygiene(span);
            let is_known = |known: &hir::Ident| known.name == name && known.hygiene == hygiene;
            if !names.iter().any(is_known) {
                let span = self.node(span);
                self.nodes.macro_names.insert(span.0, name.to_owned());
                names.push(hir::Ident {
                    name: name.to_owned(),
                    hygiene,
                    span,
                });
            }
        });
        match has_ident(tokens, &["return"]) {
            _ if leaves => MacroArgs::Leaving(names),
            true => MacroArgs::Returning(names),
            false => MacroArgs::Names(names),
        }
    }

    fn format(&mut self, args: &[syn::Expr]) -> hir::Format {
        hir::Format {
            args: args.iter().map(|arg| self.expr(arg)).collect(),
        }
    }
}

/// Whether one of these words is among tokens.
fn has_ident(tokens: &TokenStream, words: &[&str]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => has_ident(&group.stream(), words),
        TokenTree::Ident(ident) => words.contains(&&*ident.to_string()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether a label or a lifetime is among tokens.
fn has_label(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => has_label(&group.stream()),
        TokenTree::Punct(punct) => punct.as_char() == '\'',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether a `?` is among tokens.
fn has_question(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => has_question(&group.stream()),
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// The names in tokens that may be those of variables, also in the strings that may be formatted.
fn each_name(tokens: &TokenStream, note: &mut dyn FnMut(&str, Span)) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_punct = |index: Option<usize>, c: char| {
        let token = index.and_then(|index| tokens.get(index));
        matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
    };
    for (index, token) in tokens.iter().enumerate() {
        let before = |by: usize| index.checked_sub(by);
        match token {
            TokenTree::Group(group) => each_name(&group.stream(), note),
            TokenTree::Ident(ident) => {
                let is_member = is_punct(before(1), '.') && !is_punct(before(2), '.');
                let is_path = is_punct(Some(index + 1), ':') && is_punct(Some(index + 2), ':');
                let is_lifetime = is_punct(before(1), '\'');
                // What no variable is called, and no macro can declare.
                let is_word = ident == "true" || ident == "false";
                if !(is_member || is_path || is_lifetime || is_word) {
                    note(&ident.to_string(), ident.span());
                }
            }
            TokenTree::Literal(literal) => {
                if let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) {
                    for used in hir::captures(&text.value()) {
                        if !used.name.starts_with(|c: char| c.is_ascii_digit()) {
                            note(&used.name, literal.span());
                        }
                    }
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

fn parse_list(tokens: &TokenStream) -> Result<Vec<syn::Expr>, Span> {
    Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated
        .parse2(tokens.clone())
        .map(|args| args.into_iter().collect())
        .map_err(|error| error.span())
}

fn parse_special(name: &str, input: ParseStream<'_>) -> syn::Result<Parsed> {
    if name == "matches" {
        let expr = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let pat = Box::new(syn::Pat::parse_multi_with_leading_vert(input)?);
        let guard = match input.parse::<Option<syn::Token![if]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        input.parse::<Option<syn::Token![,]>>()?;
        return Ok(Parsed::Matches(expr, pat, guard));
    }
    if input.is_empty() {
        return Ok(Parsed::List(Vec::new()));
    }
    let first: syn::Expr = input.parse()?;
    if name == "vec" && input.parse::<Option<syn::Token![;]>>()?.is_some() {
        return Ok(Parsed::Repeat(Box::new(first), input.parse()?));
    }
    let mut list = vec![first];
    while input.parse::<Option<syn::Token![,]>>()?.is_some() && !input.is_empty() {
        list.push(input.parse()?);
    }
    Ok(Parsed::List(list))
}
