//! What lowering told of types, as expressions for rustc.

use hotloop_ir::frontend::{ArrayLen, IterMade, Witness};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::deps::{Asker, ident};
use super::shim::scalar_tokens;

/// Whether a type is that of a number.
pub(super) fn is_number(witness: &Witness) -> bool {
    matches!(
        witness,
        Witness::Scalar(_) | Witness::Param(_) | Witness::Int | Witness::Float
    )
}

/// What a witness of a reference refers to.
pub(super) trait Pointee {
    fn pointee(&self) -> &Self;
}

impl Pointee for Witness {
    fn pointee(&self) -> &Self {
        match self {
            Witness::Ref { to, .. } => to.pointee(),
            other => other,
        }
    }
}

/// Whether a part of the type is rustc's to infer.
pub(super) fn is_open(witness: &Witness) -> bool {
    witness.is_open()
}

impl Asker<'_> {
    pub(super) fn witnesses(&self, witnesses: &[Witness]) -> Vec<TokenStream> {
        (witnesses.iter())
            .map(|witness| self.witness(witness))
            .collect()
    }

    /// The same for an argument of a function that is not ours, which may return what a closure gives.
    fn argument(&self, witness: &Witness) -> TokenStream {
        match witness {
            Witness::Closure(n_params, result) => {
                let params = (0..*n_params).map(|_| quote!(_));
                let result = self.witness(result);
                quote!(|#(#params),*| #result)
            }
            other => self.witness(other),
        }
    }

    /// An expression of the type that is meant. It is never run.
    pub(super) fn witness(&self, witness: &Witness) -> TokenStream {
        let any = quote!(::hotloop::__private::any);
        match witness {
            // Nothing has a field, a method or an operator of which only the name is known.
            Witness::Field(..)
            | Witness::Payload(..)
            | Witness::Index(..)
            | Witness::Method(..)
            | Witness::Operator(..)
                if is_open(witness) =>
            {
                quote!(#any())
            }
            Witness::Scalar(scalar) => {
                let ty = scalar_tokens(*scalar);
                quote!(#any::<#ty>())
            }
            Witness::Char => quote!(#any::<::core::primitive::char>()),
            Witness::Param(index) => match self.params.get(*index as usize) {
                Some(param) => quote!(#any::<#param>()),
                None => quote!(#any()),
            },
            Witness::Unit => quote!(()),
            Witness::Tuple(elems) => {
                let elems = self.witnesses(elems);
                quote!((#(#elems,)*))
            }
            Witness::Array(elem, len) => {
                let elem = self.witness(elem);
                let len = len.as_ref().map(|len| match len {
                    ArrayLen::Known(len) => {
                        let len = Literal::u64_unsuffixed(*len);
                        quote!(::<_, #len>)
                    }
                    ArrayLen::Param(name) => {
                        let name = ident(name);
                        quote!(::<_, #name>)
                    }
                });
                quote!(::hotloop::__private::array_of #len(#elem))
            }
            Witness::Slice { elem, mutable } => {
                let elem = self.witness(elem);
                match mutable {
                    false => quote!(::hotloop::__private::slice_of(#elem)),
                    true => quote!(::hotloop::__private::slice_of_mut(#elem)),
                }
            }
            Witness::Ref { to, mutable } => {
                let to = self.witness(to);
                let made = match mutable {
                    false => quote!(::hotloop::__private::ref_of(#to)),
                    true => quote!(::hotloop::__private::mut_of(#to)),
                };
                // Through a variable, so that `&[T; N]` is known to be one before it becomes a `&[T]`.
                quote!({
                    let reference = #made;
                    reference
                })
            }
            Witness::Option(some) => {
                let some = self.witness(some);
                quote!(::core::option::Option::Some(#some))
            }
            Witness::Result(ok, err) => {
                let (ok, err) = (self.witness(ok), self.witness(err));
                quote!(if #any() { ::core::result::Result::Ok(#ok) } else { ::core::result::Result::Err(#err) })
            }
            Witness::Ordering => quote!(#any::<::core::cmp::Ordering>()),
            Witness::Adt(node) => match self.ty(*node) {
                Some(ty) => self.scoped(*node, quote!(#any::<#ty>())),
                None => quote!(#any()),
            },
            Witness::Made(node, made) => match self.path(*node) {
                Some(path) => self.scoped(*node, self.made(&path, made)),
                None => quote!(#any()),
            },
            Witness::Const(node) => match self.path(*node) {
                Some(path) if self.nodes.in_unsafe.contains(node) => self.scoped(
                    *node,
                    quote!({
                        #[allow(static_mut_refs)]
                        let __hotloop_value = unsafe { ::hotloop::__private::value_of(&#path) };
                        __hotloop_value
                    }),
                ),
                Some(path) => self.scoped(*node, quote!(::hotloop::__private::value_of(&#path))),
                None => quote!(#any()),
            },
            Witness::Call(node, args) => match self.path(*node) {
                Some(path) => {
                    let args = self.witnesses(args);
                    let callee = match self.nodes.imports.is_empty() {
                        true => path.to_token_stream(),
                        false => {
                            let path = self.scoped(*node, path.to_token_stream());
                            quote!((#path))
                        }
                    };
                    self.guarded(*node, quote!(#callee(#(#args),*)))
                }
                None => quote!(#any()),
            },
            Witness::Macro(node, names, args) => self
                .macro_witness(*node, names, args)
                .unwrap_or(quote!(#any())),
            Witness::Method(node, receiver, args) => match self.nodes.methods.get(node) {
                Some(call) => {
                    let (name, turbofish) = (&call.method, &call.turbofish);
                    // What was made of numbers is held, so that what is made of it may borrow.
                    let is_held =
                        !is_number(receiver.pointee()) && self.is_of_numbers(receiver.pointee());
                    let args: Vec<_> = args.iter().map(|arg| self.argument(arg)).collect();
                    let mut receiver = self.witness(receiver);
                    if is_held {
                        receiver = quote! {
                            (*(&::hotloop::__private::Receiver::new(::hotloop::__private::address_of(#receiver))).held())
                        };
                    }
                    // What it borrows from would be gone where `unsafe` ends.
                    if *name == "get_unchecked" || *name == "get_unchecked_mut" {
                        receiver = quote!((*::hotloop::__private::mut_of(#receiver)));
                    }
                    let call = quote!(#receiver.#name #turbofish(#(#args),*));
                    self.scoped(*node, self.guarded(*node, call))
                }
                None => quote!(#any()),
            },
            Witness::Operator(node, left, right) => match self.nodes.operators.get(node) {
                Some((name, _)) if name.ends_with("Assign") => {
                    let (left, right) = (self.witness(left), self.witnesses(right));
                    let operator = format!("{}=", operator_tokens(name));
                    let operator = operator.parse().unwrap_or_else(|_| quote!(+=));
                    quote!({
                        let mut __hotloop_place = #left;
                        __hotloop_place #operator #(#right)*;
                    })
                }
                // In Rust's syntax, in which a literal finds its type.
                // Of references not: rustc coerces what stands on the right of an operator.
                Some((name, method))
                    if !name.starts_with("Partial")
                        && (matches!(**left, Witness::Ref { .. })
                            || right
                                .iter()
                                .any(|right| matches!(right, Witness::Ref { .. }))) =>
                {
                    let span = proc_macro2::Span::call_site();
                    let (name, method) = (Ident::new(name, span), Ident::new(method, span));
                    let (left, right) = (self.witness(left), self.witnesses(right));
                    quote!(::core::ops::#name::#method(#left, #(#right),*))
                }
                Some((name, _)) => {
                    let (left, right) = (self.witness(left), self.witnesses(right));
                    let operator = operator_tokens(name);
                    match right.first() {
                        Some(right) => quote!((#left #operator #right)),
                        None => quote!((#operator #left)),
                    }
                }
                None => quote!(#any()),
            },
            Witness::Field(of, name) => {
                let of = self.witness(of);
                let member = member(name);
                // By reference: what the field is part of may be behind one.
                quote!(::hotloop::__private::value_of(&#of.#member))
            }
            Witness::Payload(of, node, name) => match self.path(*node) {
                Some(path) => {
                    let (of, member) = (self.witness(of), member(name));
                    self.scoped(*node, quote!({
                        #[allow(unreachable_patterns, unused_parens)]
                        let payload = match (#of) {
                            #path { #member: payload, .. } => ::hotloop::__private::value_of(&payload),
                            _ => #any(),
                        };
                        payload
                    }))
                }
                None => quote!(#any()),
            },
            Witness::Index(of, index) => {
                let of = self.witness(of);
                let index = match &**index {
                    Witness::Int | Witness::Scalar(hotloop_ir::ScalarTy::Usize) => quote!(0),
                    index if is_open(index) => quote!(0),
                    index => self.witness(index),
                };
                quote!(::hotloop::__private::value_of(&#of[#index]))
            }
            // Lints know what comes of dividing by 0.
            Witness::Int => quote!(1),
            Witness::Float => quote!(0.0),
            Witness::Closure(n_params, _) => {
                let params = (0..*n_params).map(|_| quote!(_));
                quote!(|#(#params),*| #any())
            }
            // rustc looks at the closure last: what the call alone tells is known there.
            Witness::Within(call, outer) => {
                let (call, outer) = (self.witness(call), self.witness(outer));
                quote! {
                    ::hotloop::__private::within(
                        |__hotloop_hole| {
                            let _ = || #outer;
                        },
                        #call,
                    )
                }
            }
            Witness::Hole => quote!(::hotloop::__private::value_of(__hotloop_hole)),
            Witness::Iter(made, item) => {
                let item = self.witness(item);
                match made {
                    IterMade::Elements => {
                        quote!(<[_]>::iter(::hotloop::__private::slice_of(#item)))
                    }
                    IterMade::ElementsMut => {
                        quote!(<[_]>::iter_mut(::hotloop::__private::slice_of_mut(#item)))
                    }
                    IterMade::Copied => quote!(::core::iter::Iterator::copied(
                        <[_]>::iter(::hotloop::__private::slice_of(#item))
                    )),
                    IterMade::Range => quote!((#item..#any())),
                    IterMade::RangeInclusive => quote!((#item..=#any())),
                    IterMade::RangeFrom => quote!((#item..)),
                    IterMade::Other => quote!(::hotloop::__private::iter_of(#item)),
                }
            }
            Witness::Shared(number) => match self.shared_by(*number) {
                Some(shared) if self.may_borrow(shared) => self.witness(shared),
                Some(_) => {
                    let name = shared_name(*number);
                    quote!(#name.get())
                }
                None => quote!(#any()),
            },
            Witness::Unknown => quote!(#any()),
        }
    }

    /// The statement that names what several witnesses have in common. What borrows is told in each of them.
    pub(super) fn share(&self, number: u32, witness: &Witness) -> Option<TokenStream> {
        if self.may_borrow(witness) {
            return None;
        }
        let name = shared_name(number);
        let witness = self.witness(witness);
        Some(quote!(let #name = ::hotloop::__private::shared(|| #witness);))
    }

    pub(super) fn shared_by(&self, number: u32) -> Option<&Witness> {
        let found = self.shared.iter().find(|(known, _)| *known == number);
        found.map(|(_, witness)| *witness)
    }
}

fn shared_name(number: u32) -> Ident {
    format_ident!("__hotloop_shared_{number}")
}

/// The name or the number of a field.
fn member(name: &str) -> TokenStream {
    match name.parse::<u32>() {
        Ok(index) => syn::Index::from(index as usize).to_token_stream(),
        Err(_) => ident(name).to_token_stream(),
    }
}

/// The token of an operator, by the trait.
fn operator_tokens(name: &str) -> TokenStream {
    match name.strip_suffix("Assign").unwrap_or(name) {
        "Add" => quote!(+),
        "Mul" => quote!(*),
        "Div" => quote!(/),
        "Rem" => quote!(%),
        "BitXor" => quote!(^),
        "BitAnd" => quote!(&),
        "BitOr" => quote!(|),
        "Shl" => quote!(<<),
        "Shr" => quote!(>>),
        "Not" => quote!(!),
        "PartialEq" => quote!(==),
        "PartialOrd" => quote!(<),
        // `Sub` and `Neg`.
        _ => quote!(-),
    }
}
