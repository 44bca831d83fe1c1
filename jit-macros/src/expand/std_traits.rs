//! Functions of traits of std that are called by the trait's name, and conversions by `into`: they have no twins, as the types that have them may be
//! any.

use hotloop_ir::frontend::Witness;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::callee::{has_closure, types_of};
use super::deps::{Asker, is_number, is_open};

impl Asker<'_> {
    /// The statement about `x.into()`, if that is no conversion between numbers and both types are told.
    pub(super) fn conversion(
        &self,
        node: u32,
        receiver: &Witness,
        result: &Witness,
    ) -> Option<TokenStream> {
        let is_told = |witness: &Witness| {
            !is_open(witness) && !has_closure(witness) && !self.may_borrow(witness)
        };
        let are_numbers = is_number(receiver) && (is_number(result) || *result == Witness::Char);
        let is_in_place = matches!(result, Witness::Within(..));
        let is_literal = matches!(result, Witness::Int | Witness::Float);
        if are_numbers || is_in_place || is_literal || !is_told(receiver) || !is_told(result) {
            return None;
        }
        let name = &self.nodes.methods.get(&node)?.method;
        let call = self.guarded(node, quote!(__hotloop_0.#name()));
        let (number, types) = (
            Literal::u32_unsuffixed(node),
            types_of(std::slice::from_ref(receiver)),
        );
        let (receiver, result) = (self.witness(receiver), self.witness(result));
        Some(quote! {
            __hotloop_deps.outside(
                #number,
                "into",
                || (#receiver,),
                move |(__hotloop_0,)| ::hotloop::__private::Returned(
                    ::hotloop::__private::like(|| #result, #call)
                ).returned(),
                #types,
            );
        })
    }
}

/// Traits whose functions are called by their paths, and these functions. No type has twins of them, and of a trait nothing but what it has can be
/// named.
const FUNCTIONS_OF_TRAITS: &[(&str, &[&str])] = &[
    ("Default", &["default"]),
    ("From", &["from"]),
    ("Into", &["into"]),
    ("TryFrom", &["try_from"]),
    ("TryInto", &["try_into"]),
    ("Clone", &["clone", "clone_from"]),
    ("ToOwned", &["to_owned"]),
    ("AsRef", &["as_ref"]),
    ("AsMut", &["as_mut"]),
    ("Borrow", &["borrow"]),
    ("BorrowMut", &["borrow_mut"]),
    ("Deref", &["deref"]),
    ("DerefMut", &["deref_mut"]),
    ("FromStr", &["from_str"]),
    ("ToString", &["to_string"]),
    ("Iterator", &["next", "sum", "product", "map", "size_hint"]),
    ("IntoIterator", &["into_iter"]),
    ("DoubleEndedIterator", &["next_back"]),
    ("ExactSizeIterator", &["len"]),
    ("FromIterator", &["from_iter"]),
    ("Sum", &["sum"]),
    ("Product", &["product"]),
    ("PartialEq", &["eq", "ne"]),
    ("PartialOrd", &["partial_cmp", "lt", "le", "gt", "ge"]),
    ("Ord", &["cmp", "min", "max", "clamp"]),
    ("Hash", &["hash"]),
    ("Index", &["index"]),
    ("IndexMut", &["index_mut"]),
    ("Zero", &["zero", "is_zero"]),
    ("One", &["one", "is_one"]),
    ("Bounded", &["min_value", "max_value"]),
    ("NumCast", &["from"]),
    ("AsPrimitive", &["as_"]),
    ("Pow", &["pow"]),
];

/// Whether a path is that of a function of a trait of std or num-traits, by its names, and not qualified by a type.
pub(super) fn is_of_trait(path: &syn::ExprPath) -> bool {
    let mut segments = path.path.segments.iter().rev();
    let (Some(last), Some(owner), None) = (segments.next(), segments.next(), &path.qself) else {
        return false;
    };
    (FUNCTIONS_OF_TRAITS.iter()).any(|(name, functions)| {
        owner.ident == *name && functions.iter().any(|function| last.ident == *function)
    })
}

/// Whether nothing but the result tells whose function of the trait is meant.
pub(super) fn is_told_by_result(path: &syn::ExprPath) -> bool {
    let last = path.path.segments.last();
    let tells = [
        "default",
        "from",
        "into",
        "try_from",
        "try_into",
        "zero",
        "one",
        "min_value",
        "max_value",
        "from_str",
        "from_iter",
        "sum",
        "product",
        "as_ref",
        "as_mut",
        "borrow",
        "borrow_mut",
        "as_",
    ];
    last.is_some_and(|last| tells.iter().any(|name| last.ident == *name))
}
