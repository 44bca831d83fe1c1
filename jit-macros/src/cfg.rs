//! `#[cfg]` inside of a body: rustc decides it after the capture, so it is moved out to where rustc decides it before.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Arm, Attribute, Block, Expr, ImplItemFn, ItemFn, Meta, Stmt, Token, TraitItemFn};

use super::Item;

/// The item twice: with the first of its conditional parts (statements, match arms, elements of lists, fields) if the condition holds, and without it if not. `None` if there
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
        Item::Trait(mut item) => {
            first.visit_item_trait_mut(&mut item);
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

    fn visit_trait_item_fn_mut(&mut self, item: &mut TraitItemFn) {
        if let Some(block) = &mut item.default {
            self.visit_block_mut(block);
        }
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

    fn visit_expr_array_mut(&mut self, expr: &mut syn::ExprArray) {
        if !self.list(&mut expr.elems) {
            visit_mut::visit_expr_array_mut(self, expr);
        }
    }

    fn visit_expr_tuple_mut(&mut self, expr: &mut syn::ExprTuple) {
        if !self.list(&mut expr.elems) {
            visit_mut::visit_expr_tuple_mut(self, expr);
        }
    }

    fn visit_expr_call_mut(&mut self, expr: &mut syn::ExprCall) {
        if !self.list(&mut expr.args) {
            visit_mut::visit_expr_call_mut(self, expr);
        }
    }

    fn visit_expr_method_call_mut(&mut self, expr: &mut syn::ExprMethodCall) {
        if !self.list(&mut expr.args) {
            visit_mut::visit_expr_method_call_mut(self, expr);
        }
    }

    fn visit_expr_struct_mut(&mut self, expr: &mut syn::ExprStruct) {
        if !self.fields(&mut expr.fields, |field| &mut field.attrs) {
            visit_mut::visit_expr_struct_mut(self, expr);
        }
    }

    fn visit_pat_struct_mut(&mut self, pat: &mut syn::PatStruct) {
        if !self.fields(&mut pat.fields, |field| &mut field.attrs) {
            visit_mut::visit_pat_struct_mut(self, pat);
        }
    }
}

impl First {
    /// Settles the first element of a list that has a condition. `false`: there is none.
    fn list(&mut self, elems: &mut Punctuated<Expr, Token![,]>) -> bool {
        if self.predicate.is_some() {
            return true;
        }
        let found = (elems.iter().enumerate())
            .find_map(|(index, elem)| Some((index, conditional_element(elem)?)));
        let Some((index, (rest, predicate))) = found else {
            return false;
        };
        self.predicate = Some(predicate);
        let kept = std::mem::take(elems).into_iter().enumerate();
        *elems = kept
            .filter_map(|(at, elem)| match at == index {
                true => self.holds.then(|| rest.clone()),
                false => Some(elem),
            })
            .collect();
        true
    }

    /// The same of fields, by their attributes.
    fn fields<F: Clone>(
        &mut self,
        fields: &mut Punctuated<F, Token![,]>,
        attributes: impl Fn(&mut F) -> &mut Vec<Attribute>,
    ) -> bool {
        if self.predicate.is_some() {
            return true;
        }
        let found = (fields.iter_mut().enumerate())
            .find_map(|(index, field)| Some((index, of_attributes(attributes(field))?)));
        let Some((index, (attribute, predicate))) = found else {
            return false;
        };
        self.predicate = Some(predicate);
        let kept = std::mem::take(fields).into_iter().enumerate();
        *fields = kept
            .filter_map(|(at, mut field)| {
                if at != index {
                    return Some(field);
                }
                attributes(&mut field).remove(attribute);
                self.holds.then_some(field)
            })
            .collect();
        true
    }
}

/// An element of a list without its `#[cfg]`, and the condition. Where it is not sure that the attribute belongs to all of the element, nothing.
fn conditional_element(elem: &Expr) -> Option<(Expr, TokenStream)> {
    let (tokens, predicate) = without_condition(elem.to_token_stream())?;
    let rest: Expr = syn::parse2(tokens).ok()?;
    let is_whole = !matches!(
        rest,
        Expr::Binary(_) | Expr::Assign(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Let(_)
    );
    is_whole.then_some((rest, predicate))
}

/// The condition of a match arm, and the index of its attribute.
fn of_arm(arm: &Arm) -> Option<(usize, TokenStream)> {
    of_attributes(&arm.attrs)
}

/// The first condition among attributes, and its index.
fn of_attributes(attributes: &[Attribute]) -> Option<(usize, TokenStream)> {
    (attributes.iter().enumerate()).find_map(|(index, attribute)| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some((index, list.tokens.clone())),
        _ => None,
    })
}

/// A statement without its `#[cfg]`, and the condition. What syn makes an attribute of a statement's first operand belongs to the statement,
/// so this looks at the tokens.
fn conditional(stmt: &Stmt) -> Option<(Vec<Stmt>, TokenStream)> {
    let (rest, predicate) = without_condition(stmt.to_token_stream())?;
    let parser = |input: syn::parse::ParseStream<'_>| Block::parse_within(input);
    let rest = syn::parse::Parser::parse2(parser, rest).ok()?;
    Some((rest, predicate))
}

/// Tokens without the first `#[cfg]` among the attributes that they begin with, and its condition.
fn without_condition(tokens: TokenStream) -> Option<(TokenStream, TokenStream)> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
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
            return Some((tokens.into_iter().collect(), predicate));
        }
        at += 2;
    }
    None
}
