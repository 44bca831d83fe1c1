//! Names of std on numbers and iterators, which lowering knows without being told: rustc says whether they are std's.

use hotloop_ir::frontend::Witness;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::deps::{Asker, Pointee as _, is_open};

impl Asker<'_> {
    /// The statement about a method or a function that was taken for an operator's or a comparison's of std. None of their traits' methods is
    /// there without an import, so a trait of the user's may have it.
    pub(super) fn meant(&self, node: u32, args: &[Witness]) -> Option<TokenStream> {
        let id = match self.nodes.methods.get(&node) {
            // Which of its `impl`s is meant, the argument does not tell.
            Some(call) if call.method == "as_" => {
                let (number, name) = (self.witness(args.first()?.pointee()), &call.method);
                return Some(quote!({
                    use ::hotloop::__private::num_traits::AsPrimitive as _;
                    let _ = || -> f64 { #number.#name() };
                }));
            }
            Some(call) => {
                let (ty, name) = (self.witness_type(args.first()?.pointee())?, &call.method);
                self.method_id(node, &quote!(<#ty>::#name), args)
            }
            None => {
                let (path, args) = (self.path(node)?, self.witnesses(args));
                quote!(::hotloop::__private::method_id_for(#path, || (#(#args,)*)))
            }
        };
        let node = Literal::u32_unsuffixed(node);
        Some(quote!(__hotloop_deps.meant(#node, #id);))
    }

    /// A call that rustc finds ambiguous if a trait in scope has a method of this name that takes its receiver by value: that would come before
    /// std's, which borrows it.
    pub(super) fn borrows(
        &self,
        node: u32,
        receiver: &Witness,
        n_args: usize,
    ) -> Option<TokenStream> {
        let name = &self.nodes.methods.get(&node)?.method;
        if let Witness::Ref { to, .. } = receiver
            && matches!(**to, Witness::Array(..))
        {
            let by_reference = self.precedes(name, receiver, n_args, &[quote!(self)])?;
            let of_array = self.borrows(node, to, n_args)?;
            return Some(quote!(#by_reference #of_array));
        }
        // All places of an array come before those of its slice.
        let takes = match receiver {
            Witness::Array(..) => vec![quote!(self), quote!(&self), quote!(&mut self)],
            _ => vec![quote!(self)],
        };
        self.precedes(name, receiver, n_args, &takes)
    }

    /// Calls that rustc finds ambiguous if there is another method where these are.
    fn precedes(
        &self,
        name: &Ident,
        receiver: &Witness,
        n_args: usize,
        takes: &[TokenStream],
    ) -> Option<TokenStream> {
        let receiver = match is_open(receiver) {
            true => match receiver {
                Witness::Iter(made, _) => {
                    self.witness(&Witness::Iter(*made, Box::new(Witness::Unit)))
                }
                _ => return None,
            },
            false => self.witness(receiver),
        };
        let params: Vec<_> = (0..n_args).map(|_| quote!(_: ())).collect();
        let args: Vec<_> = (0..n_args).map(|_| quote!(())).collect();
        let questions = takes.iter().map(|takes| {
            quote!({
                trait MethodOfStdThatJitCompiles: ::core::marker::Sized {
                    fn #name(#takes, #(#params),*) {}
                }
                impl<T> MethodOfStdThatJitCompiles for T {}
                let _ = || #receiver.#name(#(#args),*);
            })
        });
        Some(quote!(#(#questions)*))
    }
}
