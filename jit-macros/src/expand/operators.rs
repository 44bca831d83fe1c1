//! The operators of std that an `impl` may be of, and the `impl`s that calls find them by (`link/operands.rs` in jit-runtime).

use hotloop_ir::ScalarTy;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{ImplItem, ItemFn, ItemImpl, Type};

use super::ours::as_ours;
use crate::options::Problem;

/// The traits, with their method and whether there is an operand on the right.
const TRAITS: &[(&str, &str, bool)] = &[
    ("Add", "add", true),
    ("Sub", "sub", true),
    ("Mul", "mul", true),
    ("Div", "div", true),
    ("Rem", "rem", true),
    ("BitAnd", "bitand", true),
    ("BitOr", "bitor", true),
    ("BitXor", "bitxor", true),
    ("Shl", "shl", true),
    ("Shr", "shr", true),
    ("Neg", "neg", false),
    ("Not", "not", false),
    ("AddAssign", "add_assign", true),
    ("SubAssign", "sub_assign", true),
    ("MulAssign", "mul_assign", true),
    ("DivAssign", "div_assign", true),
    ("RemAssign", "rem_assign", true),
    ("BitAndAssign", "bitand_assign", true),
    ("BitOrAssign", "bitor_assign", true),
    ("BitXorAssign", "bitxor_assign", true),
    ("ShlAssign", "shl_assign", true),
    ("ShrAssign", "shr_assign", true),
    ("Index", "index", true),
    ("IndexMut", "index_mut", true),
    ("PartialEq", "eq", true),
    ("PartialOrd", "partial_cmp", true),
];

/// An operator that an `impl` is of.
#[derive(Clone, Debug)]
pub(super) struct ImplOf {
    /// The method.
    pub(super) method: Ident,
    /// The type of the right operand, `()` if there is none.
    pub(super) rhs: TokenStream,
}

/// The method of this name, if it is an operator's.
pub(super) fn is_operator_method(name: &str) -> bool {
    TRAITS.iter().any(|(_, method, _)| *method == name)
}

/// The operator that the method of an `impl` is, by the name of the trait.
pub(super) fn impl_of(item: &ItemImpl, method: &Ident) -> Option<ImplOf> {
    let (path, _) = item.trait_.as_ref()?;
    let last = path.segments.last()?;
    let (_, _, has_rhs) = TRAITS
        .iter()
        .find(|(name, of_trait, _)| last.ident == *name && method == *of_trait)?;
    let rhs = match &last.arguments {
        _ if !has_rhs => quote!(()),
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(syn::GenericArgument::Type(ty)) => as_ours(ty.to_token_stream()),
            _ => as_ours(item.self_ty.to_token_stream()),
        },
        _ => as_ours(item.self_ty.to_token_stream()),
    };
    let method = Ident::new(&method.to_string(), proc_macro2::Span::call_site());
    Some(ImplOf { method, rhs })
}

/// Whether an `impl` is of an operator's trait.
pub(super) fn is_operator(item: &ItemImpl) -> bool {
    let last = item
        .trait_
        .as_ref()
        .and_then(|(path, _)| path.segments.last());
    last.is_some_and(|last| TRAITS.iter().any(|(name, ..)| last.ident == *name))
}

/// Methods beside the one that an operator is taken to be: what they do could differ.
pub(super) fn check(item: &ItemImpl) -> Vec<Problem> {
    if !is_operator(item) {
        return Vec::new();
    }
    (item.items.iter())
        .filter_map(|item_fn| match item_fn {
            ImplItem::Fn(item_fn) if impl_of(item, &item_fn.sig.ident).is_none() => {
                Some(Problem::new(
                    item_fn.sig.ident.span(),
                    format!(
                        "the method `{}` of an operator's trait cannot be jitted",
                        item_fn.sig.ident
                    ),
                    "leave it out: compiled code takes it to follow from the others, as std does",
                ))
            }
            _ => None,
        })
        .collect()
}

/// Whether a type is one whose `self` has to be written out: a reference, or a number.
fn is_foreign(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_foreign(&inner.elem),
        Type::Group(inner) => is_foreign(&inner.elem),
        Type::Reference(_) => true,
        Type::Path(path) => {
            let name = path.path.get_ident();
            name.is_some_and(|name| ScalarTy::from_name(&name.to_string()).is_some())
        }
        _ => false,
    }
}

/// Writes the type of `self` out where `Self` is a reference, a number, a slice or a type parameter, which are passed in their own ways.
pub(crate) fn spell_receiver(item: &ItemImpl, method: &mut ItemFn) {
    let Some(syn::FnArg::Receiver(receiver)) = method.sig.inputs.first_mut() else {
        return;
    };
    let self_ty = &item.self_ty;
    let colon = syn::Token![:](receiver.self_token.span);
    let is_param = |ty: &Type| match ty {
        Type::Path(path) => path.path.get_ident().is_some_and(|name| {
            let mut params = item.generics.type_params();
            params.any(|param| param.ident == *name)
        }),
        _ => false,
    };
    match &receiver.kind {
        syn::ReceiverKind::Value if is_foreign(self_ty) || is_param(self_ty) => {
            receiver.kind = syn::ReceiverKind::Typed(colon, self_ty.clone());
        }
        syn::ReceiverKind::Reference(_, lifetime, mutability)
            if matches!(**self_ty, Type::Slice(_)) || is_param(self_ty) =>
        {
            let ty = syn::parse_quote!(&#lifetime #mutability #self_ty);
            receiver.kind = syn::ReceiverKind::Typed(colon, Box::new(ty));
        }
        _ => {}
    }
}
