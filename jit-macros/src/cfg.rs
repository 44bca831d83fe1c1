//! `#[cfg]` inside of a body: rustc decides it after the capture, so it is moved out to where rustc decides it before.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Block, ImplItemFn, ItemFn, Meta, Stmt};

use super::Item;

/// The item twice: with the first of its conditional statements or match arms if the condition holds, and without it if not. `None` if there
/// is no such thing. The attribute is given to both, so that it comes back for the next one.
pub(super) fn split(attribute: &TokenStream, item: &Item) -> Option<TokenStream> {
    let (with, predicate) = settle(item, true)?;
    let (without, _) = settle(item, false)?;
    Some(quote! {
        #[cfg(#predicate)]
        #[::hotloop::jit(#attribute)]
        #with
        #[cfg(not(#predicate))]
        #[::hotloop::jit(#attribute)]
        #without
    })
}

/// The item with its first condition taken to hold or not to hold, and the condition.
fn settle(item: &Item, holds: bool) -> Option<(TokenStream, TokenStream)> {
    let mut first = First {
        holds,
        predicate: None,
    };
    let item = match item.clone() {
        Item::Fn(mut item) => {
            first.visit_item_fn_mut(&mut item);
            item.into_token_stream()
        }
        Item::Impl(mut item) => {
            first.visit_item_impl_mut(&mut item);
            item.into_token_stream()
        }
    };
    Some((item, first.predicate?))
}

/// Looks for the first condition.
struct First {
    holds: bool,
    predicate: Option<TokenStream>,
}

impl VisitMut for First {
    // Attributes of the function itself are decided before the capture.
    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        self.visit_block_mut(&mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        self.visit_block_mut(&mut item.block);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        for index in 0..block.stmts.len() {
            if self.predicate.is_some() {
                return;
            }
            let Some((rest, predicate)) = conditional(&block.stmts[index]) else {
                visit_mut::visit_stmt_mut(self, &mut block.stmts[index]);
                continue;
            };
            self.predicate = Some(predicate);
            let rest = if self.holds { rest } else { Vec::new() };
            block.stmts.splice(index..=index, rest);
            return;
        }
    }

    fn visit_expr_match_mut(&mut self, expr: &mut syn::ExprMatch) {
        let found = (expr.arms.iter().enumerate())
            .find_map(|(arm, syntax)| Some((arm, of_arm(syntax)?)))
            .filter(|_| self.predicate.is_none());
        if let Some((arm, (attribute, predicate))) = found {
            self.predicate = Some(predicate);
            if self.holds {
                expr.arms[arm].attrs.remove(attribute);
            } else {
                expr.arms.remove(arm);
            }
        } else {
            visit_mut::visit_expr_match_mut(self, expr);
        }
    }
}

/// The condition of a match arm, and the index of its attribute.
fn of_arm(arm: &Arm) -> Option<(usize, TokenStream)> {
    (arm.attrs.iter().enumerate()).find_map(|(index, attribute)| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some((index, list.tokens.clone())),
        _ => None,
    })
}

/// A statement without its `#[cfg]`, and the condition. What syn makes an attribute of a statement's first operand belongs to the statement,
/// so this looks at the tokens.
fn conditional(stmt: &Stmt) -> Option<(Vec<Stmt>, TokenStream)> {
    let mut tokens: Vec<TokenTree> = stmt.to_token_stream().into_iter().collect();
    let mut at = 0;
    while let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = &tokens[at..] {
        if hash.as_char() != '#' {
            return None;
        }
        let mut inside = group.stream().into_iter();
        if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(predicate))) =
            (inside.next(), inside.next())
            && name == "cfg"
        {
            let predicate = predicate.stream();
            tokens.drain(at..at + 2);
            let parser = |input: syn::parse::ParseStream<'_>| Block::parse_within(input);
            let rest = syn::parse::Parser::parse2(parser, tokens.into_iter().collect()).ok()?;
            return Some((rest, predicate));
        }
        at += 2;
    }
    None
}
