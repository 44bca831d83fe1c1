//! Methods that std does, with the user's closures: the trampoline calls them as they are written.
//!
//! ```text
//! deps.std_method(
//!     7,
//!     "sort_by",
//!     || (slice_of_mut(any::<usize>()), slice_of(any::<f64>())),
//!     |(__hotloop_receiver, keys)| { let _ = __hotloop_receiver.sort_by(|a, b| keys[*a].total_cmp(&keys[*b])); },
//!     |types| crossed(Vec::from([(0, (&types.arg_0()).passed_type()), ..]), (&types.result()).passed_type()),
//! );
//! ```
//!
//! The variables that closures name become parameters of these names. One that a closure changes is passed by `&mut`, and copied in and out.

use hotloop_ir::frontend::{CaptureUse, Witness};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

use super::callee::MAX_HOST_ARGS;
use super::deps::Asker;

impl Asker<'_> {
    /// The statement about a method of std.
    pub(super) fn std_method(
        &self,
        node: u32,
        receiver: &Witness,
        args: &[Option<Witness>],
        captures: &[CaptureUse],
    ) -> Option<TokenStream> {
        let call = self.nodes.methods.get(&node)?;
        let this = format_ident!("__hotloop_receiver");
        let mut names = vec![this.clone()];
        let mut witnesses = vec![self.witness(receiver)];
        let mut written = Vec::new();
        for (index, (arg, tokens)) in args.iter().zip(&call.args).enumerate() {
            match arg {
                Some(witness) => {
                    let name = format_ident!("__hotloop_{index}");
                    written.push(name.to_token_stream());
                    names.push(name);
                    witnesses.push(self.witness(witness));
                }
                None => written.push(without_self(tokens.to_token_stream())),
            }
        }
        let (mut copied_in, mut copied_out) = (Vec::new(), Vec::new());
        for (index, capture) in captures.iter().enumerate() {
            let span = (call.args.iter())
                .find_map(|arg| span_of_name(arg.to_token_stream(), &capture.name))
                .unwrap_or_else(|| call.method.span());
            let name = match capture.name.as_str() {
                "self" => Ident::new(SELF, span),
                name => syn::parse_str::<Ident>(name).ok()?,
            };
            let span = if capture.name == "self" {
                Span::call_site()
            } else {
                span
            };
            let name = Ident::new(&name.to_string(), span);
            let witness = self.witness(&capture.ty);
            if capture.changed {
                let reference = format_ident!("__hotloop_changed_{index}");
                copied_in.push(quote!(let mut #name = *#reference;));
                copied_out.push(quote!(*#reference = #name;));
                witnesses.push(quote!(::hotloop::__private::mut_of(#witness)));
                names.push(reference);
            } else {
                witnesses.push(witness);
                names.push(name);
            }
        }
        if names.len() > MAX_HOST_ARGS {
            return None;
        }
        let (method, turbofish) = (&call.method, &call.turbofish);
        let call = self.guarded(node, quote!(#this.#method #turbofish(#(#written),*)));
        let described = (0..names.len()).map(|index| {
            let arg = format_ident!("arg_{index}");
            quote!((#index, (&__hotloop_types.#arg()).passed_type()))
        });
        let (number, text) = (Literal::u32_unsuffixed(node), method.unraw().to_string());
        Some(quote! {
            __hotloop_deps.std_method(
                #number,
                #text,
                || (#(#witnesses,)*),
                |(#(#names,)*)| {
                    #(#copied_in)*
                    let _ = #call;
                    #(#copied_out)*
                },
                |__hotloop_types| ::hotloop::__private::crossed(
                    ::hotloop::__private::Vec::from([#(#described),*]),
                    (&__hotloop_types.result()).passed_type(),
                ),
            );
        })
    }
}

/// The name that `self` has in a trampoline.
const SELF: &str = "__hotloop_self";

/// Where a name stands.
fn span_of_name(tokens: TokenStream, name: &str) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident.unraw() == name => Some(ident.span()),
        TokenTree::Group(group) => span_of_name(group.stream(), name),
        _ => None,
    })
}

/// The tokens with a name of ours for `self`, which a closure cannot have as a parameter.
fn without_self(tokens: TokenStream) -> TokenStream {
    (tokens.into_iter())
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "self" => {
                Ident::new(SELF, Span::call_site()).into()
            }
            TokenTree::Group(group) => {
                let inner = without_self(group.stream());
                let mut replaced = Group::new(group.delimiter(), inner);
                replaced.set_span(group.span());
                replaced.into()
            }
            other => other,
        })
        .collect()
}
