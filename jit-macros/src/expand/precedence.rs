//! Questions by which rustc refuses a call if another method comes before the jitted one of its name (`precedence.rs` of hotloop-runtime says why).

use hotloop_ir::frontend::{ExternKind, ExternUse, Witness};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::deps::{Asker, Pointee as _, is_number, is_open, name_hash};

/// A place where rustc looks for a method before it comes to the jitted one, if that takes what is in the set.
struct Place {
    set: TokenStream,
    /// How many of the receiver's references are left.
    n_refs: usize,
    /// What the method there takes.
    takes: TokenStream,
}

impl Place {
    fn new(set: TokenStream, n_refs: usize, takes: TokenStream) -> Self {
        Place { set, n_refs, takes }
    }
}

/// The places for a receiver with these references, the outermost first; `true` is `&mut`.
fn places(refs: &[bool]) -> Vec<Place> {
    let mut places: Vec<_> = (2..=refs.len())
        .rev()
        .map(|n_refs| Place::new(quote!(AnyTakes), n_refs, quote!(self)))
        .collect();
    let (by_value, by_ref, by_mut) = (quote!(self), quote!(&self), quote!(&mut self));
    match refs.last() {
        None => {
            places.push(Place::new(quote!(AfterValue), 0, by_value));
            places.push(Place::new(quote!(AfterRef), 0, by_ref));
        }
        Some(false) => {
            places.push(Place::new(quote!(OnlySelf), 1, by_value));
            places.push(Place::new(quote!(OnlySelf), 1, by_ref));
        }
        Some(true) => {
            places.push(Place::new(quote!(OnlyRef), 0, by_value.clone()));
            for takes in [by_value, by_ref, by_mut] {
                places.push(Place::new(quote!(AfterMutRef), 1, takes));
            }
        }
    }
    places
}

/// The references that a type begins with, the outermost first; whether they are mutable.
fn references(mut witness: &Witness) -> Vec<bool> {
    let mut refs = Vec::new();
    while let Witness::Ref { to, mutable } = witness {
        refs.push(*mutable);
        witness = to;
    }
    refs
}

impl Asker<'_> {
    /// The questions about the methods that are called.
    pub(super) fn precedences(&self, uses: &[ExternUse]) -> TokenStream {
        let mut known = Vec::new();
        let mut questions = TokenStream::new();
        for of in uses {
            let ExternKind::Method { receiver, args } = &of.kind else {
                continue;
            };
            for question in self.precedence(of.node, receiver, args.len()) {
                let question = self.scoped(of.node, question);
                let text = question.to_string();
                if !known.contains(&text) {
                    known.push(text);
                    questions.extend(question);
                }
            }
        }
        if questions.is_empty() {
            return questions;
        }
        quote! {
            {
                #[allow(unused_imports)]
                use ::hotloop::__private::precedence::{ReceiverOfNone as _, ReceiverOfOwn as _, ReceiverOfTrait as _};
                #questions
            }
        }
    }

    fn precedence(&self, node: u32, receiver: &Witness, n_args: usize) -> Vec<TokenStream> {
        let of = receiver.pointee();
        let Some(call) = self.nodes.methods.get(&node) else {
            return Vec::new();
        };
        if is_open(receiver) || is_number(of) || self.may_borrow(of) {
            return Vec::new();
        }
        let (name, base) = (&call.method, self.witness(of));
        let hash = name_hash(&name.unraw().to_string());
        let refs = references(receiver);
        let params: Vec<_> = (0..n_args).map(|_| quote!(_: ())).collect();
        let args: Vec<_> = (0..n_args).map(|_| quote!(())).collect();
        (places(&refs).into_iter())
            .map(|Place { set, n_refs, takes }| {
                let refs = &refs[refs.len() - n_refs..];
                let (exprs, types): (Vec<_>, Vec<_>) = (refs.iter())
                    .map(|mutable| match mutable {
                        true => (quote!(mut_of), quote!(&'__hotloop mut)),
                        false => (quote!(ref_of), quote!(&'__hotloop)),
                    })
                    .unzip();
                let passed = (exprs.iter().rev()).fold(quote!(__hotloop_value), |value, of| {
                    quote!(::hotloop::__private::#of(#value))
                });
                quote!({
                    struct Other;
                    impl Other {
                        fn #name(self, #(#params),*) {}
                    }
                    trait MethodBeforeTheJittedOne: ::core::marker::Sized {
                        fn #name(#takes, #(#params),*) {}
                    }
                    impl<'__hotloop, T> MethodBeforeTheJittedOne for #(#types)* T {}
                    let _ = || (&&&::hotloop::__private::precedence::asked::<
                        #hash, ::hotloop::__private::precedence::#set, _, _, _
                    >(|| #base, |__hotloop_value| #passed, || Other)).__hotloop_receiver().#name(#(#args),*);
                })
            })
            .collect()
    }
}
